"""Recorded answers that needed a change behind Moodle's back: the mock answers alike after the same change.

The recordings say in their notes what was changed; here it is made through the control interface. Those of v0.8's own
functions are in tests/mock/test_examus_v08.py, those of the successor's protocol in tests/mock/test_examus2.py.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from conformance.test_golden_replay import golden as golden
from mock_server import serving

QUESTION = re.compile(r"qid=\d+")
"""The recorded site had made its questions twice over."""
SCRIPTS = re.compile(r"&lt;script.*?(?=</VALUE>)", re.DOTALL)
"""A page's own scripts, which Moodle puts behind each question; the mock has none."""
SUSPENDED = "suspended1"
IN_TIME = 4_000_000_000


def of_user(**changed: Any) -> dict[str, Any]:
    return {"users": [{"username": SUSPENDED, **changed}]}


def of_site(**changed: Any) -> dict[str, Any]:
    return {"site": {"settings": changed}}


def of_service(**changed: Any) -> dict[str, Any]:
    return {"services": [{"name": "Lab service", **changed}]}


def of_code(code: str, **changed: Any) -> dict[str, Any]:
    row = {"authorization_code": code, "client_id": "labclient", "user_id": 3, "expires": IN_TIME, "scope": "user_info"}
    return {"state": {"oauth_authorization_codes": [{"id": 1, **row, **changed}]}}


SEES_IDENTITY = {"role_overrides": [{"role": "labws", "context": "system", "allow": ["moodle/site:viewuseridentity"]}]}
BEHIND: dict[str, dict[str, Any]] = {
    "login/token_maintenance": of_site(maintenance_enabled=True),
    "oauth/token_code_of_other_client": of_code("d42355d590d59b5f2a76db7942d359b0ed59d992"),
    "oauth/token_expired_code": of_code("9d82127d2b57a0b54cb65bc3a1654be2baecae40", expires=1),
    "oauth/token_redirect_uri_mismatch": of_code(
        "ed861a87c68f38b76fb8b13bcc2a7413ee7f5ff7", redirect_uri="http://127.0.0.1:8190/callback"
    ),
    "oauth/user_info_user_gone": {
        "state": {
            "oauth_access_tokens": [
                {
                    "id": 1,
                    "access_token": "d429b33ca969bf64a5e56696937cf5bb03537c37",
                    "client_id": "labclient",
                    "user_id": 999,
                    "expires": IN_TIME,
                    "scope": "user_info",
                }
            ]
        }
    },
    "rest/core_user_get_users_by_email_with_viewuseridentity": SEES_IDENTITY,
    "rest/core_user_get_users_by_field_email_with_viewuseridentity": SEES_IDENTITY,
    "rest/debug_developer_function_not_in_service": of_site(debug=32767),
    "rest/debug_developer_param_missing": of_site(debug=32767),
    "rest/maintenance_mode_json": of_site(maintenance_enabled=True),
    "rest/maintenance_mode_xml": of_site(maintenance_enabled=True),
    "rest/rest_protocol_disabled_json": of_site(webserviceprotocols=[]),
    "rest/rest_protocol_disabled_xml": of_site(webserviceprotocols=[]),
    "rest/webservices_disabled_xml": of_site(enablewebservices=False),
    "rest/service_disabled": of_service(enabled=False),
    "rest/service_required_capability_missing": of_service(requiredcapability="moodle/site:config"),
    "rest/token_ip_restricted": {"state": {"external_tokens": [{"id": 1, "iprestriction": "10.0.0.1"}]}},
    "rest/user_deleted_json": of_user(deleted=True),
    "rest/user_must_change_password": of_user(forcepasswordchange=True),
    "rest/user_nologin_auth_json": of_user(auth="nologin"),
    "rest/user_suspended_xml": of_user(suspended=True),
    "rest/user_unconfirmed_json": of_user(confirmed=False),
}


@pytest.fixture(scope="module")
def mock(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(golden / "world.json", tmp_path_factory.mktemp("behind") / "mock.log") as address:
        yield address


@pytest.fixture(scope="module")
def replay(golden: Path) -> Any:
    """replay.py as a module: it knows how to ask and to compare."""
    spec = importlib.util.spec_from_file_location("golden_replay", golden / "replay.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recorded(golden: Path, name: str) -> dict[str, Any]:
    case: dict[str, Any] = json.loads((golden / f"{name}.json").read_text(encoding="utf-8"))
    return case


def visit(replay: Any, mock: str, changed: dict[str, Any]) -> Any:
    requests.post(f"{mock}/__mock__/reset", timeout=60).raise_for_status()
    answer = requests.patch(f"{mock}/__mock__/world", json=changed, timeout=60)
    assert answer.status_code == 200, answer.text
    return replay.Visit(mock, {}, {"admin": "Admin.1234", "guest": "guest", "*": "Passw0rd!"})


@pytest.mark.parametrize("name", BEHIND)
def test_after_the_same_change_the_answer_is_the_same(golden: Path, replay: Any, mock: str, name: str) -> None:
    case = recorded(golden, name)
    answer = visit(replay, mock, BEHIND[name]).ask(case)
    assert replay.differences(case, answer, mock) == []


STARTED = "rest/mod_quiz_start_attempt"
SAVED = (STARTED, "rest/mod_quiz_save_attempt")
ENDED = (*SAVED, "rest/mod_quiz_process_attempt_page", "rest/mod_quiz_process_attempt_finish")


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("rest/mod_quiz_get_attempt_data", (STARTED,)),
        ("rest/mod_quiz_get_attempt_data_page1", (STARTED,)),
        ("rest/mod_quiz_get_attempt_data_xml", (STARTED,)),
        ("rest/mod_quiz_get_attempt_data_after_save", SAVED),
        ("rest/mod_quiz_get_attempt_review_page0", ENDED),
        ("rest/mod_quiz_get_attempt_review_xml", ENDED),
    ],
)
def test_the_questions_of_an_attempt_are_the_same(
    golden: Path, replay: Any, mock: str, name: str, before: tuple[str, ...]
) -> None:
    """As HTML, to the byte. The attempts of the recordings that came before are taken first."""
    here = visit(replay, mock, {})
    for earlier in ("rest/mod_quiz_start_attempt_password_ok", *before):
        here.ask(recorded(golden, earlier))
    case = recorded(golden, name)
    answer = here.ask(case)
    asked = case["response"]
    asked["body"] = SCRIPTS.sub("", QUESTION.sub("qid=*", asked.get("body", "")))
    for question in asked.get("json", {}).get("questions", ()):
        question["html"] = question["html"].partition("<script")[0]
    asked |= {"json": json.loads(QUESTION.sub("qid=*", json.dumps(asked["json"])))} if "json" in asked else {}
    answer._content = QUESTION.sub("qid=*", answer.text).encode()
    assert replay.differences(case, answer, mock) == []


def test_no_attempt_is_left(golden: Path, replay: Any, mock: str) -> None:
    here = visit(replay, mock, {"state": {"quiz": [{"id": 2, "attempts": 1}]}})
    for earlier in ("rest/mod_quiz_start_attempt_password_ok", STARTED, "rest/mod_quiz_process_attempt_finish"):
        here.ask(recorded(golden, earlier))
    case = recorded(golden, "rest/mod_quiz_start_attempt_no_more_attempts")
    assert replay.differences(case, here.ask(case), mock) == []
