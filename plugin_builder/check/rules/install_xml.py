"""db/install.xml against XMLDB's rules: structure, names, lengths, types."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from plugin_builder.check.findings import Finding
from plugin_builder.check.subject import Subject

FILE = "db/install.xml"
MOST_BYTES = 2**20
_NAMED = re.compile(rb"<(TABLE|FIELD)\b[^<>]*?\bNAME=[\"']([^\"'<>]*)")
Lines = Mapping[tuple[str, str], int]
TYPES = {"int": 20, "number": 38, "float": 20, "char": 1333, "text": None, "binary": None, "datetime": None}
"""XMLDB's types and the greatest length of each."""
WITH_DECIMALS = ("number", "float")
KEYS = {"primary", "unique", "foreign", "foreign-unique"}
NAME = re.compile(r"[a-z][a-z0-9_]*")
NAMES_GREW = 403
"""The branch since which table and column names may be longer."""
TABLE_NAME, COLUMN_NAME = (28, 53), (30, 63)
"""The most letters of a name before and after that."""
_RESERVED = (
    "add all alter and as asc between by case check column constraint create cross current_date current_time "
    "current_timestamp current_user database default delete desc distinct drop else end exists false fetch for "
    "foreign from full grant group groups having in index inner insert into is join key keys leading left like "
    "limit lock natural not null offset on or order outer primary range rank references rename right rows "
    "select set table then to trailing trigger true union unique update user using values when where window "
    "with write "
)
RESERVED = frozenset(_RESERVED.split())


def _find(code: str, message: str, mend: str, line: int | None = None) -> Finding:
    return Finding(code, "error", message, mend, FILE, line)


def tables(subject: Subject) -> Iterator[Finding]:
    content = subject.package.files.get(FILE)
    if content is None:
        return
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    if len(content) > MOST_BYTES:
        message = f"It has more than {MOST_BYTES // 2**20} MB and was not looked at."
        yield Finding("notread", "warning", message, "Keep to the plugin's own tables.", FILE)
        return
    try:
        root = fromstring(content)
    except ParseError as error:
        yield _find("installxml", f"It is not well-formed XML: {error}.", "Mend the XML.", error.position[0])
        return
    except DefusedXmlException:
        yield _find("installxml", "It declares entities.", "Leave the document type out.")
        return
    except (ValueError, LookupError) as error:
        yield _find("installxml", f"It cannot be read: {error}.", "Save it as UTF-8.")
        return
    found = root.findall("TABLES/TABLE")
    if root.tag != "XMLDB" or not found:
        yield _find("installxml", "It has no XMLDB/TABLES/TABLE.", "Write it with Moodle's XMLDB editor.")
    for name, count in Counter(table.get("NAME", "") for table in found).items():
        if count > 1:
            yield _find("duplicatetable", f"The table {name} is there {count} times.", "Keep one.")
    lines = _lines(content)
    for table in found:
        yield from _table(subject, table, lines)


def _lines(content: bytes) -> Lines:
    """Tag and name → line of the first."""
    found: dict[tuple[str, str], int] = {}
    line, before = 1, 0
    for match in _NAMED.finditer(content):
        line += content.count(b"\n", before, match.start())
        before = match.start()
        found.setdefault((match[1].decode(), match[2].decode("utf-8", "replace")), line)
    return found


def _table(subject: Subject, table: Element, lines: Lines) -> Iterator[Finding]:
    name = table.get("NAME", "")
    line = lines.get(("TABLE", name))
    grown = min(release.branch for release in subject.releases) >= NAMES_GREW
    yield from _name("table", name, TABLE_NAME[grown], line)
    fields = table.findall("FIELDS/FIELD")
    names = [field.get("NAME", "") for field in fields]
    for field in fields:
        yield from _field(name, field, COLUMN_NAME[grown], lines.get(("FIELD", field.get("NAME", ""))))
    for field_name, count in Counter(names).items():
        if count > 1:
            yield _find("duplicatefield", f"{name}: the field {field_name} is there {count} times.", "Keep one.", line)
    yield from _keys(table, name, frozenset(names), line)


def _name(what: str, name: str, longest: int, line: int | None) -> Iterator[Finding]:
    if not NAME.fullmatch(name):
        message = f"The {what} name {name!r} is not a–z, 0–9 and _, beginning with a letter."
        yield _find("xmldbname", message, "Rename it.", line)
    elif len(name) > longest:
        message = f"The {what} name {name} has {len(name)} letters; the oldest Moodle it is for takes {longest}."
        yield _find("xmldbname", message, "Shorten it.", line)
    elif name in RESERVED:
        message = f"The {what} name {name} is a reserved word of a database."
        yield Finding("xmldbreserved", "warning", message, "Rename it.", FILE, line)


