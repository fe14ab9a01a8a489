"""The client of a Moodle, against a server that answers as one was recorded to answer."""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from contract import webservice
from proctor_engine.lms import (
    MoodleRest,
    RefusedError,
    Review,
    ReviewWarning,
    SignIn,
    SignInError,
    UnexpectedAnswerError,
    UnreachableError,
)
from proctor_engine.lms.models import Access, Exam
from proctor_engine.lms.rest import flatten


@dataclass
class Recorded:
    """A server whose next answer is `answer`; it remembers what it was asked."""

    answer: Callable[[Request], Response] = lambda _request: Response("{}")
    asked: list[Request] = field(default_factory=list)
    url: str = ""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        request.form  # noqa: B018 - reads the body before the connection goes
        self.asked.append(request)
        return self.answer(request)(environ, start_response)

    def says(self, body: Any, status: int = 200, **headers: str) -> None:
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        self.answer = lambda _request: Response(text, status, headers)


@pytest.fixture
def server() -> Iterator[Recorded]:
    recorded = Recorded()
    serving = make_server("127.0.0.1", 0, recorded, threaded=True)
    recorded.url = f"http://127.0.0.1:{serving.server_port}"
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    yield recorded
    serving.shutdown()
    thread.join()


@pytest.fixture
def moodle(server: Recorded) -> MoodleRest:
    return MoodleRest(server.url, "t0ken")


def test_models_know_every_key_of_the_contract() -> None:
    module = webservice.USER_PROCTORED_MODULES.returns.keys["modules"]
    assert isinstance(module, webservice.Multiple)
    assert isinstance(module.content, webservice.Single)
    assert set(Exam.model_fields) == set(module.content.keys)
    assert set(Access.model_fields) == set(webservice.AUTH_ACCESS.returns.keys)
    review = Review(accesscode="a", status="Clean", warning_titles={"x": {"en": "X"}})
    assert set(review.parameters()) | {"timescheduled"} == set(webservice.SUBMIT_PROCTORING_REVIEW.parameters)


def test_exams_are_read_though_php_writes_an_empty_map_as_a_list(server: Recorded, moodle: MoodleRest) -> None:
    server.says(
        {
            "modules": [
                {
                    "id": 1, "name": "Тест & <b>", "url": "http://m/entry.php?accesscode=c", "status": "Not inited",
                    "course_name": "Course", "course_id": 2, "cm_id": 3, "start": 0, "end": None, "accesscode": "c",
                    "time_limit_mins": 45, "mode": "new-mode", "scheduling_required": True, "auto_rescheduling": False,
                    "rules": [], "warnings": {"warning_phone": False}, "scoring": [], "is_proctored": True,
                    "identification": None, "is_trial": False, "user_agreement_url": None, "auxiliary_camera": False,
                }
            ]
        }
    )  # fmt: skip
    [exam] = moodle.exams("ann@example.org")
    assert (exam.name, exam.rules, exam.scoring) == ("Тест & <b>", {}, {})
    assert (exam.mode.value, exam.identification.value) == ("normal", "face")
    form = server.asked[0].form
    assert form["wsfunction"] == "availability_examus_user_proctored_modules"
    assert (form["wstoken"], form["moodlewsrestformat"], form["useremail"]) == ("t0ken", "json", "ann@example.org")


def test_a_review_is_sent_in_phps_notation(server: Recorded, moodle: MoodleRest) -> None:
    server.says({"success": True, "error": None})
    warning = ReviewWarning(type="warning_phone", start=10, end=20)
    moodle.submit(
        Review(accesscode="c", status="Clean", score=3, warnings=(warning,), warning_titles={"a": {"en": "A"}})
    )
    form = server.asked[0].form
    assert json.loads(form["warnings[0]"]) == {"type": "warning_phone", "start": 10, "end": 20}
    assert json.loads(form["warning_titles"]) == {"a": {"en": "A"}}
    assert form["score"] == "3"
    assert "threshold[attention]" not in form, "null is left out: Moodle's default is null too"


