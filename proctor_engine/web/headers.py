"""Security headers: what a browser may load, frame and leak."""

from __future__ import annotations

from flask import Flask, Response, request

from contract.panel import PANEL_PATH
from proctor_engine.web.current import service


def install(app: Flask) -> None:
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    settings = service().settings
    moodle = settings.moodle.origin
    framed = request.path.startswith(PANEL_PATH)
    ancestors = " ".join((moodle, *settings.frame_ancestors)) if framed else "'none'"
    policy = {
        "default-src": "'self'",
        "img-src": "'self' blob: data:",
        "media-src": "'self' blob:",
        "worker-src": "'self'",
        "frame-src": moodle,
        "frame-ancestors": ancestors,
        "form-action": "'self'",
        "base-uri": "'none'",
        "object-src": "'none'",
    }
    response.headers.setdefault("Content-Security-Policy", "; ".join(f"{key} {value}" for key, value in policy.items()))
    if not framed:
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(self), display-capture=(self), geolocation=()"
    if settings.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
