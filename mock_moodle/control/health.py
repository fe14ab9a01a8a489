"""The health address: always open, since it tells nothing and a starting test has to ask something."""

from __future__ import annotations

from flask import Response, jsonify

from mock_moodle.site import current

PATH = "/__mock__/health"


def health() -> Response:
    """Answers as soon as the site does."""
    current.visit.write = False
    return jsonify(status="ok", release=current.site.release.release, wwwroot=current.site.wwwroot)
