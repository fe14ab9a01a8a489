"""REST without the framework: the one address that load falls on answers from the WSGI environment directly.

Same code as the Flask route's behind it (`rest.serve`), so there is nothing that could answer differently. An answer
that was made without changing anything is given again to the same question, as long as no commit changed the database
and the clock shows the same second: all that a function can read is then as it was. How much is kept is bounded, for a
clock may stand still.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from mock_moodle.site import Site
from mock_moodle.webservice import rest
from mock_moodle.webservice.registry import FUNCTIONS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATH = "/webservice/rest/server.php"
NOTES = "mock_moodle.notes"
"""Where in the environment the journal looks for notes."""

FORM = "application/x-www-form-urlencoded"
APP = "MoodleMobile"
REMEMBERED_BYTES = 8 * 2**20
"""Of questions and answers."""
Application = Callable[..., Iterable[bytes]]


class FastRest:
    """Answers REST calls whose parameters are in the address or an ordinary form; the rest goes on to `application`."""

    def __init__(self, site: Site, application: Application) -> None:
        self._site = site
        self._application = application
        self._answers: dict[tuple[str, bytes, str], rest.Answer] = {}
        self._answers_of: tuple[int, int] = (0, 0)
        self._bytes = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH or not _plain(environ):
            return self._application(environ, start_response)
        sent = b""
        if environ["REQUEST_METHOD"] == "POST":
            sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        answer = self._answer(environ.get("QUERY_STRING", ""), sent, environ.get("REMOTE_ADDR", ""))
        if answer.notes and NOTES in environ:
            environ[NOTES].extend(answer.notes)
        start_response(f"{answer.status} OK" if answer.status == 200 else f"{answer.status} Forbidden", answer.headers)
        return [answer.body]

    def _answer(self, query: str, sent: bytes, remote_addr: str) -> rest.Answer:
        moment = self._moment()
        if moment != self._answers_of or self._bytes > REMEMBERED_BYTES:
            self._answers, self._answers_of, self._bytes = {}, moment, 0
        question = (query, sent, remote_addr)
        known = self._answers.get(question)
        if known is not None:
            return known
        form = parse_qsl(sent.decode("utf-8", "replace"), keep_blank_values=True) if sent else []
        asked = rest.RestRequest.parse(query.encode("latin-1").decode("utf-8", "replace"), form)
        with self._site.visit(write=False):
            answer = rest.serve(asked, remote_addr)
        if moment == self._moment():
            self._answers[question] = answer
            self._bytes += len(query) + len(sent) + len(answer.body)
        return answer

    def is_quick(self, environ: WSGIEnvironment, body: bytes) -> bool:
        """Whether a request may be answered where it arrived: it only reads, as a rule, or its answer is known."""
        if environ["PATH_INFO"] != PATH or not _plain(environ):
            return False
        for sent in (body.decode("latin-1"), environ["QUERY_STRING"]):
            name = sent.partition("wsfunction=")[2].partition("&")[0]
            if name:
                function = FUNCTIONS.get(name)
                if function is not None and (function.type == "read" or function.polls):
                    return True
                question = (environ["QUERY_STRING"], body, environ["REMOTE_ADDR"])
                return self._answers_of == self._moment() and question in self._answers
        return False

    def _moment(self) -> tuple[int, int]:
        return self._site.store.commits, self._site.clock.time()


def _plain(environ: dict[str, Any]) -> bool:
    """Whether nothing but the parameters counts: Moodle's own app is known by its User-Agent, and may do more."""
    if APP in environ.get("HTTP_USER_AGENT", ""):
        return False
    content_type: str = environ.get("CONTENT_TYPE") or ""
    bodiless = environ["REQUEST_METHOD"] != "POST" or not int(environ.get("CONTENT_LENGTH") or 0)
    return bodiless or content_type.partition(";")[0] == FORM
