"""A plugin's folder as the ZIP that would be made of it."""

from __future__ import annotations

import struct
from bisect import bisect_right
from pathlib import Path

from plugin_builder.check.libzip import CENTRAL, END, FULL32, LOCAL, STORED, UTF8
from plugin_builder.errors import BuildError

MADE_BY_UNIX, PLAIN_FILE = 3 << 8 | 30, 0o100644 << 16
FIRST_DAY = 33
"""1 January 1980."""


class FolderBuffer:
    """Its bytes; a file is read when some of its own are asked for. Links are left out.

    The files' checksums are not worked out: nobody looks at them.
    """

    def __init__(self, folder: Path) -> None:
        self._starts: list[int] = []
        self._pieces: list[bytes | Path] = []
        self._length = 0
        directory, number = bytearray(), 0
        root = folder.resolve().name
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                name, size = f"{root}/{path.relative_to(folder).as_posix()}", path.stat().st_size
                try:
                    encoded = name.encode()
                except UnicodeEncodeError:
                    raise BuildError(f"{folder}: the name {name!a} is not UTF-8; rename the file") from None
                if self._length + size > FULL32:
                    raise BuildError(f"{folder}: more than a ZIP of 4 GB holds; name the plugin's own folder")
                flags = 0 if name.isascii() else UTF8
                common = (20, flags, STORED, 0, FIRST_DAY, 0, size, size, len(encoded))
                central = struct.pack(
                    "<4s6H3I5H2I", CENTRAL, MADE_BY_UNIX, *common, 0, 0, 0, 0, PLAIN_FILE, self._length
                )
                directory += central + encoded
                self._add(struct.pack("<4s5H3I2H", LOCAL, *common, 0) + encoded)
                self._add(path, size)
                number += 1
        entries = min(number, 0xFFFF)  # more than a check looks at
        end = struct.pack("<4s4H2IH", END, 0, 0, entries, entries, len(directory), self._length, 0)
        self._add(bytes(directory) + end)

    def _add(self, piece: bytes | Path, size: int | None = None) -> None:
        self._starts.append(self._length)
        self._pieces.append(piece)
        self._length += len(piece) if isinstance(piece, bytes) else size or 0

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice) -> bytes:
        start, stop, _ = part.indices(self._length)
        found = bytearray()
        place = bisect_right(self._starts, start) - 1
        while len(found) < stop - start:
            at = start + len(found)
            while place + 1 < len(self._starts) and self._starts[place + 1] <= at:
                place += 1
            found += self._read(place, at - self._starts[place], stop - at)
        return bytes(found)

    def _read(self, place: int, at: int, most: int) -> bytes:
        """Some bytes of one piece, at least one; NUL where a file has become shorter meanwhile."""
        piece = self._pieces[place]
        if isinstance(piece, bytes):
            return piece[at : at + most]
        most = min(most, self._starts[place + 1] - self._starts[place] - at)
        with piece.open("rb") as file:
            file.seek(at)
            return file.read(most).ljust(most, b"\0")
