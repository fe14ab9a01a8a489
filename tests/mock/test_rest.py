"""The REST protocol: formats, refusals and their order."""

from __future__ import annotations

import pytest
import requests
from mock.campus import STUDENT_TOKEN, Campus
from mock.rest_client import SERVER, as_service, ask

from mock_moodle.testing import MockMoodle

SITE_INFO = "core_webservice_get_site_info"
BY_FIELD = "core_user_get_users_by_field"


@pytest.fixture
def token(moodle_world: MockMoodle) -> str:
    return moodle_world.user("anna").enrolled_in("algebra").token()


def test_json_is_escaped_as_php_does(mock_moodle: MockMoodle, token: str) -> None:
    form = {"wstoken": token, "wsfunction": SITE_INFO, "moodlewsrestformat": "json"}
    answer = requests.post(mock_moodle.url + SERVER, data=form, timeout=30)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert f'"siteurl":"{mock_moodle.url}"'.replace("/", "\\/") in answer.text


def test_xml_is_the_default_and_tells_null_apart(mock_moodle: MockMoodle, token: str) -> None:
    form = {"wstoken": token, "wsfunction": SITE_INFO}
    answer = requests.post(mock_moodle.url + SERVER, data=form, timeout=30)
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert '<KEY name="usersessionscount"><VALUE null="null"/>\n</KEY>' in answer.text


def test_query_and_form_are_one_and_the_form_wins(mock_moodle: MockMoodle, token: str) -> None:
    query = {"wstoken": token, "wsfunction": BY_FIELD, "moodlewsrestformat": "json", "field": "email"}
    form = {"field": "username", "values[]": "anna"}
    answer = requests.post(mock_moodle.url + SERVER, params=query, data=form, timeout=30).json()
    assert [user["username"] for user in answer] == ["anna"]


def test_multipart_counts_as_a_form(mock_moodle: MockMoodle, token: str) -> None:
    form = {"wstoken": token, "wsfunction": SITE_INFO, "moodlewsrestformat": "json"}
    parts = {name: (None, value) for name, value in form.items()}
    assert requests.post(mock_moodle.url + SERVER, files=parts, timeout=30).json()["username"] == "anna"


def test_a_json_body_is_ignored(mock_moodle: MockMoodle, token: str) -> None:
    form = {"wstoken": token, "wsfunction": SITE_INFO, "moodlewsrestformat": "json"}
    assert "invalidtoken" in requests.post(mock_moodle.url + SERVER, json=form, timeout=30).text


@pytest.mark.parametrize(
    ("setting", "value"), [("enablewebservices", 0), ("webserviceprotocols", "soap"), ("webserviceprotocols", "")]
)
def test_a_switched_off_protocol_says_nothing(mock_moodle: MockMoodle, token: str, setting: str, value: object) -> None:
    mock_moodle.control.patch({"site": {"settings": {setting: value}}})
    answer = requests.post(mock_moodle.url + SERVER, data={"wstoken": token, "wsfunction": SITE_INFO}, timeout=30)
    assert (answer.status_code, answer.text) == (403, "")


@pytest.mark.parametrize(
    ("change", "errorcode"),
    [
        ({"deleted": True}, "wsaccessuserdeleted"),
        ({"confirmed": False}, "wsaccessuserunconfirmed"),
        ({"suspended": True}, "wsaccessusersuspended"),
        ({"auth": "nologin"}, "wsaccessusernologin"),
    ],
)
def test_unusable_accounts_are_refused_by_name(
    mock_moodle: MockMoodle, token: str, change: dict[str, object], errorcode: str
) -> None:
    mock_moodle.control.patch({"users": [{"username": "anna", **change}]})
    refusal = ask(mock_moodle, token, SITE_INFO)
    assert refusal["errorcode"] == errorcode
    assert refusal["message"].endswith("username: anna")


def test_a_password_to_be_changed_stops_the_functions_that_check_their_context(
    mock_moodle: MockMoodle, token: str
) -> None:
    mock_moodle.control.patch({"users": [{"username": "anna", "forcepasswordchange": True}]})
    assert ask(mock_moodle, token, BY_FIELD, field="id", **{"values[0]": 1})["errorcode"] == "forcepasswordchangenotice"


def test_maintenance_lets_only_administrators_through(mock_moodle: MockMoodle, token: str) -> None:
    mock_moodle.control.patch({"site": {"settings": {"maintenance_enabled": True}}})
    assert ask(mock_moodle, token, SITE_INFO)["errorcode"] == "sitemaintenance"
    assert ask(mock_moodle, mock_moodle.user("admin").token(), SITE_INFO)["userissiteadmin"] is True


def test_the_protocol_asks_for_its_capability(mock_moodle: MockMoodle, token: str) -> None:
    mock_moodle.control.patch(
        {
            "roles": [{"shortname": "shutout", "prohibit": ["webservice/rest:use"]}],
            "role_assignments": [{"role": "shutout", "user": "anna"}],
        }
    )
    assert ask(mock_moodle, token, SITE_INFO)["errorcode"] == "accessexception"


