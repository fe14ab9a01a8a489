"""Strings that are asked for but defined in no shipped language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from plugin_builder.check.findings import Finding
from plugin_builder.check.subject import Subject
from plugin_builder.php_source import variable

_ARGUMENTS = rb"""\s*\(\s*(['"])([a-zA-Z0-9_:/\-]+)\1\s*,\s*(['"])(\w+)\3"""
# The patterns begin with plain letters, which are searched for far faster than a boundary or a choice.
_PHP = re.compile(rb"_string(?:(?<=\Wget_string)|(?<=[\s\\]lang_string))" + _ARGUMENTS)
_MUSTACHE = re.compile(rb"\{\{#\s*str\s*\}\}\s*([a-zA-Z0-9_:/\-]+)\s*,\s*(\w+)\s*(?:,|\{\{/)")
_JAVASCRIPT = re.compile(rb"tring(?:(?<=\Wget_[sS]tring)|(?<=\Wget[sS]tring))" + _ARGUMENTS)
LONGEST_LINE = 1000


@cache
def _patterns() -> dict[str, tuple[re.Pattern[bytes], int, int]]:
    return {".php": (_PHP, 2, 4), ".mustache": (_MUSTACHE, 1, 2), ".js": (_JAVASCRIPT, 2, 4)}


def undefined(subject: Subject) -> Iterator[Finding]:
    package = subject.package
    owners = {package.component, package.name if package.type == "mod" else None}
    if not subject.strings:
        return
    for file in package.files:
        pattern = _patterns().get("." + file.rsplit(".", 1)[-1])
        if pattern is None or subject.is_third_party(file) or "/build/" in f"/{file}":
            continue
        content = package.files[file]
        said = set()
        for match in pattern[0].finditer(content):
            key, owner = match[pattern[1]].decode(), match[pattern[2]].decode()
            asked = owner in owners and key not in said and not subject.is_string(key)
            if asked and not _is_comment(subject, file, match.start()):
                said.add(key)
                line = content.count(b"\n", 0, match.start()) + 1
                message = f"The string {key!r} is defined in no shipped language."
                yield Finding("undefinedstring", "warning", message, "Define it in lang/en.", file, line)


def _is_comment(subject: Subject, file: str, at: int) -> bool:
    content = subject.package.files[file]
    if file.endswith(".php"):
        return file in subject.php_files and subject.is_php_comment(file, at)
    if file.endswith(".mustache"):
        return content.rfind(b"{{!", 0, at) > content.rfind(b"}}", 0, at)
    near = max(0, at - LONGEST_LINE)
    line = content[max(near, content.rfind(b"\n", near, at) + 1) : at].lstrip()
    return line.startswith((b"//", b"*", b"/*"))


def of_capabilities(subject: Subject) -> Iterator[Finding]:
    """Roles show a capability by the string named after it."""
    file = "db/access.php"
    declared = variable(subject.package.files[file], "capabilities") if file in subject.package.files else None
    for name in declared if isinstance(declared, dict) and subject.strings else ():
        key = str(name).partition("/")[2]
        if not subject.is_string(key):
            message = f"The capability {name} has no string {key!r}; the role page shows its bare name."
            yield Finding("undefinedstring", "warning", message, "Define it in lang/en.", file)


RULES = (undefined, of_capabilities)
