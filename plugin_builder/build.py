"""From templates to `dist/`: one ZIP per range, and the list of their checksums."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from plugin_builder.archive import pack, sha256, timestamp
from plugin_builder.config import Plugin
from plugin_builder.errors import BuildError
from plugin_builder.render import TEMPLATES, render
from plugin_builder.targets import Target

CHECKSUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Built:
    """One finished ZIP; `content` is all of it."""

    target: Target
    filename: str
    content: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.content)


def zip_name(plugin: Plugin, target: Target) -> str:
    return f"{plugin.component}-{plugin.release}-moodle{target.name}.zip"


def build(plugin: Plugin, targets: Sequence[Target], templates: Path = TEMPLATES) -> Iterator[Built]:
    """Renders and packs each target; writes nothing."""
    when = timestamp(plugin.version)
    for target in targets:
        files = render(plugin, target, templates)
        yield Built(target, zip_name(plugin, target), pack(plugin.name, files, when))


def write(built: Sequence[Built], folder: Path) -> None:
    """Puts the ZIPs and their checksums into `folder`, each file whole or not at all."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each in built:
            _replace(folder / each.filename, each.content)
        sums = "".join(f"{each.sha256}  {each.filename}\n" for each in sorted(built, key=lambda one: one.filename))
        _replace(folder / CHECKSUMS, sums.encode())
    except OSError as error:
        raise BuildError(f"--out: {folder} cannot be written ({error.strerror}); name another folder") from None


def _replace(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".building-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
