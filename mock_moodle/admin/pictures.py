"""Users' pictures: kept as files of the user's context, served under `pluginfile.php` and, with a key in the address,
under `tokenpluginfile.php`."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import delete, select

from mock_moodle.access import context_user
from mock_moodle.errors import MissingRecord, MoodleError
from mock_moodle.login.browser import require_login
from mock_moodle.site import current
from mock_moodle.store.core import USER, Context, PrivateKey, StoredFile, User
from mock_moodle.webservice.php import INT_MAX

IMAGES = {"image/png": "f3.png", "image/jpeg": "f3.jpg", "image/gif": "f3.gif"}
"""MIME types that a picture may have, and how Moodle names the file."""
AREA = ("user", "icon")
KEY_SCRIPT = "core_files"
CACHE_SECONDS = 86_400
SILHOUETTE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100" viewBox="0 0 100 100" fill="#adb5bd">'
    '<rect width="100" height="100" fill="#e9ecef"/><circle cx="50" cy="38" r="18"/>'
    '<path d="M14 100a36 36 0 0 1 72 0z"/></svg>'
)


def add_to(blueprint: Blueprint) -> None:
    tail = f"<int(max={INT_MAX}):contextid>/user/icon/<path:name>"
    blueprint.add_url_rule(f"/pluginfile.php/{tail}", view_func=by_session)
    blueprint.add_url_rule(f"/tokenpluginfile.php/<key>/{tail}", view_func=by_key)
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


def by_session(contextid: int, name: str) -> Response:  # noqa: ARG001 - theme and size change nothing here
    require_login()
    return send_picture(contextid)


def by_key(key: str, contextid: int, name: str) -> Response:  # noqa: ARG001
    now = current.clock.time()
    row = current.session.scalar(select(PrivateKey).where(PrivateKey.value == key, PrivateKey.script == KEY_SCRIPT))
    if row is None:
        raise MoodleError("invalidkey", "Incorrect key")
    if row.validuntil and row.validuntil < now:
        raise MoodleError("expiredkey", "Expired key")
    response = send_picture(contextid)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def theme_image(name: str) -> Response:  # noqa: ARG001
    """The theme's icons and silhouettes, all alike: clients only want to see an image."""
    response = Response(SILHOUETTE, content_type="image/svg+xml")
    response.headers["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    return response


def send_picture(contextid: int) -> Response:
    stored = current.session.scalars(
        select(StoredFile).where(*_in_area(contextid)).order_by(StoredFile.id.desc())
    ).first()
    context = current.session.get(Context, contextid)
    if stored is None or context is None or context.contextlevel != USER:
        raise MissingRecord("files")
    response = Response(stored.content, content_type=stored.mimetype)
    response.headers["Cache-Control"] = f"private, max-age={CACHE_SECONDS}"
    return response


def _in_area(contextid: int):  # type: ignore[no-untyped-def]
    return (
        StoredFile.contextid == contextid,
        StoredFile.component == AREA[0],
        StoredFile.filearea == AREA[1],
    )
