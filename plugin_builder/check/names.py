"""Names as Moodle reads them out of a ZIP: converted to UTF-8, then cleaned as PARAM_PATH.

Moodle reads the directory a second time, by its own parser, to learn the names' encoding. Where that parser gives up
(a comment in a small archive, ZIP64) names are only cleaned.
"""

from __future__ import annotations

import codecs
import re
import struct
import sys
import unicodedata
import zlib
from collections.abc import Sequence
from functools import cache
from itertools import groupby

from plugin_builder.check.libzip import (
    CENTRAL,
    CENTRAL_SIZE,
    END,
    END_SIZE,
    EXTRA_SIZE,
    FULL32,
    MOST_DIRECTORY_BYTES,
    MOST_EXTRA_FIELDS,
    UTF8,
    UTF8_NAME_EXTRA,
    Buffer,
    TooLargeError,
)

COMMENT_SEARCHED = 65557
MOST_SWAPS = 2**26
"""What putting accents in order may cost, which takes quadratic time in how many follow one letter."""
SHORT = 255
"""A name up to so long costs little, whatever it is."""
_HIDDEN_ACCENTS = "\u0f73\u0f75\u0f81"
"""Letters that become nothing but accents."""
OSX_ZIPPER = 0x315
NTFS_EXTRA = 0x000A
_CLEAN = re.compile(rb"(?:[a-zA-Z0-9_\-][a-zA-Z0-9_\-. ]*/)*(?:[a-zA-Z0-9_\-][a-zA-Z0-9_\-. ]*)?")
"""Names that cleaning leaves as they are: nearly all."""
_PLAIN = re.compile(rb"[a-zA-Z0-9_\-.]*\n?")
_BEYOND_UNICODE = re.compile(
    rb"\xf4[\x90-\xbf][\x80-\xbf]{2}|[\xf5-\xf7][\x80-\xbf]{3}|[\xf8-\xfb][\x80-\xbf]{4}|[\xfc\xfd][\x80-\xbf]{5}"
)
_SUSPICIOUS = re.compile(r"""[\x00-\x1f\x7f-\x9f&<>"`|':\\/]""")


class PageCrash(Exception):  # noqa: N818 -- Moodle's error, not ours
    """Moodle's page ends in a PHP error on this archive; `str()` names it."""


def fix_utf8(name: bytes) -> str:
    """What is valid UTF-8 in `name`, without NUL and the two non-characters that Moodle drops.

    A last character cut short leaves nothing at all.
    """
    text = name.replace(b"\0", b"").replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    decoded = decoder.decode(text)
    unfinished, _ = decoder.getstate()
    return "" if unfinished else decoded


def clean_file(crumb: str) -> str:
    """PARAM_FILE."""
    if crumb in (".", ".."):
        return ""
    cleaned = _SUSPICIOUS.sub("", crumb)
    return "" if cleaned in (".", "..") else cleaned


def clean_path(name: bytes, strict: bool) -> str:
    """PARAM_PATH.

    Forms of UTF-8 beyond Unicode pass Moodle's conversion and then break its cleaning: where that is `strict`, the
    page ends (`PageCrash`), else the part of the path is lost.
    """
    if _CLEAN.fullmatch(name):
        return name.decode("ascii")
    if _BEYOND_UNICODE.search(name):
        if strict:
            raise PageCrash("TypeError")
        parts = name.replace(b"\\", b"/").split(b"/")
        name = b"/".join(b"" if _BEYOND_UNICODE.search(part) else part for part in parts)
    crumbs = fix_utf8(name).replace("\\", "/").split("/")
    cleaned = [crumb if place == 0 and crumb == "." else clean_file(crumb) for place, crumb in enumerate(crumbs)]
    path = re.sub("//+", "/", "/".join(cleaned))
    return re.sub(r"/(\./)+", "/", path)


def without_lookup(raw: bytes, strict: bool) -> str:
    """A name that Moodle's own parser did not meet."""
    return clean_path(raw, strict).lstrip("/")


