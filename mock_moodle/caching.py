"""What Moodle's answers say about keeping them: nobody shall, in three wordings of three ages."""

from __future__ import annotations

from email.utils import formatdate
from hashlib import sha1

from flask import Response

from mock_moodle.site import current

_NO_STORE = "no-store, no-cache, must-revalidate"
SESSION_ANSWER = [
    ("Cache-Control", _NO_STORE),
    ("Expires", "Thu, 19 Nov 1981 08:52:00 GMT"),
    ("Pragma", "no-cache"),
]
"""PHP's own headers, where a script sent none."""

_LONG_AGO = "Mon, 20 Aug 1969 09:23:00 GMT"


def as_session_answer(response: Response) -> Response:
    response.headers.update(SESSION_ANSWER)
    return response


def as_page(response: Response, *, cacheable: bool) -> Response:
    """`cacheable` False is for the login form, courses and quizzes."""
    response.headers["Content-Language"] = "en"
    if cacheable:
        return _with(response, "private, pre-check=0, post-check=0, max-age=0, no-transform", "")
    _just_made(response)
    checks = "" if current.site.release.at_least("4.5") else ", post-check=0, pre-check=0"
    return _with(response, f"{_NO_STORE}{checks}, no-transform", _LONG_AGO)


def as_script(response: Response) -> Response:
    """Of token.php and the file scripts, which other sites' pages may call."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return as_ajax(response)


def as_ajax(response: Response) -> Response:
    """Of scripts that pages of the site call."""
    _just_made(response)
    return _with(response, f"{_NO_STORE}, post-check=0, pre-check=0", _LONG_AGO)


def as_file(response: Response, filename: str, *, kept: int, public: bool = False) -> Response:
    """Of a stored file, which a browser may keep for so many seconds; if `public`, whatever stands between, too."""
    response.headers["Content-Disposition"] = f'inline; filename="{filename}"'
    response.headers["ETag"] = f'"{sha1(response.get_data(), usedforsecurity=False).hexdigest()}"'
    _just_made(response)
    if not kept:
        checks = "private, must-revalidate, pre-check=0, post-check=0, max-age=0, no-transform"
        return _with(response, checks, _LONG_AGO)
    who = "public" if public else "private"
    _with(response, f"{who}, max-age={kept}, no-transform", formatdate(current.clock.time() + kept, usegmt=True))
    response.headers["Pragma"] = ""
    return response


def _just_made(response: Response) -> None:
    response.headers["Last-Modified"] = formatdate(current.clock.time(), usegmt=True)


def _with(response: Response, cache_control: str, expires: str) -> Response:
    response.headers["Cache-Control"] = cache_control
    response.headers["Expires"] = expires
    response.headers["Pragma"] = "no-cache"
    response.headers["Accept-Ranges"] = "none"
    return response