@pytest.mark.parametrize("name", ["core\\exception\\invalid_parameter_exception", "invalid_parameter_exception"])
def test_moodles_own_errors_keep_their_code(server: Recorded, moodle: MoodleRest, name: str) -> None:
    server.says({"exception": name, "errorcode": "invalidparameter", "message": "Invalid parameter value detected"})
    with pytest.raises(RefusedError) as refused:
        moodle.exams("x")
    assert (refused.value.errorcode, refused.value.exception) == ("invalidparameter", "invalid_parameter_exception")
    assert not refused.value.retriable


def test_maintenance_is_worth_another_try(server: Recorded, moodle: MoodleRest) -> None:
    server.says({"exception": "moodle_exception", "errorcode": "sitemaintenance", "message": "…"})
    with pytest.raises(RefusedError) as refused:
        moodle.exams("x")
    assert refused.value.retriable


def test_an_unknown_access_code_is_said_by_the_function_itself(server: Recorded, moodle: MoodleRest) -> None:
    server.says({"success": False, "error": webservice.ENTRY_NOT_FOUND})
    with pytest.raises(RefusedError, match=webservice.ENTRY_NOT_FOUND):
        moodle.submit(Review(accesscode="c", status="Clean"))


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ("<html>", 200, UnexpectedAnswerError),
        ({"modules": [{"id": 1}]}, 200, UnexpectedAnswerError),
        ([], 200, UnexpectedAnswerError),
        ("", 404, UnexpectedAnswerError),
        ("", 502, UnreachableError),
    ],
)
def test_what_is_no_answer_is_named(
    server: Recorded, moodle: MoodleRest, body: Any, status: int, error: type[Exception]
) -> None:
    server.says(body, status)
    with pytest.raises(error, match="user_proctored_modules"):
        moodle.exams("x")


def test_a_moodle_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(UnreachableError):
        MoodleRest("http://127.0.0.1:9", "t").exams("x")


def test_a_picture_is_fetched_from_moodle_only(server: Recorded, moodle: MoodleRest) -> None:
    own = server.url.removeprefix("http://")
    host, _, port = own.partition(":")
    strange = (
        "http://127.0.0.1:9/x",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "//evil/x",
        f"https://{own}/x",
        f"http://{own}@evil.example/x",
        f"http://evil.example\\@{own}/x",
        f"http://evil.example#@{own}/x",
        f"http://[::ffff:{host}]:{port}/x",
        f"http://{own}.evil.example/x",
        f"http://{host}:99999/x",
    )
    for elsewhere in strange:
        server.says({"success": True, "userpicture": elsewhere})
        with pytest.raises(UnexpectedAnswerError, match="not its own"):
            moodle.picture("ann@example.org")
    assert len(server.asked) == len(strange)


