"""ZIPs as no archiver would write them: every field of an entry and of the end record can be told apart."""

from __future__ import annotations

import bz2
import struct
import zlib
from dataclasses import dataclass

VERSION = b"""<?php
defined('MOODLE_INTERNAL') || die();
$plugin->component = 'local_demo';
$plugin->version = 2024010100;
$plugin->requires = 2022112800;
$plugin->maturity = MATURITY_STABLE;
$plugin->release = 'v1';
"""
LANGUAGE = b"<?php\n$string['pluginname'] = 'Demo';\n"
UNIX, OSX = 0x031E, 0x0315
UTF8 = 0x800


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


@dataclass
class Crafted:
    """One entry. What is None is what a good archiver would write."""

    name: str | bytes
    content: bytes = b"x"
    method: int = 8
    flags: int | None = None
    made_by: int = UNIX
    mode: int = 0o100644
    packed: bytes | None = None
    size: int | None = None
    packed_size: int | None = None
    crc: int | None = None
    offset: int | None = None
    extra: bytes = b""

    @property
    def raw_name(self) -> bytes:
        return self.name if isinstance(self.name, bytes) else self.name.encode()

    def fields(self) -> tuple[bytes, tuple[int, ...]]:
        packed = self.packed
        if packed is None:
            packed = {8: deflated, 12: bz2.compress}.get(self.method, bytes)(self.content)
        text = isinstance(self.name, str) and not self.name.isascii()
        flags = (UTF8 if text else 0) if self.flags is None else self.flags
        size = len(self.content) if self.size is None else self.size
        packed_size = len(packed) if self.packed_size is None else self.packed_size
        crc = zlib.crc32(self.content) if self.crc is None else self.crc
        return packed, (20, flags, self.method, 0, 0x5800, crc, packed_size, size)


def plugin(root: str = "demo", version: bytes = VERSION, language: str = "local_demo.php") -> list[Crafted]:
    """The smallest plugin that Moodle takes."""
    return [Crafted(f"{root}/version.php", version), Crafted(f"{root}/lang/en/{language}", LANGUAGE)]


def crafted(
    entries: list[Crafted],
    *,
    comment: bytes = b"",
    before: bytes = b"",
    after: bytes = b"",
    count: int | None = None,
    zip64: bool = False,
) -> bytes:
    """The archive; `before` shifts everything without correcting offsets."""
    body, directory = bytearray(), bytearray()
    for entry in entries:
        packed, fields = entry.fields()
        name = entry.raw_name
        offset = len(body) if entry.offset is None else entry.offset
        body += struct.pack("<4s5H3I2H", b"PK\3\4", *fields, len(name), 0) + name + packed
        lengths = (len(name), len(entry.extra), 0)
        directory += struct.pack(
            "<4s6H3I5H2I", b"PK\1\2", entry.made_by, *fields, *lengths, 0, 0, entry.mode << 16, offset
        )
        directory += name + entry.extra
    number = len(entries) if count is None else count
    start = len(body)
    body += directory
    if zip64:
        end = (44, 45, 45, 0, 0, number, number, len(directory), start)
        body += struct.pack("<4sQ2H2I4Q4sIQI", b"PK\6\6", *end, b"PK\6\7", 0, len(body), 1)
    body += struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, number, number, len(directory), start, len(comment)) + comment
    return before + bytes(body) + after
