"""The Flask application, put together."""

from __future__ import annotations

import threading

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from proctor_engine.service import Service
from proctor_engine.store import sign_ins
from proctor_engine.web import (
    admin,
    booking,
    capture,
    current,
    exams,
    headers,
    health,
    language,
    limits,
    moodle,
    own_data,
    phone,
    problems,
    review,
    signin,
    staff,
    tokens,
    wall,
    words,
)
from proctor_engine.web.export import pages as export


def create_app(service: Service) -> Flask:
    """One application for one service. It holds no state of its own: any number may serve the same database."""
    app = Flask("proctor_engine.web", static_url_path="/static")
    secrets = tokens.secrets_of(service)
    app.config.update(
        SECRET_KEY=secrets[0],
        SECRET_KEY_FALLBACKS=secrets[1:],
        SESSION_COOKIE_NAME="__Host-proctor" if service.settings.secure else "proctor",
        SESSION_COOKIE_SECURE=service.settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=sign_ins.LASTS,
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=max(service.settings.limits.frame_bytes, service.settings.limits.audio_bytes) * 4,
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_STORAGE_URI=service.settings.limiter,
        RATELIMIT_HEADERS_ENABLED=True,
    )
    app.extensions["proctor"] = service
    app.extensions["proctor_streams"] = threading.BoundedSemaphore(service.settings.wall_streams)
    app.jinja_env.filters.update(
        state=words.state,
        conclusion=words.conclusion,
        decision=words.decision,
        faults=words.faults,
        identity=words.identity,
    )
    app.context_processor(lambda: {"visitor": staff.visitor(), "roles": staff.roles()})
    if service.settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    for part in (language, headers, limits, problems):
        part.install(app)
    app.url_map.converters["int"] = current.ColumnNumber
    blueprints = (
        signin.pages,
        exams.pages,
        booking.pages,
        capture.api,
        phone.pages,
        moodle.pages,
        wall.pages,
        review.pages,
        export.pages,
        own_data.pages,
        admin.pages,
        health.pages,
    )
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    return app