def test_no_secret_of_a_pictures_address_is_told(
    server: Recorded, moodle: MoodleRest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(address: str, **_: Any) -> None:
        raise requests.ConnectionError(f"Max retries exceeded with url: {address}")

    server.says({"success": True, "userpicture": f"{server.url}/picture?token=geheim"})
    monkeypatch.setattr(requests, "get", broken)
    with pytest.raises(UnreachableError) as told:
        moodle.picture("ann@example.org")
    assert "geheim" not in "".join(traceback.format_exception(told.value))


def test_a_picture_is_not_followed_elsewhere_and_has_a_size(server: Recorded, moodle: MoodleRest) -> None:
    def answer(request: Request) -> Response:
        if request.path.endswith("server.php"):
            return Response(json.dumps({"success": True, "userpicture": server.url + picture}))
        return pictures[request.path]

    pictures = {
        "/good": Response(b"\xff\xd8picture"),
        "/away": Response(status=302, headers={"Location": "http://127.0.0.1:9/"}),
        "/huge": Response(b"x" * (5 * 2**20 + 1)),
    }
    server.answer = answer
    picture = "/good"
    assert moodle.picture("a") == b"\xff\xd8picture"
    for picture in ("/away", "/huge"):  # noqa: B007 - the server above reads it
        with pytest.raises(UnexpectedAnswerError):
            moodle.picture("a")


def test_nobody_without_a_picture_has_one(server: Recorded, moodle: MoodleRest) -> None:
    server.says({"success": False, "error": webservice.USER_HAS_NO_IMAGE})
    assert moodle.picture("a") is None


@given(
    st.recursive(
        st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, min_size=1, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_every_leaf_becomes_one_parameter(value: Any) -> None:
    def leaves(item: Any) -> int:
        if isinstance(item, dict):
            return sum(leaves(inner) for inner in item.values())
        return sum(map(leaves, item)) if isinstance(item, list) else 1

    names = [name for name, _ in flatten({"p": value})]
    assert len(names) == len(set(names)) == leaves(value)


# Sign-in

USER = {
    "id": "3",
    "username": "ann",
    "firstname": "Anna",
    "lastname": "Petrova",
    "email": "ann@example.org",
    "lang": "en",
}
TOKEN = {"access_token": "t" * 40, "expires_in": 3600, "token_type": "Bearer", "scope": "user_info"}


def moodle_with(server: Recorded, token: Any = TOKEN, token_status: int = 200, profile: Any = USER) -> SignIn:
    def answer(request: Request) -> Response:
        if request.path.endswith("token.php"):
            return Response(json.dumps(token), token_status, content_type="application/json")
        assert request.headers["Authorization"] == f"Bearer {TOKEN['access_token']}"
        text = profile if isinstance(profile, str) else json.dumps(profile)
        return Response(text, content_type="text/html; charset=utf-8")

    server.answer = answer
    return SignIn(server.url, "engine", "secret", "https://engine.example.org/oauth/callback")


def test_a_sign_in_ends_with_a_profile(server: Recorded) -> None:
    sign_in = moodle_with(server)
    pending = sign_in.begin()
    asked = dict(parse_qsl(urlsplit(pending.address).query))
    assert asked["state"].isalnum()
    assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == ("code", "user_info", "S256")
    profile = sign_in.finish(pending, {"code": "c0de", "state": pending.state})
    assert (profile.email, profile.name) == ("ann@example.org", "Anna Petrova")
    form = server.asked[0].form
    assert (form["code"], form["client_secret"]) == ("c0de", "secret")
    assert form["redirect_uri"] == "https://engine.example.org/oauth/callback"
    assert form["code_verifier"] == pending.verifier


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"code": "c", "state": "other"}, "invalid_state"),
        ({"code": "c"}, "invalid_state"),
        ({"error": "access_denied", "amp;state": "STATE", "amp;error_description": "no"}, "access_denied"),
        ({"state": "STATE"}, "invalid_request"),
    ],
)
def test_what_does_not_come_back_right_signs_nobody_in(server: Recorded, answer: dict[str, str], error: str) -> None:
    sign_in = moodle_with(server)
    pending = sign_in.begin()
    with pytest.raises(SignInError) as failed:
        sign_in.finish(pending, {key: value.replace("STATE", pending.state) for key, value in answer.items()})
    assert failed.value.error == error
    assert server.asked == []


@pytest.mark.parametrize(
    ("replies", "problem"),
    [
        ({"token": {"error": "invalid_grant", "error_description": "expired"}, "token_status": 400}, "invalid_grant"),
        ({"profile": ""}, "belongs to no user"),
        ({"profile": "<pre>Debugging: ...</pre>{}"}, "debugging messages"),
        ({"profile": {"id": "3"}}, "no e-mail address"),
    ],
)
def test_a_refused_code_and_an_unreadable_profile_are_named(
    server: Recorded, replies: dict[str, Any], problem: str
) -> None:
    sign_in = moodle_with(server, **replies)
    pending = sign_in.begin()
    with pytest.raises(SignInError) as failed:
        sign_in.finish(pending, {"code": "c", "state": pending.state})
    assert problem in str(failed.value)
