"""Where pictures and icons are."""

from __future__ import annotations

import struct
import zlib
from functools import cache

from mock_moodle.access import context_user
from mock_moodle.site import current
from mock_moodle.store.core import User


def picture_url(user: User, *, size: str = "f1") -> str:
    """The user's picture as a web service tells it (`size` f1 100 px, f2 35 px), or the theme's silhouette."""
    if user.picture and not user.deleted:
        context = context_user(user.id)
        return current.url(f"/pluginfile.php/{context.id}/user/icon/{_theme()}/{size}", rev=user.picture)
    return theme_image("core", f"u/{size}")


def theme_image(component: str, name: str, suffix: str = "") -> str:
    """theme/image.php: `component` is "core" or a module's name."""
    revision = current.config("themerev") or str(current.clock.time())
    return f"{current.site.wwwroot}/theme/image.php/{_theme()}/{component}/{revision}/{name}{suffix}"


def _theme() -> str:
    return current.config("theme") or "boost"


SIZES = {"f2": 35, "f3": 512}
SIZE = 100
"""Of f1, and of whatever else is asked for."""
PAPER, INK = 233, 173


@cache
def silhouette(name: str) -> bytes:
    """Of who has no picture, as PNG: a head above shoulders, grey."""
    size = SIZES.get(name, SIZE)

    def shade(x: float, y: float) -> int:
        head = (x - 0.5) ** 2 + (y - 0.38) ** 2 < 0.18**2
        shoulders = (x - 0.5) ** 2 + (y - 1) ** 2 < 0.36**2
        return INK if head or shoulders else PAPER

    lines = (bytes([0, *(shade(x / size, y / size) for x in range(size))]) for y in range(size))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"".join(lines))),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
