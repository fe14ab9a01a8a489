"""The addresses under /webservice/, those of files, and the pages' own service."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage

from mock_moodle.caching import as_file, as_script, as_session_answer
from mock_moodle.errors import AccessException, MissingRecord, MoodleError, coding_error
from mock_moodle.login.browser import browser, require_login
from mock_moodle.page import error_page, optional_param, required_param
from mock_moodle.site import current
from mock_moodle.store.core import Context
from mock_moodle.undrawn.page import note
from mock_moodle.webservice import ajax, file_server, rest
from mock_moodle.webservice.byte_ranges import as_asked
from mock_moodle.webservice.clean import clean_param
from mock_moodle.webservice.core_webservice import MAX_UPLOAD_BYTES
from mock_moodle.webservice.php import to_int
from mock_moodle.webservice.response import encode_json
from mock_moodle.webservice.script import JSON, json_error, json_or_error, json_response
from mock_moodle.world.install import LAST_INSTALLED_CONTEXT

blueprint = Blueprint("webservice", __name__)

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
FILE_METHODS = ["GET", "POST", "OPTIONS"]
FILES_SCRIPT = "core_files"
MIN_PATH_PARTS = 3
SENT_NAME = re.compile(r'filename="((?:\\.|[^"\\])*)"')
FILE_NOT_FOUND = MoodleError("filenotfound", "Sorry, the requested file could not be found")


@blueprint.route("/webservice/rest/server.php", methods=METHODS, provide_automatic_options=False)
def rest_server() -> Response:
    current.visit.write = False  # a function that writes says so
    asked = rest.RestRequest.parse(request.query_string.decode("utf-8", "replace"), sent_form())
    answer = rest.serve(asked, request.remote_addr or "")
    return Response(answer.body, answer.status, answer.headers)


@blueprint.route("/webservice/rest/simpleserver.php", methods=METHODS, provide_automatic_options=False)
def rest_simple_server() -> Response:
    """With user name and password: refused, for the plugin that allows them is off on a new Moodle."""
    if not rest.protocol_enabled("rest"):
        return Response("", content_type="text/html; charset=utf-8")
    asked = rest.RestRequest.parse(request.query_string.decode("utf-8", "replace"), sent_form())
    answer = rest.failure(AccessException("The web service authentication plugin is disabled."), json=asked.json)
    return Response(answer.body, answer.status, answer.headers)


@blueprint.route("/webservice/soap/server.php", methods=METHODS, provide_automatic_options=False)
@blueprint.route("/webservice/soap/simpleserver.php", methods=METHODS, provide_automatic_options=False)
def soap_server() -> Response:
    """Nothing at all, as while the protocol is off; the mock does not speak it."""
    note("the mock does not speak SOAP")
    return Response("", content_type="text/html; charset=utf-8")


def sent_form() -> list[tuple[str, str]]:
    """$_POST's pairs in the order sent: only POST has a form, and other bodies than forms are ignored."""
    if request.method != "POST":
        return []
    if request.mimetype == "application/x-www-form-urlencoded":
        return parse_qsl(request.get_data().decode("utf-8", "replace"), keep_blank_values=True)
    if request.mimetype == "multipart/form-data":
        return list(request.form.items(multi=True))
    return []


@blueprint.route("/webservice/upload.php", methods=["GET", "POST"])
def upload() -> Response:
    def store() -> Response:
        token = file_server.token_for_upload(required_param("token"), request.remote_addr or "")
        path = str(clean_param(optional_param("filepath", "/"), "path"))
        results = file_server.upload(token.user, _sent_files(), itemid=optional_param("itemid", 0, int), filepath=path)
        return json_response(results)

    response = json_or_error(store)
    if request.files:  # an old browser's form would open JSON as a file to save
        response.content_type = "text/plain; charset=utf-8"
    return as_script(response)


def _sent_name(file: FileStorage) -> str:
    """As PHP reads it: escaped by backslashes, not by percent signs."""
    found = SENT_NAME.search(file.headers.get("Content-Disposition", ""))
    return re.sub(r'\\(["\\])', r"\1", found[1]) if found else file.filename or ""


def _sent_files() -> list[tuple[str, bytes]]:
    """$_FILES, as upload.php accepts it: of a field that was sent twice PHP keeps the last."""
    found = []
    for field, sent in request.files.lists():
        if field.endswith("]"):  # a list, whose errors are one
            raise MoodleError("nofile", "File not specified")
        name, content = _sent_name(sent[-1]), sent[-1].read()
        if not name:
            raise MoodleError("upload_error_no_file", "No file was uploaded.")
        if len(content) > MAX_UPLOAD_BYTES:
            raise MoodleError("upload_error_ini_size", "The file is larger than the maximum size allowed.")
        found.append((name, content))
    return found


