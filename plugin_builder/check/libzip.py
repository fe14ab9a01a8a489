"""Reads a ZIP's directory the way PHP does, which is libzip's way.

Python's `zipfile` and libzip disagree about broken and hostile archives: which end record counts, what is tolerated
after it, which of two equal names is read, whether a wrong checksum matters. Moodle's verdict hangs on those, so the
rules below are libzip's (1.7, as Debian's PHP has it, opened without consistency checks). Nothing is unpacked here,
and memory stays proportional to the directory.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

END, END_SIZE = b"PK\x05\x06", 22
END64, END64_SIZE = b"PK\x06\x06", 56
LOCATOR64, LOCATOR64_SIZE = b"PK\x06\x07", 20
CENTRAL, CENTRAL_SIZE = b"PK\x01\x02", 46
LOCAL, LOCAL_SIZE = b"PK\x03\x04", 30
EXTRA_SIZE = 4
"""Kind and length, before the content of an extra field."""
SEARCHED = 65536 + END_SIZE + LOCATOR64_SIZE
"""How many last bytes may hold the end record."""
MOST_ENTRIES = 30_000
MOST_DIRECTORY_BYTES = 2**23
MOST_EXTRA_FIELDS = 200_000
"""More than any plugin has, and more than a web server's PHP lists before its memory ends. What several end records
make one read is counted together."""

ENCRYPTED, DATA_DESCRIPTOR, UTF8 = 0x1, 0x8, 0x800
STORED, DEFLATED, BZIP2, AES = 0, 8, 12, 99
ZIP64_EXTRA, UTF8_NAME_EXTRA, AES_EXTRA = 0x0001, 0x7075, 0x9901
FULL32, FULL16 = 0xFFFFFFFF, 0xFFFF
LARGEST = 2**63 - 1

_CENTRAL = struct.Struct("<4s4H2H3I5H2I")
_LOCAL = struct.Struct("<4s3H2H3I2H")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")


class NotAZipError(Exception):
    """libzip would not open it; `str()` says why."""


class TooLargeError(Exception):
    """Beyond what a checker should read; `str()` says what is."""


class Buffer(Protocol):
    """`bytes`, or a file that is read in parts."""

    def __len__(self) -> int: ...
    def __getitem__(self, part: slice, /) -> bytes: ...


class Entry(NamedTuple):
    """One entry of the directory. Sizes and offset are what the directory claims, in bytes."""

    raw_name: bytes
    flags: int
    method: int
    modified: int
    crc: int
    packed_size: int
    size: int
    offset: int
    version_needed: int
    attributes: int
    made_by: int

    @property
    def name(self) -> bytes:
        """As PHP's `getNameIndex` gives it: UTF-8, guessed, else from code page 437."""
        raw = self.raw_name
        return raw if self.flags & UTF8 or not guess_is_cp437(raw) else raw.decode("cp437").encode()


@dataclass
class _Count:
    """What was read of directories so far, good ones or not. Raises `TooLargeError`."""

    bytes_read: int = 0
    extra_fields: int = 0

    def add(self, size: int, fields: int = 0) -> None:
        self.bytes_read += size
        self.extra_fields += fields
        if self.bytes_read > MOST_DIRECTORY_BYTES:
            raise TooLargeError(f"a directory of {self.bytes_read:,} bytes")
        if self.extra_fields > MOST_EXTRA_FIELDS:
            raise TooLargeError(f"more than {MOST_EXTRA_FIELDS:,} extra fields")


@dataclass(frozen=True)
class _Directory:
    entries: list[Entry]
    offset: int


_ASCII = bytes(range(0x20, 0x80)) + b"\r\n\t"
_SHAPED = re.compile(
    rb"(?:[\x20-\x7f\r\n\t]|[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3})*"
)


def guess_is_cp437(raw: bytes) -> bool:
    """libzip's guess: neither plain ASCII nor shaped like UTF-8 (overlong forms are not looked for)."""
    return bool(raw.translate(None, _ASCII)) and _SHAPED.fullmatch(raw) is None


def read_directory(data: Buffer) -> list[Entry]:
    """The entries in directory order. Raises `NotAZipError` and `TooLargeError`."""
    length = len(data)
    if length < END_SIZE:
        raise NotAZipError("shorter than the smallest ZIP")
    start = max(0, length - SEARCHED)
    tail = data[start:]
    candidates: list[_Directory] = []
    count = _Count()
    reason = "it has no end-of-directory record"
    for at in _end_records(tail, LOCATOR64_SIZE if length >= SEARCHED else 0):
        try:
            candidates.append(_read_at(data, tail, start, at, count))
        except NotAZipError as error:  # noqa: PERF203 -- the next one may be right
            reason = str(error)
    if not candidates:
        raise NotAZipError(reason)
    return _widest(data, candidates).entries


