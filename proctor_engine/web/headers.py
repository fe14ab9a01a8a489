"""Security headers: what a browser may load, frame and leak."""

from __future__ import annotations

from flask import Flask, Response, request

from contract.panel import PANEL_PATH
from proctor_engine.web.current import service

USED = ("camera", "microphone", "display-capture", "screen-wake-lock")
UNUSED = ("accelerometer", "geolocation", "gyroscope", "magnetometer", "midi", "payment", "serial", "usb")
"""Features of a browser that nothing here may ask for."""


def install(app: Flask) -> None:
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    settings = service().settings
    moodle = settings.moodle.origin
    framed = request.path.startswith(PANEL_PATH)
    ancestors = " ".join((moodle, *settings.frame_ancestors)) if framed else "'none'"
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' blob: data:",
        "media-src": "'self' blob:",
        "worker-src": "'self'",
        "frame-src": moodle,
        "frame-ancestors": ancestors,
        "form-action": "'self'",
        "base-uri": "'none'",
        "object-src": "'none'",
        # No text becomes a script or markup, whatever a script of ours may do with it.
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    response.headers.setdefault("Content-Security-Policy", "; ".join(f"{key} {value}" for key, value in policy.items()))
    if not framed:
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.endpoint != "exams.room":  # It frames Moodle, whose pages ask for no such thing.
        response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Permitted-Cross-Domain-Policies"] = "none"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = ", ".join(
        (*(f"{feature}=(self)" for feature in USED), *(f"{feature}=()" for feature in UNUSED))
    )
    if settings.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