@blueprint.route("/webservice/pluginfile.php", methods=FILE_METHODS, provide_automatic_options=False)
@blueprint.route(
    "/webservice/pluginfile.php/", methods=FILE_METHODS, provide_automatic_options=False, defaults={"path": "/"}
)
@blueprint.route("/webservice/pluginfile.php/<path:path>", methods=FILE_METHODS, provide_automatic_options=False)
def webservice_file(path: str = "") -> Response:
    def send() -> Response:
        token = file_server.token_for_download(required_param("token"), request.remote_addr or "")
        wanted = path or optional_param("file")
        if not wanted:
            raise MoodleError("invalidargorconf", "No valid arguments supplied or incorrect server configuration")
        found = file_server.find(_checked(wanted), token.user.id)
        return _sent(found) if found else json_error(FILE_NOT_FOUND, 404)

    response = json_or_error(send)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return as_script(response) if response.mimetype == "application/json" else response


def _checked(path: str) -> str:
    """The path of a file in a context that there is: blocks, which the mock has not, have the first ones."""
    parts = path.strip("/").split("/")
    if len(parts) < MIN_PATH_PARTS:
        raise MoodleError("invalidarguments", "No valid arguments supplied")
    contextid = to_int(parts[0])
    if not contextid:
        raise coding_error("Invalid context id specified context::instance_by_id()")
    context = current.session.get(Context, contextid)
    if context is None and contextid > LAST_INSTALLED_CONTEXT:
        raise MissingRecord("context")
    return path


@blueprint.get("/pluginfile.php")
def plugin_file_in_query() -> Response:
    return plugin_file(path) if (path := optional_param("file")) else no_file()


@blueprint.get("/draftfile.php")
def no_draft() -> Response:
    require_login()
    return no_file()


def no_file() -> Response:
    raise MoodleError("invalidargorconf", "No valid arguments supplied or incorrect server configuration")


@blueprint.get("/draftfile.php/")
@blueprint.get("/draftfile.php/<path:path>")
def draft_file(path: str = "") -> Response:
    found = file_server.find_draft(path, require_login().id)
    return _sent(found) if found else error_page(FILE_NOT_FOUND)


@blueprint.get("/pluginfile.php/")
@blueprint.get("/pluginfile.php/<path:path>")
def plugin_file(path: str = "") -> Response:
    file_server.require_entry(_checked(path))
    return _file(path, browser().userid)


@blueprint.get("/tokenpluginfile.php")
@blueprint.get("/tokenpluginfile.php/")
@blueprint.get("/tokenpluginfile.php/<key>")
@blueprint.get("/tokenpluginfile.php/<key>/")
@blueprint.get("/tokenpluginfile.php/<key>/<path:path>")
def token_file(key: str = "", path: str = "") -> Response:
    try:
        owner = file_server.key_owner(key, FILES_SCRIPT, request.remote_addr or "")
        response = _file(path, owner.id)
    except MoodleError as error:
        current.rollback()
        response = error_page(error)
    if current.site.release.at_least("4.5"):
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.route("/lib/ajax/service.php", methods=["GET", "POST"])
def ajax_service() -> Response:
    return _ajax(with_session=True)


@blueprint.route("/lib/ajax/service-nologin.php", methods=["GET", "POST"])
def ajax_service_nologin() -> Response:
    return _ajax(with_session=False)


def _ajax(*, with_session: bool) -> Response:
    in_address = "" if with_session else request.args.get("args", "")
    body = request.get_data(as_text=True) or in_address

    def serve() -> Response:
        userid = browser().userid if with_session else 0
        answers = ajax.answer(body, userid=userid, with_session=with_session)
        response = Response(encode_json(answers), content_type=JSON)
        return as_session_answer(response) if with_session else response

    return json_or_error(serve)


def _file(path: str, userid: int) -> Response:
    found = file_server.find(_checked(path), userid)
    return _sent(found) if found else error_page(FILE_NOT_FOUND)


def _sent(found: file_server.Found) -> Response:
    response = Response(found.content, content_type=found.mimetype)
    if found.mimetype.startswith("text/"):
        response.content_type = f"{found.mimetype}; charset=utf-8"
    as_file(response, found.filename, kept=found.kept, public=found.public)
    return as_asked(response, modified=found.modified or current.clock.time())