def _widest(data: Buffer, candidates: list[_Directory]) -> _Directory:
    """Of several readable directories, the first whose entries span most of the file."""
    best, span = candidates[0], 0
    for found in candidates[1:]:
        if span <= 0:
            span = _span(data, best)
        other = _span(data, found)
        if span < other:
            best, span = found, other
    if span < 0:
        raise NotAZipError("its directory contradicts its entries")
    return best


def _end_records(tail: bytes, first: int) -> Iterator[int]:
    at = tail.find(END, first)
    while at != -1 and at + END_SIZE <= len(tail):
        yield at
        at = tail.find(END, at + 1)


def _read_at(data: Buffer, tail: bytes, start: int, at: int, count: _Count) -> _Directory:
    _, *numbers, comment = _END.unpack_from(tail, at)
    disk, first_disk, here, total, size, offset = numbers
    zip64 = at >= LOCATOR64_SIZE and tail[at - LOCATOR64_SIZE : at - LOCATOR64_SIZE + 4] == LOCATOR64
    if zip64:
        total, size, offset = _read_end64(data, tail, start, at - LOCATOR64_SIZE)
    elif disk or first_disk:
        raise NotAZipError("it is one part of an archive in several")
    elif here != total:
        raise NotAZipError("its end record gives two numbers of entries")
    if offset + size > start + at:
        raise NotAZipError("its directory reaches past its end record")
    if comment > len(tail) - at - END_SIZE:
        raise NotAZipError("its comment is cut off")
    return _Directory(_read_entries(data, offset, size, total, zip64, count), offset)


def _read_end64(data: Buffer, tail: bytes, start: int, at: int) -> tuple[int, int, int]:
    # libzip reads 16 bits twice and 64 from there on, whatever the format says of 32, 64 and 32.
    disks, first_disk, where = struct.unpack_from("<2HQ", tail, at + 4)
    if where > LARGEST or where + END64_SIZE > at + start:
        raise NotAZipError("its ZIP64 end record lies outside the file")
    magic, _, _, _, disk64, first64, here, total, size, offset = _END64.unpack(data[where : where + END64_SIZE])
    if magic != END64:
        raise NotAZipError("its ZIP64 end record is not where its locator says")
    disks = disk64 if disks == FULL16 else disks
    first_disk = first64 if first_disk == FULL16 else first_disk
    if disks or first_disk or here != total:
        raise NotAZipError("it is one part of an archive in several")
    if offset > LARGEST or offset + size > start + where or total > size // CENTRAL_SIZE:
        raise NotAZipError("its ZIP64 directory lies outside the file")
    return total, size, offset