def lookup(data: Buffer, strict: bool) -> dict[bytes, str]:
    """Raw name → cleaned name, for the names that Moodle's own parser meets. Raises `PageCrash`."""
    end = _end_record(data)
    if end is None:
        return {}
    _, disk, first_disk, _, total, size, offset, _ = end
    if disk or first_disk or offset == FULL32:
        return {}
    if not size:
        raise PageCrash("ValueError")
    if size > MOST_DIRECTORY_BYTES:
        raise TooLargeError(f"a directory of {size:,} bytes")
    directory = data[offset : offset + size]
    found: dict[bytes, str] = {}
    at = swaps = fields = 0
    for _ in range(total):
        if directory[at : at + 4] != CENTRAL or at + CENTRAL_SIZE > len(directory):
            return {}
        made_by, _, flags = struct.unpack_from("<3H", directory, at + 4)
        lengths = struct.unpack_from("<3H", directory, at + 28)
        name_end = at + CENTRAL_SIZE + lengths[0]
        raw = directory[at + CENTRAL_SIZE : name_end]
        extras = _extras(directory[name_end : name_end + lengths[1]])
        plain = flags & UTF8 or (raw.isascii() and not extras)
        name = raw if plain or _PLAIN.fullmatch(raw) else _decoded(raw, made_by, extras)
        cleaned = clean_path(name, strict).lstrip("/")
        if len(cleaned) > SHORT and not _accents().isdisjoint(cleaned):
            swaps += sum(len(list(run)) ** 2 for accent, run in groupby(cleaned, key=_accents().__contains__) if accent)
        fields += len(extras)
        if swaps > MOST_SWAPS or fields > MOST_EXTRA_FIELDS:
            raise TooLargeError("more accents in its names, or more said of them, than a plugin has")
        found[raw] = unicodedata.normalize("NFC", cleaned)
        at = name_end + lengths[1] + lengths[2]
    return found


@cache
def _accents() -> frozenset[str]:
    return frozenset(filter(unicodedata.combining, map(chr, range(sys.maxunicode)))) | frozenset(_HIDDEN_ACCENTS)


def _end_record(data: Buffer) -> tuple[bytes, int, int, int, int, int, int, int] | None:
    """The end record that Moodle finds: the last 22 bytes, else the first mark in the last 65557 of a larger file."""
    length = len(data)
    tail = data[length - END_SIZE :]
    if tail[:4] != END:
        # Seeking before the start of a smaller file fails, and then nothing is left to read.
        tail = data[length - COMMENT_SEARCHED :] if length >= COMMENT_SEARCHED else b""
    at = tail.find(END)
    if at == -1 or at + END_SIZE > len(tail):
        return None
    record: tuple[bytes, int, int, int, int, int, int, int] = struct.unpack_from("<4s4H2IH", tail, at)
    return record


def _extras(extra: bytes) -> list[tuple[int, bytes]]:
    """As libzip's, but what is cut off is taken as it is."""
    found, at = [], 0
    while len(extra) - at > EXTRA_SIZE:
        kind, length = struct.unpack_from("<2H", extra, at)
        at += EXTRA_SIZE
        found.append((kind, extra[at : at + length]))
        at += length
    return found


def _decoded(raw: bytes, made_by: int, extras: Sequence[tuple[int, bytes]]) -> bytes:
    """A name without the UTF-8 flag, converted as Moodle guesses on an English site."""
    name, found = raw, False
    for kind, content in extras:
        if (
            kind == UTF8_NAME_EXTRA
            and len(content) >= 5
            and struct.unpack_from("<I", content, 1)[0] == zlib.crc32(name)
        ):
            name, found = content[5:], True
    sound = _BEYOND_UNICODE.sub(b"", raw)
    if found or (made_by in (OSX_ZIPPER, 0) and fix_utf8(sound).encode() == sound):
        return name
    windows = not extras or any(kind == NTFS_EXTRA for kind, _ in extras)
    return name.decode("cp850" if windows else "latin-1").encode()
