"""Rate limits and protection against forged requests."""

from __future__ import annotations

import threading
import time
from collections import Counter

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

A_HALL = "300 per minute"
"""For what a signature protects: hundreds of candidates may sit behind one address and begin at once."""
BROKER_SECONDS = 1.0
"""For so long a request waits for a counter on another machine; without an answer this process counts by itself."""

limiter = Limiter(get_remote_address)
csrf = CSRFProtect()


class Pace:
    """How often each key came in this minute, counted in this process: what comes every second must cost nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: Counter[str] = Counter()

    def allows(self, key: str, per_minute: int) -> bool:
        minute = int(time.monotonic() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, Counter()
            self._counts[key] += 1
            return self._counts[key] <= per_minute


def whose() -> str:
    """The session in a request's address: a whole computer room may sit behind one address of the network."""
    return str((request.view_args or {}).get("session_id", ""))


def install(app: Flask) -> None:
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    if app.config["RATELIMIT_STORAGE_URI"].startswith("redis"):
        patience = {"socket_timeout": BROKER_SECONDS, "socket_connect_timeout": BROKER_SECONDS}
        app.config["RATELIMIT_STORAGE_OPTIONS"] = patience
    limiter.init_app(app)
    csrf.init_app(app)
