"""An unpacked plugin as Moodle would have it on disk, read on demand and never written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from plugin_builder.check.components import split_component

MOST_BYTES_A_FILE = 4 * 2**20
"""A file's content beyond this is not looked at."""


class Files(Mapping[str, bytes]):
    """Name inside the plugin's folder → content; each content is unpacked when asked for, and then kept.

    `watch` is told each time how much is about to be looked at, and may raise.
    """

    def __init__(self, names: Mapping[str, Any], read: Callable[[Any], bytes], watch: Callable[[int], None]) -> None:
        self._sources = dict(sorted(names.items()))
        self._read = read
        self._watch = watch
        self._contents: dict[str, bytes] = {}

    def __getitem__(self, name: str) -> bytes:
        if name not in self._contents:
            self._contents[name] = self._read(self._sources[name])
        self._watch(len(self._contents[name]))
        return self._contents[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


@dataclass(frozen=True)
class Package:
    """A plugin: `component` as the upload form detects it (None where it does not), `root` its folder in the ZIP."""

    root: str
    component: str | None
    files: Mapping[str, bytes]

    @property
    def type(self) -> str | None:
        return split_component(self.component)[0] if self.component else None

    @property
    def name(self) -> str | None:
        return split_component(self.component)[1] if self.component else None

    @cached_property
    def version(self) -> dict[str, Any]:
        """What version.php says of `$plugin`, as PHP would see it: `{"version": 2026112300, "requires": ...}`."""
        from plugin_builder.php_source import properties

        return properties(self.files.get("version.php", b""), "plugin")
