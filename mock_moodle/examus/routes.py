"""The plugin's pages: `entry.php`, `index.php` (the log) and `picture.php`."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, request
from sqlalchemy import select

from contract.wire import ACCESS_CODE_PARAMETER, PLUGIN_PATH
from mock_moodle.access import context_user
from mock_moodle.errors import MissingRecord, MoodleError
from mock_moodle.examus import app, condition, follow, guard, log, shade, start  # noqa: F401 - they register themselves
from mock_moodle.examus.behaviour import behaviour, is_installed
from mock_moodle.examus.successor import picture_signature
from mock_moodle.login.browser import require_login
from mock_moodle.page import redirect, required_param
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule, StoredFile

blueprint = Blueprint("examus", __name__, url_prefix=PLUGIN_PATH)
log.add_to(blueprint)
guard.add_to(blueprint)
start.add_to(blueprint)


@blueprint.before_request
def _only_while_installed() -> Response | None:
    """A folder that is not there is the web server's 404, not Moodle's."""
    return None if is_installed() else Response("Not Found", 404, content_type="text/plain")


@blueprint.route("/entry.php", methods=["GET", "POST"])
def entry_page() -> Response:
    if behaviour().own_ways_in:
        app.refuse(request.url)
    user = require_login()
    code = required_param(ACCESS_CODE_PARAMETER)
    entry = behaviour().open_entry(code, user)
    if entry is None:
        return Response("Unknown access code", content_type="text/html; charset=utf-8")
    cm = current.session.get(CourseModule, entry.cmid)
    if cm is None:
        raise MoodleError("invalidcoursemoduleid", f"Invalid course module ID: {entry.cmid}")
    return redirect(f"/mod/{cm.modname}/view.php?id={cm.id}")


@blueprint.get("/picture.php")
def picture() -> Response:
    """The successor's signed address of one picture."""
    userid, expires = required_param("user", int), required_param("expires", int)
    signature = required_param("signature")
    expected = picture_signature(userid, expires)
    if expires < current.clock.time() or not hmac.compare_digest(expected.encode(), signature.encode()):
        raise MissingRecord("files")
    return send_user_picture(userid)


def send_user_picture(userid: int) -> Response:
    context = context_user(userid)
    query = select(StoredFile).where(
        StoredFile.contextid == context.id, StoredFile.component == "user", StoredFile.filearea == "icon"
    )
    stored = current.session.scalars(query.order_by(StoredFile.filename.desc())).first()
    if stored is None:
        raise MissingRecord("files")
    return Response(stored.content, content_type=stored.mimetype)
