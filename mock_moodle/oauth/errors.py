"""The provider's refusals, in the library's own words: clients show them, and recordings hold them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus, urlsplit

from authlib.oauth2 import OAuth2Error

from mock_moodle.webservice.response import to_json

RFC6749 = "http://tools.ietf.org/html/rfc6749"
NO_STORE = [("Cache-Control", "no-store"), ("Pragma", "no-cache"), ("Content-Type", "application/json")]
ARGUMENT_SEPARATOR = "&amp;"
"""Moodle sets PHP's `arg_separator.output` so, and the library builds the error redirect with it: a client that is
refused finds `amp;error_description` in its query."""


class RefusalError(OAuth2Error):  # type: ignore[misc]
    """`error`, `description` and perhaps `section` of RFC 6749; with `redirect_uri` the browser carries it there."""

    def __init__(
        self,
        error: str,
        description: str,
        section: str = "",
        *,
        status: int = 400,
        redirect_uri: str | None = None,
        headers: list[tuple[str, str]] | None = None,
    ) -> None:
        super().__init__(error=error, uri=RFC6749 + section if section else None, status_code=status)
        self.description = description  # may hold quotation marks, which Authlib's own check forbids
        self.redirect_uri = redirect_uri
        self.headers = headers or []

    def get_body(self) -> list[tuple[str, str]]:
        body = [("error", self.error), ("error_description", self.description)]
        if self.uri:
            body.append(("error_uri", self.uri))
        if self.state and self.redirect_uri:
            body.append(("state", self.state))
        return body

    def __call__(self, uri: str | None = None) -> tuple[int, str, list[tuple[str, str]]]:  # noqa: ARG002
        body = self.get_body()
        if not self.redirect_uri:
            return self.status_code, php_json(dict(body)), [*NO_STORE, *self.headers]
        query = ARGUMENT_SEPARATOR.join(f"{name}={php_urlencode(value)}" for name, value in body)
        mark = "&" if urlsplit(self.redirect_uri).query else "?"
        return 302, php_json(dict(body)), [*NO_STORE, ("Location", f"{self.redirect_uri}{mark}{query}")]


def php_json(value: Any) -> str:
    """json_encode()."""
    return to_json(value).decode()


def php_urlencode(text: str) -> str:
    """urlencode(): `~` is escaped too."""
    return quote_plus(text).replace("~", "%7E")
