"""Users' pictures, kept as files of the user's context, and the theme's images. `webservice/file_server.py` serves the
former."""

from __future__ import annotations

import re

from flask import Blueprint, Response
from sqlalchemy import delete

from mock_moodle.access import context_user
from mock_moodle.site import current
from mock_moodle.store.core import StoredFile, User
from mock_moodle.webservice.pictures import silhouette

IMAGES = {"image/png": "f3.png", "image/jpeg": "f3.jpg", "image/gif": "f3.gif"}
"""MIME types that a picture may have, and how Moodle names the file."""
AREA = ("user", "icon")
CACHE_SECONDS = 86_400
THEMES = ("boost", "classic")
IMAGE_PATH = re.compile(r"core/-?\d+/(?:u/f[123]|\w+/[\w./-]+)|(?!core/)\w+/-?\d+/[\w./-]+")
"""Of a theme: component, revision, name."""


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/theme/image.php/<path:name>", view_func=theme_image)


def set_picture(user: User, content: bytes, mimetype: str) -> None:
    """Replaces the user's picture."""
    session, context, now = current.session, context_user(user.id), current.clock.time()
    session.execute(delete(StoredFile).where(*_in_area(context.id)))
    stored = StoredFile(
        contextid=context.id,
        component=AREA[0],
        filearea=AREA[1],
        filename=IMAGES[mimetype],
        mimetype=mimetype,
        content=content,
        userid=user.id,
        timecreated=now,
        timemodified=now,
    )
    session.add(stored)
    session.flush()
    user.picture = stored.id


def theme_image(name: str) -> Response:
    """A silhouette for people and activities: clients only want to see an image."""
    theme, _, image = name.removeprefix("_s/").partition("/")
    if theme not in THEMES or not IMAGE_PATH.fullmatch(image):
        return Response("Image was not found, sorry.", 404, content_type="text/html; charset=utf-8")
    response = Response(silhouette(name.rpartition("/")[2]), content_type="image/png")
    response.headers["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    return response


def _in_area(contextid: int):  # type: ignore[no-untyped-def]
    return (
        StoredFile.contextid == contextid,
        StoredFile.component == AREA[0],
        StoredFile.filearea == AREA[1],
    )