def test_an_expired_token_is_refused_once_and_then_unknown(mock_moodle: MockMoodle) -> None:
    mock_moodle.user("anna")
    mock_moodle.control.patch(
        {"tokens": [{"token": "f" * 32, "user": "anna", "service": "Moodle mobile web service", "validuntil": 1}]}
    )
    assert ask(mock_moodle, "f" * 32, SITE_INFO)["errorcode"] == "accessexception"
    assert ask(mock_moodle, "f" * 32, SITE_INFO)["errorcode"] == "invalidtoken"


@pytest.mark.parametrize(
    ("restriction", "admitted"),
    [
        ("10.0.0.0/8", False),
        ("127.0.0.1", True),
        ("127.0.0.0/8", True),
        ("127.0.", True),
        ("127.0.0.1-9,10.0.0.1", True),
    ],
)
def test_a_token_may_be_bound_to_addresses(mock_moodle: MockMoodle, restriction: str, admitted: bool) -> None:
    mock_moodle.user("anna")
    service = "Moodle mobile web service"
    token = {"token": "e" * 32, "user": "anna", "service": service, "iprestriction": restriction}
    mock_moodle.control.patch({"tokens": [token]})
    assert ("username" in ask(mock_moodle, "e" * 32, SITE_INFO)) == admitted


@pytest.mark.parametrize(
    "closed", [{"enabled": False}, {"restrictedusers": True}, {"requiredcapability": "moodle/site:config"}]
)
def test_a_service_may_be_closed_to_a_user(mock_moodle: MockMoodle, closed: dict[str, object]) -> None:
    as_service(mock_moodle, "Own", [SITE_INFO], **closed)
    token = mock_moodle.user("anna").token("Own")
    assert ask(mock_moodle, token, SITE_INFO)["errorcode"] == "accessexception"


def test_a_restricted_service_admits_those_on_its_list(mock_moodle: MockMoodle) -> None:
    mock_moodle.user("anna")
    as_service(mock_moodle, "Own", [SITE_INFO], restrictedusers=True, users=["anna"])
    assert ask(mock_moodle, mock_moodle.user("anna").token("Own"), SITE_INFO)["username"] == "anna"


def test_debugging_tells_what_a_parameter_lacked(mock_moodle: MockMoodle, token: str) -> None:
    assert "debuginfo" not in ask(mock_moodle, token, BY_FIELD)
    mock_moodle.control.patch({"site": {"settings": {"debug": 32767}}})
    refusal = ask(mock_moodle, token, BY_FIELD, **{"values[0]": "x"})
    assert refusal["debuginfo"] == "Missing required key in single structure: field"
    mock_moodle.control.patch({"site": {"settings": {"debugdisplay": True}}})
    shown = ask(mock_moodle, token, BY_FIELD, **{"values[0]": "x"})
    assert shown["message"] == f"{refusal['message']} ({refusal['debuginfo']})"


@pytest.mark.parametrize("value", ["abc", "", " 3", "3 ", "03", "+3", "3.0", "0x3"])
def test_an_integer_must_look_like_one(mock_moodle: MockMoodle, token: str, value: str) -> None:
    assert ask(mock_moodle, token, "core_enrol_get_users_courses", userid=value)["errorcode"] == "invalidparameter"


def test_a_function_of_moodle_that_is_not_mocked_looks_absent_and_is_noted(mock_moodle: MockMoodle, token: str) -> None:
    refusal = ask(mock_moodle, token, "core_blog_get_entries")
    assert refusal["errorcode"] == "invalidrecord"
    assert "core_blog_get_entries" in mock_moodle.journal.find(function="core_blog_get_entries")[0].notes[0]


def test_the_same_question_is_answered_anew_after_a_change(mock_moodle: MockMoodle, token: str) -> None:
    mock_moodle.clock.freeze()
    assert ask(mock_moodle, token, SITE_INFO)["firstname"] == "Anna"
    mock_moodle.control.patch({"users": [{"username": "anna", "firstname": "Annika"}]})
    assert ask(mock_moodle, token, SITE_INFO)["firstname"] == "Annika"


@pytest.mark.parametrize(
    ("release", "exception"),
    [("4.4", "invalid_parameter_exception"), ("4.5", "core\\exception\\invalid_parameter_exception")],
)
def test_exceptions_moved_into_a_namespace_with_4_5(release: str, exception: str) -> None:
    with MockMoodle(moodle=release) as moodle:
        assert ask(moodle, moodle.user("anna").token(), BY_FIELD)["exception"] == exception


def test_capitals_and_blanks_at_the_end_do_not_count(campus: Campus) -> None:
    """As the recorded site's database compares."""
    assert campus.call("CORE_WEBSERVICE_GET_SITE_INFO ", f"{STUDENT_TOKEN.upper()} ")["username"] == "anna"
