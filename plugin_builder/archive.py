"""A ZIP whose bytes depend on its files alone: not on the day, the machine, its umask, locale or time zone.

Entries are sorted, stand under one root folder, have one timestamp and one mode, and no folder entries (Moodle up to
4.4 refuses a ZIP with an empty one). They are stored, not deflated: what deflate makes of the same bytes differs
between zlib, zlib-ng and their versions, and the plugin is small enough not to need it.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import zipfile
from collections.abc import Mapping
from datetime import datetime, timezone

from plugin_builder.errors import BuildError

Timestamp = tuple[int, int, int, int, int, int]
EARLIEST: Timestamp = (1980, 1, 1, 0, 0, 0)
LATEST: Timestamp = (2107, 12, 31, 23, 59, 58)
"""What a ZIP's timestamp can say."""
UNIX = 3


def timestamp(version: int) -> Timestamp:
    """The entries' time: `SOURCE_DATE_EPOCH` where it is set, else the day in `version` (YYYYMMDDRR), both UTC."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if epoch:
        try:
            moment = datetime.fromtimestamp(int(epoch), tz=timezone.utc)
        except (ValueError, OverflowError, OSError):
            raise BuildError(f"SOURCE_DATE_EPOCH: {epoch!r} is no moment; give seconds since 1970") from None
    else:
        day = version // 100
        try:
            moment = datetime(day // 10000, day // 100 % 100, day % 100, tzinfo=timezone.utc)
        except ValueError:
            raise BuildError(f"plugin.version: {version} begins with no day; write YYYYMMDDRR") from None
    fields = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    return min(max(fields, EARLIEST), LATEST)


def pack(root: str, files: Mapping[str, bytes], when: Timestamp) -> bytes:
    """The ZIP with `files` (name inside `root` → content)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{root}/{name}", when)
            entry.create_system = UNIX
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
