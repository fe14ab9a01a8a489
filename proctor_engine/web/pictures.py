"""Pictures in requests and in answers."""

from __future__ import annotations

import io
import math
from collections.abc import Collection

from flask import Response, abort, request
from PIL import Image, UnidentifiedImageError

from proctor_engine.store import audit
from proctor_engine.store.model import Evidence, Purpose
from proctor_engine.web import staff
from proctor_engine.web.current import service

THUMBNAIL = (200, 150)


def evidence(session_id: str, evidence_id: int, *, only: Collection[Purpose] = tuple(Purpose)) -> Response:
    """A kept picture of a session of the staff member's courses; that it was looked at is noted."""
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id)
        piece = db.get(Evidence, evidence_id)
        if piece is None or piece.session_id != row.id or piece.purpose not in only:
            abort(404, "no such picture")
        audit.record(db, staff.on_duty().name, "evidence.view", row.id, piece.kind)
        key = piece.key
    content = kept(key)
    return Response(content, content_type="image/png" if content.startswith(b"\x89PNG") else "image/jpeg")


def kept(key: str) -> bytes:
    """A sealed file's content; the purge may have taken it between two looks."""
    try:
        return service().evidence.get(key)
    except FileNotFoundError:
        abort(404, "that picture has just gone")


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
    content = b"" if (request.content_length or 0) > limit else request.get_data(cache=False)
    if max(request.content_length or 0, len(content)) > limit:  # What comes in pieces names no length.
        abort(413, "that is more than is taken at once")
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
