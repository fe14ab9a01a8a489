"""What a plugin's ZIP says of itself: its PHP is read, never run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mock_moodle.plugins.errors import PluginError
from mock_moodle.plugins.settings import read_settings
from mock_moodle.plugins.tables import create_statements
from mock_moodle.store.core import COURSE, COURSECAT, MODULE, SYSTEM, USER
from plugin_builder.check import Package, Report, check_bytes, check_path
from plugin_builder.check.site import site
from plugin_builder.errors import BuildError
from plugin_builder.php_source import elements, variable

CONTEXT_LEVELS = {
    "CONTEXT_SYSTEM": SYSTEM,
    "CONTEXT_USER": USER,
    "CONTEXT_COURSECAT": COURSECAT,
    "CONTEXT_COURSE": COURSE,
    "CONTEXT_MODULE": MODULE,
}
CAP_ALLOW = "CAP_ALLOW"
FOLDERS = {
    "mod": "mod", "block": "blocks", "local": "local", "availability": "availability/condition", "auth": "auth",
    "enrol": "enrol", "report": "report", "tool": "admin/tool", "theme": "theme", "filter": "filter",
    "quizaccess": "mod/quiz/accessrule", "qtype": "question/type", "webservice": "webservice",
}  # fmt: skip
"""Where plugins of a type live below Moodle's root."""


@dataclass(frozen=True)
class DeclaredCapability:
    """Of db/access.php. `archetypes` are those that get it from the start."""

    name: str
    captype: str
    contextlevel: int
    archetypes: tuple[str, ...]
    title: str


@dataclass(frozen=True)
class DeclaredService:
    """Of db/services.php."""

    name: str
    shortname: str | None
    enabled: bool
    restrictedusers: bool
    requiredcapability: str | None
    downloadfiles: bool
    uploadfiles: bool


@dataclass(frozen=True)
class Declared:
    """`functions` maps names to "read" or "write"; `tables` are the statements that make the plugin's tables."""

    component: str
    version: int
    release: str
    functions: dict[str, str]
    services: list[DeclaredService]
    capabilities: list[DeclaredCapability]
    tables: list[str]
    strings: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


def read_zip(path: Path, *, moodle: str) -> Declared:
    """Raises PluginError for what Moodle's installer would refuse: `moodle` is the site's branch."""
    try:
        report = check_path(path, moodle=moodle)
    except BuildError as error:
        raise PluginError(str(error)) from error
    return read_checked(str(path), report)


def check_upload(filename: str, content: bytes, *, moodle: str, installed: int | None = None) -> Report:
    """What Moodle's pages would say of an uploaded ZIP; `installed` is the version of its plugin that is there."""
    return check_bytes(filename, content, site(moodle, installed))


def read_checked(name: str, report: Report) -> Declared:
    """The same of a ZIP that was checked; `name` is for messages."""
    if report.validation.verdict == "fail" or report.package is None:
        raise PluginError(f"{name}: {refusal(report)}")
    return _read(name, report.package)


def refusal(report: Report) -> str:
    """The check's own words for what Moodle's installer would say."""
    code = report.validation.code
    found = next((finding for finding in report.findings if finding.code == code), None)
    if found is None:
        return f"Moodle's installer says {code or report.validation.stage!r}; examus-build check tells more"
    return " ".join(part for part in (f"{found.file}:" if found.file else "", found.message, found.mend) if part)


def _read(path: str, package: Package) -> Declared:
    def source(name: str) -> bytes:
        return package.files.get(name, b"")

    about, component = package.version, package.component or ""
    if component.partition("_")[0] not in FOLDERS:
        raise PluginError(f"{path}: {component}: the mock has no place for plugins of this type; use another type")
    strings = elements(source(f"lang/en/{component}.php"), "string")
    strings = {key: value for key, value in strings.items() if isinstance(value, str)}
    return Declared(
        component,
        _version(path, about),
        str(about.get("release", "")),
        _functions(variable(source("db/services.php"), "functions")),
        _services(variable(source("db/services.php"), "services")),
        _capabilities(variable(source("db/access.php"), "capabilities"), strings),
        list(create_statements(source("db/install.xml"))),
        strings,
        read_settings(component, package.files, strings),
    )


def _version(path: str, about: Mapping[str, Any]) -> int:
    version = about.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or not 2000000000 <= version < 3000000000:
        raise PluginError(f"{path}: version.php: $plugin->version is {version!r}; write a number like 2026010100")
    return version


def _functions(found: Any) -> dict[str, str]:
    functions = found if isinstance(found, dict) else {}
    return {name: str(what.get("type", "read")) for name, what in functions.items() if isinstance(what, dict)}


def _services(found: Any) -> list[DeclaredService]:
    services = found if isinstance(found, dict) else {}
    return [
        DeclaredService(
            name,
            what.get("shortname") or None,
            bool(what.get("enabled", False)),
            bool(what.get("restrictedusers", False)),
            what.get("requiredcapability") or None,
            bool(what.get("downloadfiles", False)),
            bool(what.get("uploadfiles", False)),
        )
        for name, what in services.items()
        if isinstance(what, dict)
    ]


def _capabilities(found: Any, strings: Mapping[str, str]) -> list[DeclaredCapability]:
    capabilities = found if isinstance(found, dict) else {}
    return [
        DeclaredCapability(
            name,
            str(what.get("captype", "read")),
            CONTEXT_LEVELS.get(str(what.get("contextlevel")), SYSTEM),
            tuple(role for role, word in (what.get("archetypes") or {}).items() if word == CAP_ALLOW),
            strings.get(name.partition("/")[2], ""),
        )
        for name, what in capabilities.items()
        if isinstance(what, dict)
    ]
