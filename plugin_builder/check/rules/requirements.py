"""What moodle-plugin-ci's `validate` asks of a plugin, by its type. What is not there at all, only `files` asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from plugin_builder.check.components import language_file
from plugin_builder.check.findings import Finding
from plugin_builder.check.subject import Subject, line_of
from plugin_builder.php_source import variable

UPGRADE = "db/upgrade.php"
MOST_TAG_BYTES = 2**14
"""How much of a feature is searched for its tags, which stand at its top."""


@dataclass(frozen=True)
class Required:
    """`{name}` and `{component}` stand for the plugin's; of each group of strings one is enough."""

    files: tuple[str, ...] = ()
    strings: tuple[tuple[str, ...], ...] = (("pluginname",),)
    capability: str = ""
    functions: tuple[str, ...] = ()
    """In lib.php."""
    classes: tuple[tuple[str, str], ...] = ()
    """File and full name."""
    calls: tuple[tuple[str, str], ...] = ()
    """File and function."""
    table: str = ""
    upgrade: str = "xmldb_{component}_upgrade"
    prefixes: tuple[str, ...] = ("{component}",)
    """What each table's name begins with, one of these."""


REQUIRED = {
    "auth": Required(files=("auth.php",), classes=(("auth.php", "auth_plugin_{name}"),)),
    "block": Required(files=("{component}.php", "db/access.php"), classes=(("{component}.php", "{component}"),)),
    "dataformat": Required(strings=(("dataformat",),)),
    "filter": Required(files=("filter.php",), strings=(("filtername",),), classes=(("filter.php", "filter_{name}"),)),
    "format": Required(files=("format.php",), classes=(("renderer.php", "format_{name}_renderer"),)),
    "mod": Required(
        files=("lib.php", "mod_form.php", "view.php", "index.php", "db/install.xml", "db/access.php"),
        strings=(("modulename", "pluginname"), ("{name}:addinstance",)),
        capability="mod/{name}:addinstance",
        functions=("{name}_add_instance", "{name}_update_instance"),
        table="{name}",
        upgrade="xmldb_{name}_upgrade",
        prefixes=("{name}", "{component}"),
    ),
    "qtype": Required(prefixes=("qtype_", "question_")),
    "repository": Required(
        files=("lib.php", "db/access.php"),
        strings=(("pluginname",), ("{name}:view",)),
        capability="repository/{name}:view",
        classes=(("lib.php", "{component}"),),
    ),
    "theme": Required(files=("config.php",)),
}
TEXT_FILTER = "classes/text_filter.php"
"""Where Moodle since 4.5 looks for a filter."""


class _Names:
    """A subject's requirements with its own names in them."""

    def __init__(self, subject: Subject) -> None:
        self.component = subject.package.component or ""
        self.name = subject.package.name or ""
        self.kind = subject.package.type or ""
        self.required = REQUIRED.get(self.kind, Required())
        if self.kind == "filter" and (subject.site.is_4_5 or TEXT_FILTER in subject.package.files):
            self.required = replace(
                self.required,
                files=(TEXT_FILTER,) if subject.site.is_4_5 else self.required.files,
                classes=((TEXT_FILTER, "filter_{name}\\text_filter"),),
                calls=(("filter.php", "class_alias"),),
            )

    def filled(self, text: str) -> str:
        return text.format(name=self.name, component=self.component)


def files(subject: Subject) -> Iterator[Finding]:
    names = _Names(subject)
    for each in names.required.files if names.component else ():
        file = names.filled(each)
        if file not in subject.package.files:
            message = f"There is no {file}, which a plugin of the type {names.kind} has."
            yield Finding("requiredfile", "warning", message, "Add it.", file)


def strings(subject: Subject) -> Iterator[Finding]:
    """The strings that Moodle shows as the plugin's name, and those of its first capability."""
    names, defined = _Names(subject), subject.strings
    file = f"lang/en/{language_file(names.kind, names.name)}"
    for group in names.required.strings if defined else ():
        keys = [names.filled(key) for key in group]
        if not any(key in defined for key in keys):
            message = f"It has no $string['{keys[0]}'], which a plugin of the type {names.kind} has."
            yield Finding("requiredstring", "warning", message, "Add it.", file)


