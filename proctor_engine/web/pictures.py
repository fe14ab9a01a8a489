"""Pictures in requests and in answers."""

from __future__ import annotations

import io
import math

from flask import abort, request
from PIL import Image, UnidentifiedImageError

from proctor_engine.web.current import service

THUMBNAIL = (200, 150)


def jpeg() -> bytes:
    """The request's body, a JPEG within the limits; only its header is read."""
    limits = service().settings.limits
    content = body(limits.frame_bytes)
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG",)) as picture:
            if math.prod(picture.size) > limits.frame_pixels:
                abort(413, "picture: too many pixels")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        abort(422, "picture: not a JPEG")
    return content


def body(limit: int) -> bytes:
    """The request's body, which there must be and which must not be too long."""
    if (request.content_length or 0) > limit:
        abort(413, "that is more than is taken at once")
    content = request.get_data(cache=False)
    if not content:
        abort(422, "the request has no body")
    return content


def thumbnail(content: bytes) -> bytes:
    """For a wall of many."""
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
        image.draft("RGB", THUMBNAIL)  # Decodes an eighth to a half of the resolution: a fraction of the work.
        image.thumbnail(THUMBNAIL)
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=70)
    return buffer.getvalue()
