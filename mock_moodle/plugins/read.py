"""What a plugin's ZIP says of itself: its PHP is read, never run."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mock_moodle.plugins.errors import PluginError
from mock_moodle.store.core import COURSE, COURSECAT, MODULE, SYSTEM, USER
from plugin_builder.php_source import elements, properties, variable

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
    """`functions` maps names to "read" or "write"; `install_xml` is empty for a plugin without tables."""

    component: str
    version: int
    release: str
    requires: float
    functions: dict[str, str]
    services: list[DeclaredService]
    capabilities: list[DeclaredCapability]
    install_xml: bytes = b""
    strings: dict[str, str] = field(default_factory=dict)


def read_zip(path: Path) -> Declared:
    """Raises PluginError for what Moodle's installer would refuse."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(path, archive)
    except OSError as error:
        raise PluginError(f"{path}: {error.strerror}; name the ZIP of a plugin") from error
    except zipfile.BadZipFile as error:
        raise PluginError(f"{path}: no ZIP ({error}); build one with examus-build") from error


def _read(path: Path, archive: zipfile.ZipFile) -> Declared:
    tops = {name.split("/", 1)[0] for name in archive.namelist()}
    if len(tops) != 1:
        raise PluginError(f"{path}: holds {len(tops)} folders, not one; pack the plugin's folder itself")
    folder = tops.pop()
    files = {name.partition("/")[2]: name for name in archive.namelist()}

    def source(name: str) -> bytes:
        return archive.read(files[name]) if name in files else b""

    if "version.php" not in files:
        raise PluginError(f"{path}: {folder}/version.php is missing; pack the plugin's folder itself")
    about = properties(source("version.php"), "plugin")
    component = _component(path, folder, about)
    strings = elements(source(f"lang/en/{component}.php"), "string")
    strings = {key: value for key, value in strings.items() if isinstance(value, str)}
    if "pluginname" not in strings:
        raise PluginError(
            f"{path}: lang/en/{component}.php: $string['pluginname'] is missing; Moodle's installer demands it"
        )
    requires = about.get("requires", 0)
    return Declared(
        component,
        _version(path, about),
        str(about.get("release", "")),
        float(requires) if isinstance(requires, (int, float)) else 0.0,
        _functions(variable(source("db/services.php"), "functions")),
        _services(variable(source("db/services.php"), "services")),
        _capabilities(variable(source("db/access.php"), "capabilities"), strings),
        source("db/install.xml"),
        strings,
    )


def _component(path: Path, folder: str, about: Mapping[str, Any]) -> str:
    component = about.get("component")
    if not isinstance(component, str) or "_" not in component:
        raise PluginError(f"{path}: version.php: $plugin->component is {component!r}; write 'type_name'")
    kind, _, name = component.partition("_")
    if name != folder:
        raise PluginError(
            f"{path}: version.php: $plugin->component is {component!r} but the folder is {folder!r};"
            f" name the folder {name!r} or mend the component"
        )
    if kind not in FOLDERS:
        raise PluginError(f"{path}: version.php: there are no plugins of type {kind!r}; mend $plugin->component")
    return component


def _version(path: Path, about: Mapping[str, Any]) -> int:
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