def capability(subject: Subject) -> Iterator[Finding]:
    names, file = _Names(subject), "db/access.php"
    declared = variable(subject.package.files[file], "capabilities") if file in subject.package.files else None
    wanted = names.filled(names.required.capability)
    if wanted and isinstance(declared, dict) and wanted not in declared:
        message = f"It does not declare {wanted}, which a plugin of the type {names.kind} has."
        yield Finding("requiredcapability", "warning", message, "Add it.", file)


def functions(subject: Subject) -> Iterator[Finding]:
    """What Moodle calls: without the upgrade's function the first upgrade stops."""
    names = _Names(subject)
    wanted = [("lib.php", names.filled(each)) for each in names.required.functions]
    for file, name in [(UPGRADE, names.filled(names.required.upgrade)), *wanted]:
        source = subject.package.files.get(file) if names.component else None
        pattern = rb"\bfunction\s+(?:&\s*)?" + re.escape(name.encode()) + rb"\s*\("
        if source is not None and not re.search(pattern, source, re.IGNORECASE):
            message = f"It does not define {name}(), which Moodle calls."
            yield Finding("requiredfunction", "error", message, "Name the function so.", file)


def classes(subject: Subject) -> Iterator[Finding]:
    """What Moodle makes an object of, and the old name of what it has given a new one."""
    names = _Names(subject)
    for file, name in ((names.filled(file), names.filled(name)) for file, name in names.required.classes):
        source = subject.package.files.get(file)
        space, _, last = name.rpartition("\\")
        wanted = [rf"\bclass\s+{re.escape(last)}\b", rf"\bnamespace\s+{re.escape(space)}\s*[;{{]" if space else ""]
        if source is not None and not all(re.search(each.encode(), source, re.IGNORECASE) for each in wanted):
            message = f"It has no class {name}, which a plugin of the type {names.kind} has there."
            yield Finding("requiredclass", "warning", message, "Name the class so.", file)
    for file, name in names.required.calls:
        source = subject.package.files.get(file)
        if source is not None and not re.search(rb"\b" + name.encode() + rb"\s*\(", source):
            message = f"It does not call {name}(), which gives the class its old name, too."
            yield Finding("requiredcall", "warning", message, "Call it, or leave the file out.", file)


def table(subject: Subject) -> Iterator[Finding]:
    names, file = _Names(subject), "db/install.xml"
    wanted = names.filled(names.required.table)
    if wanted and file in subject.package.files and wanted not in {name for name, _ in _tables(subject)}:
        message = f"It has no table {wanted}, which a plugin of the type {names.kind} has."
        yield Finding("requiredtable", "warning", message, "Add it.", file)


def _tables(subject: Subject) -> Iterator[tuple[str, int]]:
    """Each table of db/install.xml, and where it begins."""
    content = subject.package.files.get("db/install.xml", b"")
    for match in re.finditer(rb"<TABLE\b[^<>]*?\bNAME=[\"']([^\"'<>]*)", content):
        yield match[1].decode("utf-8", "replace"), match.start()


def table_prefix(subject: Subject) -> Iterator[Finding]:
    names = _Names(subject)
    prefixes = tuple(names.filled(each) for each in names.required.prefixes)
    for name, at in _tables(subject) if names.component else ():
        if not name.startswith(prefixes):
            message = f"The table {name} does not begin with {' or '.join(prefixes)}."
            line = line_of(subject.package.files["db/install.xml"], at)
            yield Finding("tableprefix", "warning", message, "Rename it.", "db/install.xml", line)


def feature_tags(subject: Subject) -> Iterator[Finding]:
    """Behat features carry the type and the component as tags."""
    package = subject.package
    for name in package.files:
        if re.fullmatch(r"(?:.+/)?tests/behat/.+\.feature", name) and package.component:
            text = package.files[name][:MOST_TAG_BYTES].decode("utf-8", "replace")
            tags = set(re.findall(r"@(\w+)", text.partition("Feature:")[0]))
            for tag in (package.type, package.component):
                if tag not in tags:
                    yield Finding("featuretag", "warning", f"The feature lacks the tag @{tag}.", "Add it.", name, 1)


RULES = (files, strings, capability, functions, classes, table, table_prefix, feature_tags)
