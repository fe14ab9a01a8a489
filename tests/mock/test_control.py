"""The controls, over HTTP and from Python."""

from __future__ import annotations

import base64
import threading
from typing import Any

import pytest
import requests
from mock.rest_client import SERVER, ask

from mock_moodle.app import create_app
from mock_moodle.testing import PASSWORD, Fault, MockMoodle, Step

SITE_INFO = "core_webservice_get_site_info"


@pytest.fixture
def token(moodle_world: MockMoodle) -> str:
    return moodle_world.user("anna").token()


def control(moodle: MockMoodle, method: str, path: str, body: Any = None) -> requests.Response:
    return requests.request(method, f"{moodle.url}/__mock__/{path}", json=body, timeout=30)


def test_without_control_there_is_only_the_health_address() -> None:
    client = create_app().test_client()
    assert client.get("/__mock__/health").json["status"] == "ok"  # type: ignore[index]
    assert client.post("/__mock__/reset").status_code == 404


def test_reset_brings_the_loaded_world_back(mock_moodle: MockMoodle, token: str) -> None:
    mock_moodle.clock.freeze(1_800_000_000)
    mock_moodle.fault(status=500, times=None)
    assert control(mock_moodle, "POST", "reset").json() == {"status": "reset"}
    assert ask(mock_moodle, token, SITE_INFO)["errorcode"] == "invalidtoken"
    assert mock_moodle.clock.time() != 1_800_000_000


def test_a_snapshot_is_a_place_to_return_to(mock_moodle: MockMoodle, token: str) -> None:
    control(mock_moodle, "POST", "snapshots/before")
    control(mock_moodle, "PATCH", "world", {"users": [{"username": "anna", "suspended": True}]})
    assert ask(mock_moodle, token, SITE_INFO)["errorcode"] == "wsaccessusersuspended"
    control(mock_moodle, "POST", "snapshots/before/restore")
    assert ask(mock_moodle, token, SITE_INFO)["username"] == "anna"
    assert control(mock_moodle, "POST", "snapshots/never/restore").status_code == 400


def test_a_frozen_clock_moves_when_told(mock_moodle: MockMoodle) -> None:
    assert control(mock_moodle, "POST", "clock", {"freeze": 1_800_000_000}).json()["frozen"] is True
    assert control(mock_moodle, "POST", "clock", {"travel": 60}).json()["time"] == 1_800_000_060
    assert control(mock_moodle, "POST", "clock", {"run": True}).json()["frozen"] is False
    assert control(mock_moodle, "POST", "clock", {}).status_code == 400


def test_a_seed_makes_tokens_repeat(mock_moodle: MockMoodle) -> None:
    tokens = []
    for _ in range(2):
        mock_moodle.reset()
        control(mock_moodle, "POST", "seed", {"seed": 7})
        tokens.append(mock_moodle.user("anna").token())
    assert tokens[0] == tokens[1]


def test_the_journal_is_filtered_by_function_status_and_parameter(mock_moodle: MockMoodle, token: str) -> None:
    ask(mock_moodle, token, "core_enrol_get_users_courses", userid=2)
    ask(mock_moodle, token, "core_enrol_get_users_courses", userid=3)
    requests.get(f"{mock_moodle.url}/nowhere", timeout=30)
    assert mock_moodle.journal.count(function="core_enrol_*") == 2
    assert mock_moodle.journal.count(function="core_enrol_*", userid=3) == 1
    assert mock_moodle.journal.count(status=404) == 1
    found = control(mock_moodle, "GET", "journal?userid=3").json()
    assert found[0]["parameters"]["userid"] == "3"
    assert found[0]["response_body"].startswith("[")
    control(mock_moodle, "DELETE", "journal")
    assert control(mock_moodle, "GET", "journal/count").json() == {"count": 0}


def test_waiting_ends_when_the_request_comes(mock_moodle: MockMoodle, token: str) -> None:
    caller = threading.Timer(0.1, ask, (mock_moodle, token, SITE_INFO))
    caller.start()
    assert mock_moodle.journal.wait_for(function=SITE_INFO, timeout=20)[0].status == 200
    caller.join()


def test_waiting_in_vain_names_what_came_instead(mock_moodle: MockMoodle, token: str) -> None:
    ask(mock_moodle, token, SITE_INFO)
    with pytest.raises(TimeoutError, match=SITE_INFO):
        mock_moodle.journal.wait_for(function="core_user_*", timeout=0.05)
    assert control(mock_moodle, "GET", "journal/wait?function=core_user_*&timeout=0.05").status_code == 408


