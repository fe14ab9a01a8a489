"""The addresses under /webservice/, those of files, and the pages' own service."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request

from mock_moodle.errors import InvalidSesskey, MoodleError
from mock_moodle.login.browser import browser, confirm_sesskey
from mock_moodle.page import error_page, page
from mock_moodle.site import current
from mock_moodle.webservice import ajax, file_server, rest
from mock_moodle.webservice.clean import clean_param
from mock_moodle.webservice.php import to_int
from mock_moodle.webservice.response import to_json

blueprint = Blueprint("webservice", __name__)

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
FILES_SCRIPT = "core_files"


@blueprint.route("/webservice/rest/server.php", methods=METHODS, provide_automatic_options=False)
def rest_server() -> Response:
    current.visit.write = False  # a function that writes says so
    asked = rest.RestRequest.parse(request.query_string.decode("utf-8", "replace"), sent_form())
    answer = rest.serve(asked, request.remote_addr or "")
    return Response(answer.body, answer.status, answer.headers)


def sent_form() -> list[tuple[str, str]]:
    """$_POST's pairs in the order sent: only POST has a form, and other bodies than forms are ignored."""
    if request.method != "POST":
        return []
    if request.mimetype == "application/x-www-form-urlencoded":
        return parse_qsl(request.get_data().decode("utf-8", "replace"), keep_blank_values=True)
    if request.mimetype == "multipart/form-data":
        return list(request.form.items(multi=True))
    return []


@blueprint.post("/webservice/upload.php")
def upload() -> Response:
    def store() -> Response:
        token = file_server.token_for_upload(request.values.get("token"), request.remote_addr or "")
        results = file_server.upload(
            token.user,
            [(each.filename or "", each.read()) for each in request.files.values()],
            itemid=to_int(request.values.get("itemid", "0")),
            filepath=str(clean_param(request.values.get("filepath", "/"), "path")),
        )
        return Response(to_json(results), content_type="text/plain; charset=utf-8")

    return _or_json_error(store)


@blueprint.get("/webservice/pluginfile.php")
@blueprint.get("/webservice/pluginfile.php/<path:path>")
def webservice_file(path: str = "") -> Response:
    def send() -> Response:
        token = file_server.token_for_download(request.args.get("token"), request.remote_addr or "")
        return _file(path or request.args.get("file", ""), token.user.id)

    return _or_json_error(send)


@blueprint.get("/pluginfile.php/<path:path>")
def plugin_file(path: str) -> Response:
    return _file(path, browser().userid)


@blueprint.get("/tokenpluginfile.php/<key>/<path:path>")
def token_file(key: str, path: str) -> Response:
    owner = file_server.key_owner(key, FILES_SCRIPT, request.remote_addr or "")
    if owner is None:
        return error_page(MoodleError("invalidkey", "Incorrect key"))
    return _file(path, owner.id)


@blueprint.post("/lib/ajax/service.php")
def ajax_service() -> Response:
    if not confirm_sesskey():
        error = InvalidSesskey()
        return _json({"error": error.message, **ajax.exception_as_dict(error)})
    return _ajax(logged_in_only=True)


@blueprint.route("/lib/ajax/service-nologin.php", methods=["GET", "POST"])
def ajax_service_nologin() -> Response:
    return _ajax(logged_in_only=False)


def _ajax(*, logged_in_only: bool) -> Response:
    body = request.get_json(force=True, silent=True)
    try:
        answers = ajax.answer(body, userid=browser().userid, logged_in_only=logged_in_only)
    except MoodleError as error:
        return _json({"error": error.message, **ajax.exception_as_dict(error)})
    return _json(answers)


def _json(value: object) -> Response:
    return Response(to_json(value), content_type="application/json; charset=utf-8")


def _file(path: str, userid: int) -> Response:
    found = file_server.find(path, userid)
    if found is None:
        message = "Sorry, the requested file could not be found"
        return page("error.html", title="Error", status=404, message=message, errorcode="filenotfound", debug=None)
    response = Response(found.content, content_type=found.mimetype)
    if request.args.get("forcedownload"):
        response.headers["Content-Disposition"] = f'attachment; filename="{found.filename}"'
    response.headers["Cache-Control"] = "private, max-age=3600, no-transform"
    return response


def _or_json_error(serve: Callable[[], Response]) -> Response:
    """What an AJAX_SCRIPT answers when it fails."""
    try:
        return serve()
    except MoodleError as error:
        current.rollback()
        return _json(
            {
                "error": error.message,
                "errorcode": error.errorcode,
                "stacktrace": None,
                "debuginfo": None,
                "reproductionlink": None,
            }
        )