def _read_entries(data: Buffer, offset: int, size: int, total: int, zip64: bool, count: _Count) -> list[Entry]:
    if min(total, size // CENTRAL_SIZE) > MOST_ENTRIES:
        raise TooLargeError(f"more than {MOST_ENTRIES:,} entries")
    count.add(size)
    directory = data[offset : offset + size]
    entries: list[Entry] = []
    at = 0
    while at < size:
        if len(entries) == total and (zip64 or size - at < CENTRAL_SIZE):
            break
        if len(entries) > MOST_ENTRIES:
            raise TooLargeError(f"more than {MOST_ENTRIES:,} entries")
        entry, at = _read_entry(directory, at, count)
        entries.append(entry)
    # Info-ZIP writes the number modulo 65536 instead of a ZIP64 record; libzip follows it.
    surplus = len(entries) - total
    if at != size or surplus < 0 or (surplus % 0x10000 if not zip64 else surplus):
        raise NotAZipError("its end record gives a wrong number of entries")
    return entries


def _read_entry(directory: bytes, at: int, count: _Count) -> tuple[Entry, int]:
    if len(directory) - at < CENTRAL_SIZE:
        raise NotAZipError("its directory is cut off")
    fields = _CENTRAL.unpack_from(directory, at)
    magic, made_by, needed, flags, method, time, date, crc, packed, size = fields[:10]
    name_length, extra_length, comment_length, disk, _, attributes, offset = fields[10:]
    if magic != CENTRAL:
        raise NotAZipError("its directory is not where its end record says")
    body = at + CENTRAL_SIZE
    after = body + name_length + extra_length + comment_length
    if after > len(directory):
        raise NotAZipError("its directory is cut off")
    name = directory[body : body + name_length].replace(b"\0", b" ")
    if flags & UTF8 and guess_is_cp437(name):
        raise NotAZipError("a name that claims to be UTF-8 is not")
    extras = list(extra_fields(directory[body + name_length : after - comment_length]))
    count.add(0, fields=len(extras))
    if flags & UTF8 and guess_is_cp437(directory[after - comment_length : after]):
        raise NotAZipError("a comment that claims to be UTF-8 is not")
    name = _unicode_name(name, extras)
    if FULL32 in (size, packed, offset):
        size, packed, offset = _zip64_sizes(extras, size, packed, offset, disk)
    if method == AES:
        method, flags = _method_inside_aes(extras), flags | ENCRYPTED
    modified = date << 16 | time
    return Entry(name, flags, method, modified, crc, packed, size, offset, needed, attributes, made_by), after


def extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each. Raises `NotAZipError`."""
    at = 0
    while len(extra) - at >= EXTRA_SIZE:
        kind, length = struct.unpack_from("<2H", extra, at)
        at += EXTRA_SIZE + length
        if at > len(extra):
            raise NotAZipError("an extra field is cut off")
        yield kind, extra[at - length : at]
    if extra[at:].strip(b"\0"):
        raise NotAZipError("an extra field is cut off")


def _unicode_name(name: bytes, extras: list[tuple[int, bytes]]) -> bytes:
    field = next((content for kind, content in extras if kind == UTF8_NAME_EXTRA), b"")
    if len(field) >= 5 and field[0] == 1 and struct.unpack_from("<I", field, 1)[0] == zlib.crc32(name):
        return field[5:] or name
    return name


def _method_inside_aes(extras: list[tuple[int, bytes]]) -> int:
    """How an entry is packed that is encrypted as WinZip does it."""
    field = next((content for kind, content in extras if kind == AES_EXTRA), b"")
    if len(field) != 7 or field[:4] not in (b"\1\0AE", b"\2\0AE") or field[4] not in (1, 2, 3):
        raise NotAZipError("an entry is encrypted in a way that nobody knows")
    return int.from_bytes(field[5:], "little")


def _zip64_sizes(
    extras: list[tuple[int, bytes]], size: int, packed: int, offset: int, disk: int
) -> tuple[int, int, int]:
    field = next((content for kind, content in extras if kind == ZIP64_EXTRA), None)
    if field is None:
        raise NotAZipError("an entry lacks its ZIP64 sizes")
    given = [size, packed, offset]
    at = 0
    for place, value in enumerate(given):
        if value == FULL32:
            if at + 8 > len(field):
                raise NotAZipError("an entry's ZIP64 sizes are cut off")
            (given[place],) = struct.unpack_from("<Q", field, at)
            at += 8
    if disk == FULL16:
        at += 4
    if at != len(field) and not (len(field) in (24, 28) and list(struct.unpack_from("<3Q", field)) == given):
        raise NotAZipError("an entry's ZIP64 sizes contradict its own")
    if given[2] > LARGEST:
        raise NotAZipError("an entry lies outside the file")
    return given[0], given[1], given[2]


def _span(data: Buffer, directory: _Directory) -> int:
    """How many bytes the entries span, or -1 where one contradicts its local header."""
    if not directory.entries:
        return 0
    lowest = highest = directory.entries[0].offset
    for entry in directory.entries:
        lowest = min(lowest, entry.offset)
        highest = max(highest, entry.offset + entry.packed_size + len(entry.raw_name) + LOCAL_SIZE)
        if max(lowest, highest) > directory.offset or not _matches_local_header(data, entry):
            return -1
    return highest - lowest


def _matches_local_header(data: Buffer, entry: Entry) -> bool:
    header = data[entry.offset : entry.offset + LOCAL_SIZE]
    if len(header) < LOCAL_SIZE:
        return False
    magic, needed, flags, method, time, date, crc, packed, size, name_length, _ = _LOCAL.unpack(header)
    name = data[entry.offset + LOCAL_SIZE : entry.offset + LOCAL_SIZE + name_length]
    alike = (magic, method, date << 16 | time, name) == (LOCAL, entry.method, entry.modified, entry.raw_name)
    if not alike or entry.version_needed < needed:
        return False
    if (crc, packed, size) == (entry.crc, entry.packed_size, entry.size):
        return True
    return bool(flags & DATA_DESCRIPTOR) and (crc, packed, size) == (0, 0, 0)