def test_a_fault_happens_n_times_and_is_gone(mock_moodle: MockMoodle, token: str) -> None:
    mock_moodle.fault(function="core_webservice_*", status=503, body="later", times=2)
    url = f"{mock_moodle.url}{SERVER}?wstoken={token}&wsfunction={SITE_INFO}"
    assert [requests.get(url, timeout=30).status_code for _ in range(3)] == [503, 503, 200]
    assert not mock_moodle.faults


def test_faults_come_in_sequence(mock_moodle: MockMoodle) -> None:
    steps = [Step(status=500), Step(), Step(status=502, body="gone")]
    mock_moodle.faults.add(Fault(path="/login/*", steps=steps))
    statuses = [requests.get(f"{mock_moodle.url}/login/index.php", timeout=30).status_code for _ in range(4)]
    assert statuses == [500, 200, 502, 200]


def test_other_requests_are_not_met(mock_moodle: MockMoodle, token: str) -> None:
    mock_moodle.fault(function="core_user_*", status=500, times=None)
    assert ask(mock_moodle, token, SITE_INFO)["username"] == "anna"


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ({"drop": True}, requests.ConnectionError),  # no answer at all
        ({"truncate": 0}, requests.exceptions.ChunkedEncodingError),
        ({"truncate": 10}, requests.exceptions.ChunkedEncodingError),
    ],
)
def test_a_connection_may_break_off(
    mock_moodle: MockMoodle, token: str, fault: dict[str, Any], seen: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    mock_moodle.fault(**fault)
    with pytest.raises(seen):
        ask(mock_moodle, token, SITE_INFO)
    assert not caplog.records
    assert ask(mock_moodle, token, SITE_INFO)["username"] == "anna"


def test_a_token_may_seem_to_have_expired(mock_moodle: MockMoodle, token: str) -> None:
    mock_moodle.fault(expire_token=True)
    assert ask(mock_moodle, token, SITE_INFO)["errorcode"] == "accessexception"
    assert ask(mock_moodle, token, SITE_INFO)["username"] == "anna"


def test_faults_over_http_refuse_what_they_do_not_know(mock_moodle: MockMoodle) -> None:
    assert control(mock_moodle, "POST", "faults", {"path": "/x", "status": 500}).json()["path"] == "/x"
    assert len(control(mock_moodle, "GET", "faults").json()) == 1
    refusal = control(mock_moodle, "POST", "faults", {"delay": 3})
    assert refusal.status_code == 400
    assert "'delay' is not known here" in refusal.json()["error"]
    control(mock_moodle, "DELETE", "faults")
    assert control(mock_moodle, "GET", "faults").json() == []


def test_a_canned_answer_goes_out_as_it_is(mock_moodle: MockMoodle, token: str) -> None:
    control(mock_moodle, "PUT", "functions/local_grades_list", {"answer": {"grades": [1, 2.5], "note": None}})
    assert ask(mock_moodle, token, "local_grades_list", course=1) == {"grades": [1, 2.5], "note": None}
    xml = requests.get(f"{mock_moodle.url}{SERVER}?wstoken={token}&wsfunction=local_grades_list", timeout=30).text
    assert '<KEY name="note"><VALUE null="null"/>' in xml


def test_a_function_of_ones_own_takes_three_lines(mock_moodle: MockMoodle, token: str) -> None:
    @mock_moodle.function("local_sum_add")
    def add(_call: object, a: str, b: str) -> int:
        return int(a) + int(b)

    assert ask(mock_moodle, token, "local_sum_add", a=1, b=2) == 3
    names = [function["name"] for function in ask(mock_moodle, token, SITE_INFO)["functions"]]
    assert "local_sum_add" in names


def test_an_exception_may_be_the_answer(mock_moodle: MockMoodle, token: str) -> None:
    control(mock_moodle, "PUT", "functions/local_x", {"errorcode": "busy", "message": "Come back later"})
    assert ask(mock_moodle, token, "local_x") == {
        "exception": "core\\exception\\moodle_exception",
        "errorcode": "busy",
        "message": "Come back later",
    }


def test_a_patch_that_is_wrong_changes_nothing(mock_moodle: MockMoodle) -> None:
    refusal = control(mock_moodle, "PATCH", "world", {"users": [{"username": "bea"}, {"usernam": "x"}]})
    assert refusal.status_code == 400
    assert "users[1].usernam" in refusal.json()["error"]
    usernames = [user["username"] for user in control(mock_moodle, "GET", "world").json()["users"]]
    assert "bea" not in usernames


def test_a_recorded_site_answers_after_it_is_gone(mock_moodle: MockMoodle) -> None:
    with MockMoodle() as real:
        token = real.user("bea").token()
        control(mock_moodle, "POST", "recorder", {"upstream": real.url})
        live = ask(mock_moodle, token, SITE_INFO)
        assert live["username"] == "bea"
        assert live["siteurl"] == mock_moodle.url
    recording = control(mock_moodle, "DELETE", "recorder").json()
    assert "wstoken" not in str(recording)
    control(mock_moodle, "POST", "recorder", {"recording": recording})
    assert ask(mock_moodle, "another token", SITE_INFO) == live


def test_people_can_read_the_journal(mock_moodle: MockMoodle) -> None:
    page = requests.get(f"{mock_moodle.url}/__mock__/", timeout=30)
    assert "<h1" in page.text
    for asset in ("journal.js", "mock.css", "bootstrap.min.css"):
        assert f"/theme/{asset}" in page.text
        assert requests.get(f"{mock_moodle.url}/theme/{asset}", timeout=30).status_code == 200


def test_a_recording_keeps_pictures_and_gives_no_secret_away(mock_moodle: MockMoodle) -> None:
    picture = b"\x89PNG\r\n\x1a\n\xff\xfe"
    with MockMoodle() as real:
        real.user("bea", picture=f"data:image/png;base64,{base64.b64encode(picture).decode()}")
        control(mock_moodle, "POST", "recorder", {"upstream": real.url})
        form = {"username": "bea", "password": PASSWORD, "service": "moodle_mobile_app"}
        token = requests.post(f"{mock_moodle.url}/login/token.php", data=form, timeout=30).json()["token"]
        info = ask(mock_moodle, token, SITE_INFO)
        address = info["userpictureurl"].replace("/pluginfile.php", "/webservice/pluginfile.php")
        assert requests.get(address, params={"token": token}, timeout=30).content == picture
        browser = requests.Session()
        browser.get(f"{mock_moodle.url}/login/index.php", timeout=30)
        cookie = browser.cookies["MoodleSession"]
    recording = control(mock_moodle, "DELETE", "recorder").json()
    assert not any(secret in str(recording) for secret in (token, cookie, PASSWORD))
    control(mock_moodle, "POST", "recorder", {"recording": recording})
    assert requests.get(address, params={"token": "any"}, timeout=30).content == picture
    assert requests.post(f"{mock_moodle.url}/login/token.php", data=form, timeout=30).json()["token"] == "removed"


def test_questions_in_json_are_told_apart(mock_moodle: MockMoodle) -> None:
    address = f"{mock_moodle.url}/lib/ajax/service-nologin.php"
    calls = [[{"index": 0, "methodname": name, "args": {}}] for name in ("tool_mobile_get_config", SITE_INFO)]
    with MockMoodle() as real:
        control(mock_moodle, "POST", "recorder", {"upstream": real.url})
        live = [requests.post(address, json=call, timeout=30).text for call in calls]
    recording = control(mock_moodle, "DELETE", "recorder").json()
    control(mock_moodle, "POST", "recorder", {"recording": recording})
    assert [requests.post(address, json=call, timeout=30).text for call in reversed(calls)] == live[::-1]


def test_a_real_site_that_is_not_there_is_told(mock_moodle: MockMoodle) -> None:
    assert control(mock_moodle, "POST", "recorder", {"upstream": "moodle.example"}).status_code == 400
    control(mock_moodle, "POST", "recorder", {"upstream": "http://127.0.0.1:1"})
    answer = requests.get(f"{mock_moodle.url}/login/index.php", timeout=30)
    assert answer.status_code == 502
    assert "http://127.0.0.1:1 cannot be recorded" in answer.text


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("faults", {"status": "no"}, "status"),
        ("faults", {"steps": [{"status": 99}]}, "steps.0.status"),
        ("clock", {"freeze": "noon"}, "noon"),
        ("clock", {"travel": -1e300}, "1e+300"),
        ("recorder", {"recording": [{"method": "GET"}]}, "0.path"),
        ("seed", {"seed": []}, "[]"),
    ],
)
def test_a_mistake_is_told_by_its_field(mock_moodle: MockMoodle, path: str, body: dict[str, Any], field: str) -> None:
    refusal = control(mock_moodle, "POST", path, body)
    assert refusal.status_code == 400
    assert field in refusal.json()["error"]
