"""The addresses under /webservice/."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Blueprint, Response, request

from mock_moodle.site import current
from mock_moodle.webservice import rest

blueprint = Blueprint("webservice", __name__)

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


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
