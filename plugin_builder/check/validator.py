"""Moodle's own validator of an unpacked plugin: its rules, in its order, with its codes.

Each rule answers whether to go on, as Moodle's do: the first error ends the validation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from plugin_builder.check.components import is_plugin_name, language_file, split_component
from plugin_builder.check.extraction import Disk, Status
from plugin_builder.check.findings import Message
from plugin_builder.check.site import Site
from plugin_builder.check.version_php import declared

FEWEST_ENTRIES = 4


@dataclass
class Validator:
    """`files` are the unpacked names with their statuses, `disk` what lies there, `read` gives a file's content."""

    files: Mapping[str, Status]
    disk: Disk
    read: Callable[[str], bytes]
    site: Site
    plugin_type: str
    root: str = ""
    messages: list[Message] = field(default_factory=list)

    def run(self) -> bool:
        return self._layout() and self._version_php() and self._language_pack() and self._target()

    @property
    def error(self) -> str | None:
        """The code of the error that ended it; None also where Moodle ends without a word."""
        return next((message.code for message in self.messages if message.level == "error"), None)

    def _say(self, level: str, code: str, info: object = None) -> bool:
        self.messages.append(Message(level, code, info))
        return level != "error"

    def _layout(self) -> bool:
        if len(self.files) < FEWEST_ENTRIES:
            return self._say("error", "filesnumber")
        for name, status in self.files.items():
            if status is not True:
                return self._say("error", "filestatus", {"file": name, "status": status})
        for name in self.files:
            if not self.disk.exists(name):
                return self._say("error", "filenotexists", {"file": name})
        for name in self.files:
            root, slash, _ = name.partition("/")
            if not root or not slash or (self.root and root != self.root):
                return self._say("error", "onedir")
            self.root = root
        if not is_plugin_name(self.root):
            return self._say("error", "rootdirinvalid", self.root)
        return self._say("info", "rootdir", self.root) and self.disk.is_folder(self.root)

    def _version_php(self) -> bool:
        path = f"{self.root}/version.php"
        if not self.disk.exists(path):
            level = "debug" if self.plugin_type == "theme" else "error"
            return self._say(level, "missingversionphp")
        found = declared(self.read(path))
        return (
            self._version(found)
            and self._requires(found)
            and self._component(found)
            and self._newer(found)
            and self._maturity_and_release(found)
        )

    def _version(self, found: Mapping[str, str]) -> bool:
        if "module->version" in found:
            return self._say("error", "versionphpsyntax", "$module")
        if "plugin->version" not in found:
            return self._say("error", "missingversion")
        return self._say("info", "pluginversion", found["plugin->version"])

    def _requires(self, found: Mapping[str, str]) -> bool:
        requires = found.get("plugin->requires")
        if requires is None:
            return True
        level = "error" if float(requires) > self.site.version else "info"
        return self._say(level, "requiresmoodle", requires)

    def _component(self, found: Mapping[str, str]) -> bool:
        component = found.get("plugin->component")
        if component is None:
            return self._say("error", "missingcomponent")
        kind, name = split_component(component)
        if kind != self.plugin_type:
            return self._say("error", "componentmismatchtype", {"expected": self.plugin_type, "found": kind})
        if name != self.root:
            return self._say("error", "componentmismatchname", name)
        return self._say("info", "componentmatch", component)

    def _newer(self, found: Mapping[str, str]) -> bool:
        installed = self.site.installed_version(found["plugin->component"])
        if installed is not None and float(found["plugin->version"]) < installed:
            return self._say("error", "pluginversiontoolow", f"{installed:.10g}")
        return True

    def _maturity_and_release(self, found: Mapping[str, str]) -> bool:
        if maturity := found.get("plugin->maturity"):
            self._say("info" if maturity == "MATURITY_STABLE" else "warning", "maturity", maturity)
        if (release := found.get("plugin->release")) is not None:
            self._say("info", "release", release)
        return True

    def _language_pack(self) -> bool:
        folder = f"{self.root}/lang/en"
        if self.files.get(f"{folder}/") is not True or not self.disk.is_folder(folder):
            return self._say("error", "missinglangenfolder")
        pattern = re.compile(re.escape(folder) + r"/([^/]+).php?\n?", re.IGNORECASE | re.ASCII)
        found = [match[1] for name in self.files if (match := pattern.fullmatch(name))]
        if not found:
            return self._say("error", "missinglangenfile")
        if len(found) > 1:
            self._say("warning", "multiplelangenfiles")
        else:
            self._say("debug", "foundlangfile", found[0])
        expected = language_file(self.plugin_type, self.root)
        path = f"{folder}/{expected}"
        if self.files.get(path) is not True or not self.disk.is_file(path):
            return self._say("error", "missingexpectedlangenfile", expected)
        return True

    def _target(self) -> bool:
        if self.plugin_type not in self.site.plugin_types:
            return self._say("error", "unknowntype", self.plugin_type)
        self._say("info", "pathwritable", self.plugin_type)
        if self.site.installed_version(f"{self.plugin_type}_{self.root}") is not None:
            self._say("warning", "targetexists", self.root)
            self._say("info", "pathwritable", self.root)
        return True
