"""What reading an entry gives, as PHP's streams would: how many bytes, and which.

A wrong checksum matters to nobody there, only a wrong size does. Nothing is unpacked further than one byte beyond what
the directory claims, and all entries together not further than `MOST_BYTES`: from there on claims are believed, and
the caller says so.
"""

from __future__ import annotations

import bz2
import contextlib
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from plugin_builder.check.libzip import BZIP2, DEFLATED, ENCRYPTED, LOCAL_SIZE, STORED, Buffer, Entry

MOST_BYTES = 2**26
CHUNK = 2**18


class Unreadable(Exception):  # noqa: N818 -- not an error of ours, but an answer
    """PHP cannot open the entry at all: encrypted, or packed in a way it does not know."""


class FileBuffer:
    """A file as a `Buffer`: only what is asked for is in memory. Stays open as long as it is referred to."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._length = os.fstat(self._file.fileno()).st_size

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice) -> bytes:
        start, stop, _ = part.indices(self._length)
        return os.pread(self._file.fileno(), max(0, stop - start), start)


class Reader:
    """Reads entries of one archive and keeps count of what was unpacked."""

    def __init__(self, data: Buffer) -> None:
        self._data = data
        self._left = MOST_BYTES

    @property
    def exhausted(self) -> bool:
        """Whether more was to be unpacked than is good for a checker."""
        return self._left <= 0

    def size(self, entry: Entry) -> int:
        """The bytes that reading gives, counted up to one more than claimed. Raises `Unreadable`."""
        if self.exhausted:
            return entry.size
        count = 0
        for chunk in self._chunks(entry):
            count += len(chunk)
            self._left -= len(chunk)
            if self.exhausted:
                return entry.size
            if count > entry.size:
                break
        return count

    def read(self, entry: Entry, most: int) -> bytes:
        """The first `most` bytes of the content. Raises `Unreadable`."""
        content = bytearray()
        for chunk in self._chunks(entry):
            content += chunk
            if len(content) >= most:
                break
        return bytes(content[:most])

    def opens(self, entry: Entry) -> bool:
        """Whether PHP can begin to read it: not encrypted, packed in a way it knows, its local header in the file."""
        if entry.flags & ENCRYPTED or not entry.packed_size:
            return not entry.flags & ENCRYPTED
        return entry.method in (STORED, DEFLATED, BZIP2) and entry.offset + LOCAL_SIZE <= len(self._data)

    def _chunks(self, entry: Entry) -> Iterator[bytes]:
        if not self.opens(entry):
            raise Unreadable
        if not entry.packed_size:
            return
        # Only the local header's lengths are looked at, not even its mark.
        lengths = struct.unpack("<2H", self._data[entry.offset + LOCAL_SIZE - 4 : entry.offset + LOCAL_SIZE])
        start = entry.offset + LOCAL_SIZE + sum(lengths)
        packed = (
            self._data[at : min(at + CHUNK, start + entry.packed_size)]
            for at in range(start, min(start + entry.packed_size, len(self._data)), CHUNK)
        )
        yield from packed if entry.method == STORED else _unpacked(packed, entry.method)


def _unpacked(packed: Iterator[bytes], method: int) -> Iterator[bytes]:
    """The content as far as it can be unpacked; damage ends it early."""
    with contextlib.suppress(zlib.error, OSError):
        yield from _inflated(packed) if method == DEFLATED else _bunzipped(packed)


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    for chunk in packed:
        yield stream.decompress(chunk, CHUNK)
        while stream.unconsumed_tail:
            yield stream.decompress(stream.unconsumed_tail, CHUNK)
        if stream.eof:
            return
    yield stream.flush()


def _bunzipped(packed: Iterator[bytes]) -> Iterator[bytes]:
    stream = bz2.BZ2Decompressor()
    for chunk in packed:
        yield stream.decompress(chunk, CHUNK)
        while not stream.needs_input and not stream.eof:
            yield stream.decompress(b"", CHUNK)
        if stream.eof:
            return
