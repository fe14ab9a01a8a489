"""/__mock__/: only when `--control` asks for it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from mock_moodle.site import current

blueprint = Blueprint("control", __name__, url_prefix="/__mock__")


@blueprint.post("/reset")
def reset() -> Response:
    """Back to the loaded world."""
    current.site.reset()
    return jsonify(status="reset")
