"""The plugin's pages that take part in the protocol."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from mock_moodle.examus2 import (
    api,
    condition,  # noqa: F401 - it registers itself
    names,
    sessions,
    start,
)
from mock_moodle.plugins import installed_version
from mock_moodle.quiz.models import IN_PROGRESS, QuizAttempt
from mock_moodle.quiz.pages import Place
from mock_moodle.quiz.routes import DECORATIONS

blueprint = Blueprint("examus2", __name__, url_prefix=names.PLUGIN_PATH)
blueprint.add_url_rule("/api.php", view_func=api.api, methods=["GET", "POST", "PUT"])
blueprint.add_url_rule("/entry.php", view_func=start.entry, methods=["GET", "POST"])


@blueprint.before_request
def _only_while_installed() -> Response | None:
    """A folder that is not there is the web server's 404, not Moodle's."""
    if installed_version(names.COMPONENT) is None:
        return Response("Not Found", 404, content_type="text/plain")
    return None


def shade(attempt: QuizAttempt, place: Place) -> str:
    """Covers the questions until a window around the page says the word."""
    node = sessions.node_of(place.cm)
    if attempt.state != IN_PROGRESS or attempt.preview or node is None:
        return ""
    if not sessions.concerns(node, place.cm, place.user.id):
        return ""
    return render_template("examus/shade.html", ready_message=names.READY_MESSAGE)


DECORATIONS.append(shade)
