"""db/install.xml as SQL: the plugin's tables, made for real."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from mock_moodle.plugins.errors import PluginError

TYPES = {"int": "INTEGER", "number": "NUMERIC", "float": "REAL", "char": "TEXT", "text": "TEXT", "binary": "BLOB"}


def create_statements(install_xml: bytes) -> Iterator[str]:
    """CREATE TABLE and CREATE INDEX statements that leave existing tables alone. Raises PluginError for broken XML."""
    if not install_xml:
        return
    try:
        root = fromstring(install_xml)
    except (ParseError, DefusedXmlException) as error:
        raise PluginError(f"db/install.xml: {error}; mend it with Moodle's XMLDB editor") from error
    for table in root.iter("TABLE"):
        name = _name(table)
        columns = [_column(field) for field in table.iter("FIELD")]
        yield f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(columns)})"
        for index in table.iter("INDEX"):
            unique = "UNIQUE " if index.get("UNIQUE") == "true" else ""
            fields = ", ".join(f'"{column.strip()}"' for column in index.get("FIELDS", "").split(","))
            yield f'CREATE {unique}INDEX IF NOT EXISTS {name[:-1]}_{index.get("NAME")}" ON {name} ({fields})'


def _name(element: Element) -> str:
    return '"' + element.get("NAME", "").replace('"', "") + '"'


def _column(field: Element) -> str:
    name, kind = _name(field), TYPES.get(field.get("TYPE", ""), "TEXT")
    if field.get("SEQUENCE") == "true":
        return f"{name} INTEGER PRIMARY KEY"
    required = " NOT NULL" if field.get("NOTNULL") == "true" else ""
    default = field.get("DEFAULT")
    quoted = "" if default is None else " DEFAULT '" + default.replace("'", "''") + "'"
    return f"{name} {kind}{required}{quoted}"
