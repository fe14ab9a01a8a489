"""Rate limits and protection against forged requests."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

limiter = Limiter(get_remote_address)
csrf = CSRFProtect()


def install(app: Flask) -> None:
    limiter.init_app(app)
    csrf.init_app(app)