def _field(table: str, field: Element, longest: int, line: int | None) -> Iterator[Finding]:
    name, kind, length = field.get("NAME", ""), field.get("TYPE", ""), field.get("LENGTH", "")
    yield from _name("field", name, longest, line)
    if kind not in TYPES:
        yield _find("xmldbtype", f"{table}.{name}: {kind!r} is no XMLDB type.", f"Use one of {', '.join(TYPES)}.", line)
        return
    most = TYPES[kind]
    if most is not None and kind != "float" and not (re.fullmatch(r"[0-9]{1,6}", length) and 1 <= int(length) <= most):
        message = f"{table}.{name}: a length of {length or 'nothing'} does not go with {kind}."
        yield _find("xmldblength", message, f"Give 1 to {most}.", line)
    yield from _switches(table, field, ("NOTNULL", "SEQUENCE", "UNSIGNED"), line)
    yield from _decimals(table, field, line)
    default, not_null = field.get("DEFAULT"), field.get("NOTNULL") == "true"
    if default is not None and kind in ("text", "binary"):
        yield _find("xmldbdefault", f"{table}.{name}: {kind} takes no default.", "Leave DEFAULT out.", line)
    if default == "" and kind == "char" and not_null:
        message = f"{table}.{name}: an empty default of a field that must not be null fails on Oracle."
        yield Finding("xmldbdefault", "warning", message, "Leave DEFAULT out.", FILE, line)
    if default is not None and kind in ("int", "number") and not re.fullmatch(r"-?\d+(\.\d+)?", default):
        yield _find("xmldbdefault", f"{table}.{name}: {default!r} is no number.", "Give a number.", line)


def _switches(table: str, element: Element, names: Sequence[str], line: int | None) -> Iterator[Finding]:
    for name in names:
        value = element.get(name, "true")
        if value.strip().lower() not in ("true", "false"):
            message = f"{table}.{element.get('NAME')}: {name} is {value!r}."
            yield _find("xmldbswitch", message, "Write true or false.", line)


def _decimals(table: str, field: Element, line: int | None) -> Iterator[Finding]:
    name, kind, decimals, length = (field.get(key, "") for key in ("NAME", "TYPE", "DECIMALS", "LENGTH"))
    if "DECIMALS" not in field.attrib:
        return
    if kind not in WITH_DECIMALS:
        message = f"{table}.{name}: {kind} has no decimals."
        yield _find("xmldbdecimals", message, "Leave DECIMALS out.", line)
    elif not re.fullmatch(r"[0-9]{1,6}", decimals) or (length.isdecimal() and int(decimals) > int(length[:6])):
        message = f"{table}.{name}: {decimals!r} decimals do not go with a length of {length or 'nothing'}."
        yield _find("xmldbdecimals", message, "Give fewer than LENGTH.", line)


def _keys(table: Element, name: str, fields: frozenset[str], line: int | None) -> Iterator[Finding]:
    keys = table.findall("KEYS/KEY")
    if not any(key.get("TYPE") == "primary" and key.get("FIELDS") == "id" for key in keys):
        yield _find("xmldbprimary", f"{name}: no primary key on id.", "Add it.", line)
    for key in keys:
        if key.get("TYPE") not in KEYS:
            message = f"{name}: {key.get('TYPE')!r} is no type of key."
            yield _find("xmldbkey", message, f"Use one of {', '.join(sorted(KEYS))}.", line)
        if key.get("TYPE", "").startswith("foreign") and not (key.get("REFTABLE") and key.get("REFFIELDS")):
            message = f"{name}: the foreign key {key.get('NAME')} refers to nothing."
            yield _find("xmldbkey", message, "Give REFTABLE and REFFIELDS.", line)
    indexes = table.findall("INDEXES/INDEX")
    for index in indexes:
        yield from _switches(name, index, ("UNIQUE",), line)
    for each in (*keys, *indexes):
        for field in (part.strip() for part in each.get("FIELDS", "").split(",")):
            if field not in fields:
                message = f"{name}: {each.get('NAME')} names the field {field!r}, which the table has not."
                yield _find("xmldbkey", message, "Correct FIELDS.", line)


RULES = (tables,)
