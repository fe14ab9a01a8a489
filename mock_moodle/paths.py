"""Addresses as a web server with PHP reads them: doubled slashes are one, "/login/" is its index.php, and what follows
a script's name is the script's own business."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_SLASHES = re.compile(r"/{2,}")
_SCRIPT = re.compile(r"(.*?\.php)/.*")
_INDEX = "index.php"


def as_php_serves(app: Flask) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """The application behind such a server. Call it when all routes are there."""
    routes = {rule.rule for rule in app.url_map.iter_rules()}
    taking_paths = tuple(route.partition("<")[0] for route in routes if "<path:" in route)
    application = app.wsgi_app

    def script(path: str) -> str:
        path = _SLASHES.sub("/", path)
        found = _SCRIPT.fullmatch(path)
        if found and not path.startswith(taking_paths):
            path = found[1]
        if path in routes:
            return path
        other = path + _INDEX if path.endswith("/") else path.removesuffix(_INDEX)
        return other if other in routes else path

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["PATH_INFO"] = script(environ["PATH_INFO"])
        return application(environ, start_response)

    return serve
