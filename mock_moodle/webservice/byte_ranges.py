"""A file that the browser has already, or of which it wants a part."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

from flask import Response, request

BOUNDARY = "s1k2o3d4a5k6s7"
"""Between several parts: protocol, byte by byte as Moodle sends it."""
_RANGE = re.compile(r"(\d{0,18})-(\d{0,18})")


def as_asked(response: Response, *, modified: int) -> Response:
    """304 for what was not changed since, 206 for parts; plain texts are always sent whole."""
    if _known(response, modified):
        response.status_code = 304
        response.set_data(b"")
    elif response.mimetype != "text/plain":
        response.headers["Accept-Ranges"] = "bytes"
        _cut(response)
    return response


def _known(response: Response, modified: int) -> bool:
    if request.headers.get("If-None-Match") == response.headers.get("ETag"):
        return True
    try:
        since = parsedate_to_datetime(request.headers["If-Modified-Since"].partition(";")[0]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return False
    return since >= modified


def _cut(response: Response) -> None:
    content, sent = response.get_data(), request.headers.get("Range", "")
    ranges = [_bounds(first, last, len(content)) for first, last in _RANGE.findall(sent) if "bytes=" in sent]
    if not ranges or any(not 0 <= first <= last for first, last in ranges):
        return
    response.status_code = 206
    if len(ranges) == 1:
        ((first, last),) = ranges
        response.headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        response.set_data(content[first : last + 1])
        return
    kind, parts = response.mimetype, []
    for first, last in ranges:
        head = f"\r\n--{BOUNDARY}\r\nContent-Type: {kind}\r\nContent-Range: bytes {first}-{last}/{len(content)}\r\n\r\n"
        parts.append(head.encode() + content[first : last + 1])
    response.set_data(b"".join(parts) + f"\r\n--{BOUNDARY}--\r\n".encode())
    response.content_type = f"multipart/byteranges; boundary={BOUNDARY}"


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """Without a beginning it is the end that is wanted."""
    if not first:
        return size - int(last or 0), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
