"""What reading an entry gives, as PHP's streams would: how many bytes, and which.

A wrong checksum matters to nobody there, only a wrong size does. Nothing is unpacked further than one byte beyond what
the directory claims, and all entries together not further than `MOST_BYTES`: from there on claims are believed, and
the caller says so.
"""

from __future__ import annotations

import bz2
import contextlib
import math
import os
import struct
import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Literal

from plugin_builder.check.libzip import (
    BZIP2,
    DEFLATED,
    ENCRYPTED,
    LOCAL_SIZE,
    STORED,
    Buffer,
    Entry,
    TooLargeError,
)

MOST_BYTES = 2**26
MOST_KEPT = 2**24
"""How much of what was unpacked to be counted is kept in case it is read; a text is, a picture is not."""
MOST_READ = 2**25
"""How much may be read, beside that."""
Part = Literal["archive", "rules"]
SECONDS, FOR_BYTES = 1.5, 2**25
"""How long the thread may work at each part of a check; once more for every so many bytes that the archive really has.
The limits of each step end what is hostile long before; this is for what nobody thought of."""
WORK, LEAST_WORK = 2**18, 2**10
"""After so much of it the time is looked at; each thing asked for is at least so much."""
WINDOW = 2**14
TEXTS = (b".js", b".map", b".mustache", b".feature", b"/install.xml", b"/thirdpartylibs.xml", b"/build.json")
"""What rules read beside PHP, which is read before anything is counted."""
CHUNK = 2**18
LARGE, LEAST_AHEAD = 2**14, 2**20
"""Bytes of an entry that is worth counting ahead, and of all of them together."""
BZIP2_BLOCK = 900_000


class Unreadable(Exception):  # noqa: N818 -- not an error of ours, but an answer
    """PHP cannot open the entry at all: encrypted, or packed in a way it does not know."""


class FileBuffer:
    """A file as a `Buffer`: what is asked for and a little beyond is in memory. Open as long as it is referred to."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._length = os.fstat(self._file.fileno()).st_size
        self._window = (0, b"")

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice) -> bytes:
        start, stop, _ = part.indices(self._length)
        if stop - start > WINDOW:
            return os.pread(self._file.fileno(), stop - start, start)
        place, window = self._window  # one look at it: two threads may read
        if start < place or stop > place + len(window):
            place, window = self._window = start, os.pread(self._file.fileno(), WINDOW, start)
        return window[start - place : max(start, stop) - place]


class Reader:
    """Reads entries of one archive and keeps count of what was unpacked."""

    def __init__(self, data: Buffer) -> None:
        self._data = data
        self._left = MOST_BYTES
        self._readable: float = MOST_READ
        self._kept: dict[Entry, bytes] = {}
        self._keepable = MOST_KEPT
        self._counts: dict[Entry, int] = {}
        self._spent: dict[Part, float] = defaultdict(float)
        self._part: Part = "archive"
        self._since = time.thread_time()
        self.work_at("archive")

    def work_at(self, part: Part) -> None:
        """What follows counts as work at `part`, until something else is said."""
        now = time.thread_time()
        self._spent[self._part] += now - self._since
        self._part, self._since = part, now
        self._end = now + SECONDS * (1 + len(self._data) / FOR_BYTES) - self._spent[part]
        self._unwatched = 0

    def unlimited(self) -> None:
        """The check is over; who reads on may take what time and memory it needs."""
        self._end = self._readable = math.inf

    def count_ahead(self, entries: Sequence[Entry]) -> None:
        """Begins to count what large entries unpack to, the last first, while `size` comes from the first to meet it.

        zlib works without Python's lock, so this takes no time from others where there is a second core.
        """
        large = [
            entry
            for entry, total in zip(entries, accumulate(entry.size for entry in entries), strict=True)
            if entry.size > LARGE
            and total <= MOST_BYTES
            and entry.method == DEFLATED
            and self.opens(entry)
            and not entry.raw_name.endswith((b".php", *TEXTS))
        ]
        if sum(entry.size for entry in large) > LEAST_AHEAD:
            threading.Thread(target=self._count, args=[large[::-1]], daemon=True).start()

    def _count(self, entries: Sequence[Entry]) -> None:
        left = MOST_BYTES  # more than they claim together
        for entry in entries:
            if entry in self._counts or self.exhausted or left < 0:
                break
            count = 0
            for chunk in self._chunks(entry):
                count += len(chunk)
                if count > entry.size:
                    break
            self._counts[entry] = count
            left -= count

    @property
    def exhausted(self) -> bool:
        """Whether more was to be unpacked than is good for a checker."""
        return self._left <= 0

    def watch(self, work: int) -> None:
        """Raises `TooLargeError` when the archive has had its share; `work` is about how many bytes are looked at."""
        self._unwatched += work + LEAST_WORK
        if self._unwatched > WORK:  # asking for the time takes a while, too
            self._unwatched = 0
            if time.thread_time() > self._end:
                raise TooLargeError("more to look at than a plugin has")

    def size(self, entry: Entry) -> int:
        """The bytes that reading gives, counted up to one more than claimed. Raises `Unreadable`, `TooLargeError`."""
        self.watch(_work(entry))
        if self.exhausted:
            return entry.size
        if entry.method == STORED and self.opens(entry) and entry.packed_size:
            self._counts[entry] = max(0, min(entry.packed_size, len(self._data) - self._start(entry)))
        if entry in self._counts:
            self._left -= self._counts[entry]
            return entry.size if self.exhausted else self._counts[entry]
        count = 0
        keep = entry.size <= self._keepable and entry.raw_name.endswith(TEXTS)
        chunks = []
        for chunk in self._chunks(entry):
            count += len(chunk)
            self._left -= len(chunk)
            if self.exhausted:
                return entry.size
            if count > entry.size:
                return count
            if keep:
                chunks.append(chunk)
        if keep:
            self._kept[entry] = b"".join(chunks)
            self._keepable -= count
        self._counts[entry] = count
        return count

    def read(self, entry: Entry, most: int) -> bytes:
        """The first `most` bytes of the content. Raises `Unreadable` and `TooLargeError`."""
        self.watch(_work(entry))
        if entry in self._kept:
            return self._kept[entry][:most]
        content = bytearray()
        for chunk in self._chunks(entry):
            content += chunk
            if len(content) >= most:
                break
        else:
            self._counts[entry] = len(content)
        self._readable -= len(content)
        if self._readable < 0:
            raise TooLargeError(f"more than {MOST_READ // 2**20} MB of text")
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
        start = self._start(entry)
        packed = (
            self._data[at : min(at + CHUNK, start + entry.packed_size)]
            for at in range(start, min(start + entry.packed_size, len(self._data)), CHUNK)
        )
        yield from packed if entry.method == STORED else _unpacked(packed, entry.method)

    def _start(self, entry: Entry) -> int:
        """Where its content begins: only the local header's lengths are looked at, not even its mark."""
        after = entry.offset + LOCAL_SIZE
        name, extra = struct.unpack("<2H", self._data[after - 4 : after])
        return after + int(name) + int(extra)


def _work(entry: Entry) -> int:
    """About how many bytes are looked at before the first byte of content comes: of bzip2 a whole block is unpacked."""
    return min(entry.packed_size, CHUNK) + (BZIP2_BLOCK if entry.method == BZIP2 else 0)


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
