"""What a real Moodle 4.5.6 answered to the same questions, where the mock once answered otherwise."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
import requests
from mock.rest_client import SERVER, as_service, ask

from mock_moodle.quiz.review import AFTER_CLOSE
from mock_moodle.store.core import Grade
from mock_moodle.testing import MockMoodle
from mock_moodle.webservice.registry import FUNCTIONS

WEAK = "<div>Passwords must be at least 8 characters long.</div><div>Passwords must have at least 1 digit(s).</div>"


BEA = {
    "username": "bea", "password": "Passw0rd!", "firstname": "Bea", "lastname": "B", "email": "bea@example.com",
}  # fmt: skip


@pytest.fixture
def admin(mock_moodle: MockMoodle) -> str:
    as_service(mock_moodle, "All", sorted(FUNCTIONS))
    return mock_moodle.user("admin").token("All")


def named(prefix: str, **values: Any) -> dict[str, Any]:
    return {f"{prefix}[0][{name}]": value for name, value in values.items()}


def sent(moodle: MockMoodle, **form: str) -> Any:
    return requests.post(moodle.url + SERVER, data=form, timeout=30)


class TestProtocol:
    def test_an_array_for_the_token_or_the_function_is_an_error_without_a_code(
        self, mock_moodle: MockMoodle, admin: str
    ) -> None:
        call = {"wsfunction": "core_webservice_get_site_info", "moodlewsrestformat": "json"}
        refused = sent(mock_moodle, **call, **{"wstoken[]": admin}).json()
        assert set(refused) == {"exception", "message"}
        assert refused["exception"] == "TypeError"
        nameless = {"wstoken": admin, "moodlewsrestformat": "json", "wsfunction[]": "x"}
        assert sent(mock_moodle, **nameless).json() == refused

    def test_a_body_of_no_kind_is_no_form(self, mock_moodle: MockMoodle, admin: str) -> None:
        body = f"wstoken={admin}&wsfunction=core_webservice_get_site_info".encode()
        answer = requests.post(mock_moodle.url + SERVER, data=body, timeout=30)
        assert "invalidtoken" in answer.text

    def test_an_array_for_a_setting_is_refused_before_the_format_is_read(
        self, mock_moodle: MockMoodle, admin: str
    ) -> None:
        call = {"wstoken": admin, "wsfunction": "core_webservice_get_site_info", "moodlewsrestformat": "json"}
        answer = sent(mock_moodle, **call, **{"moodlewssettingraw[]": "1"})
        assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
        assert "clean_array()" in answer.text

    @pytest.mark.parametrize(
        ("function", "errorcode"), [("core_files_upload", "accessexception"), ("core_files_uploads", "invalidrecord")]
    )
    def test_a_function_that_moodle_has_and_the_service_has_not_is_refused(
        self, mock_moodle: MockMoodle, function: str, errorcode: str
    ) -> None:
        assert ask(mock_moodle, mock_moodle.user("anna").token(), function)["errorcode"] == errorcode

    def test_with_debugging_a_missing_record_tells_the_query(self, mock_moodle: MockMoodle, admin: str) -> None:
        mock_moodle.control.patch({"site": {"settings": {"debug": 32767}}})
        refused = ask(mock_moodle, admin, "core_course_get_contents", courseid=99)
        assert refused["debuginfo"] == "SELECT * FROM {course} WHERE id = ?\n[array (\n  0 => 99,\n)]"
        assert "0 => 'nope'," in ask(mock_moodle, admin, "nope")["debuginfo"]

    @pytest.mark.parametrize("release", ["4.4", "4.5"])
    def test_newer_functions_are_unknown_to_older_releases(self, release: str) -> None:
        with MockMoodle(moodle=release) as moodle:
            refused = ask(moodle, moodle.user("anna").token(), "mod_quiz_get_overrides")
        assert refused["errorcode"] == ("accessexception" if release == "4.5" else "invalidrecord")


class TestUsers:
    @pytest.mark.parametrize(
        ("field", "value"), [("firstname", ""), ("auth", "magic"), ("lang", "xx"), ("lang", ""), ("theme", "glitter")]
    )
    def test_what_is_not_installed_or_empty_is_refused(
        self, mock_moodle: MockMoodle, admin: str, field: str, value: str
    ) -> None:
        refused = ask(mock_moodle, admin, "core_user_create_users", **named("users", **{**BEA, field: value}))
        assert refused["errorcode"] == "invalidparameter"

    def test_a_weak_password_is_told_as_the_errors_code(self, mock_moodle: MockMoodle, admin: str) -> None:
        weak = named("users", **{**BEA, "password": "aB*"})
        assert ask(mock_moodle, admin, "core_user_create_users", **weak)["errorcode"] == WEAK
        mock_moodle.control.patch({"site": {"settings": {"passwordpolicy": False}}})
        assert ask(mock_moodle, admin, "core_user_create_users", **weak)[0]["username"] == "bea"

    def test_profile_fields_that_are_shown_nowhere_are_taken(self, mock_moodle: MockMoodle, admin: str) -> None:
        more = {"middlename": "M", "calendartype": "gregorian"}
        assert ask(mock_moodle, admin, "core_user_create_users", **named("users", **BEA, **more))[0]["id"]

    def test_a_profile_keeps_what_the_site_knows(self, mock_moodle: MockMoodle, admin: str) -> None:
        mock_moodle.control.patch({"users": [{"username": "carl", "profile": {"team": "red"}}]})
        more = {"interests": "chess, go,", "mailformat": 0, "country": "XX"}
        fields = {f"users[0][customfields][{at}][type]": name for at, name in enumerate(("team", "unheard"))}
        values = {f"users[0][customfields][{at}][value]": "blue" for at in range(2)}
        asked = named("users", **BEA, **more) | fields | values
        assert ask(mock_moodle, admin, "core_user_create_users", **asked)[0]["username"] == "bea"
        by_name = {"field": "username", "values[0]": "bea"}
        (bea,) = ask(mock_moodle, admin, "core_user_get_users_by_field", **by_name)
        assert (bea["interests"], bea["mailformat"], "country" in bea) == ("chess, go", 0, False)
        assert [field["shortname"] for field in bea["customfields"]] == ["team"]

    def test_a_weak_new_password_breaks_the_warnings_own_signature(self, mock_moodle: MockMoodle, admin: str) -> None:
        asked = named("users", id=mock_moodle.user("anna").id, password="x", city="Rome")
        assert ask(mock_moodle, admin, "core_user_update_users", **asked)["errorcode"] == "invalidresponse"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"email": "carl@example.com"}, "useremailduplicate"),
            ({"email": "none"}, "useremailinvalid"),
            ({"username": "carl"}, "dmlwriteexception"),
            ({"id": 999}, "invaliduserid"),
            ({"id": 1}, "usernotupdatedguest"),
        ],
    )
    def test_a_change_that_is_refused_is_a_warning(
        self, mock_moodle: MockMoodle, admin: str, change: dict[str, Any], code: str
    ) -> None:
        mock_moodle.user("carl")
        asked = named("users", **{"id": mock_moodle.user("anna").id, **change})
        (warning,) = ask(mock_moodle, admin, "core_user_update_users", **asked)["warnings"]
        assert warning["warningcode"] == code

    @pytest.mark.parametrize("value", [" 2", "2 ", "02", "2.0", "2e0"])
    def test_a_number_is_what_php_takes_for_one(self, mock_moodle: MockMoodle, admin: str, value: str) -> None:
        asked = {"field": "id", "values[0]": value}
        (found,) = ask(mock_moodle, admin, "core_user_get_users_by_field", **asked)
        assert found["id"] == 2

    def test_addresses_are_found_without_regard_to_capitals(self, mock_moodle: MockMoodle, admin: str) -> None:
        anna = mock_moodle.user("anna", email="anna@example.com")
        asked = {"field": "email", "values[0]": "Anna@EXAMPLE.com"}
        assert [user["id"] for user in ask(mock_moodle, admin, "core_user_get_users_by_field", **asked)] == [anna.id]

    def test_a_description_is_shown_once_its_author_takes_part(self, mock_moodle: MockMoodle) -> None:
        mock_moodle.control.patch({"users": [{"username": "anna", "description": "<p>Me</p>"}]})
        anna, bea = mock_moodle.user("anna"), mock_moodle.user("bea").enrolled_in("algebra", "editingteacher")
        asked = {"field": "id", "values[0]": anna.id}
        assert ask(mock_moodle, bea.token(), "core_user_get_users_by_field", **asked) == []
        anna.enrolled_in("algebra")
        (seen,) = ask(mock_moodle, bea.token(), "core_user_get_users_by_field", **asked)
        assert seen["description"] == "<p>Me</p>"


class TestGroups:
    def test_a_group_keeps_what_it_was_made_with(self, mock_moodle: MockMoodle, admin: str) -> None:
        courseid = mock_moodle.course("algebra").id
        spec = {"courseid": courseid, "name": "Red", "description": "d", "descriptionformat": 0, "visibility": 2}
        (made,) = ask(mock_moodle, admin, "core_group_create_groups", **named("groups", **spec))
        assert (made["descriptionformat"], made["visibility"], made["participation"]) == (0, 2, False)
        assert made["enrolmentkey"] == ""
        (read,) = ask(mock_moodle, admin, "core_group_get_course_groups", courseid=courseid)
        assert read == made | {"enrolmentkey": None, "descriptionformat": 1}  # as it is read: made into HTML

    @pytest.mark.parametrize(
        ("change", "errorcode"),
        [
            ({"visibility": 9}, "invalidparameter"),
            ({"descriptionformat": 9}, "formatnotsupported"),
            ({"idnumber": "first"}, "idnumbertaken"),
            ({"name": "x" * 300}, "dmlwriteexception"),
            ({"courseid": 999}, "errorcoursecontextnotvalid"),
        ],
    )
    def test_what_a_group_cannot_be(
        self, mock_moodle: MockMoodle, admin: str, change: dict[str, Any], errorcode: str
    ) -> None:
        spec = {"courseid": mock_moodle.course("algebra").id, "name": "Red", "description": "", "idnumber": "first"}
        ask(mock_moodle, admin, "core_group_create_groups", **named("groups", **spec))
        second = named("groups", **{**spec, "name": "Blue", "idnumber": "", **change})
        assert ask(mock_moodle, admin, "core_group_create_groups", **second)["errorcode"] == errorcode

    def test_a_removed_groups_number_is_not_given_again(self, mock_moodle: MockMoodle, admin: str) -> None:
        spec = {"courseid": mock_moodle.course("algebra").id, "name": "Red", "description": ""}
        (first,) = ask(mock_moodle, admin, "core_group_create_groups", **named("groups", **spec))
        ask(mock_moodle, admin, "core_group_delete_groups", **{"groupids[0]": first["id"]})
        assert ask(mock_moodle, admin, "core_group_delete_groups", **{"groupids[0]": first["id"]}) is None
        (second,) = ask(mock_moodle, admin, "core_group_create_groups", **named("groups", **spec))
        assert second["id"] == first["id"] + 1


class TestMessages:
    def one(self, moodle: MockMoodle, token: str, **message: Any) -> Any:
        (told,) = ask(moodle, token, "core_message_send_instant_messages", **named("messages", **message))
        return told

    def test_one_writes_to_those_of_ones_own_courses(self, mock_moodle: MockMoodle, admin: str) -> None:
        anna, bea = mock_moodle.user("anna").enrolled_in("algebra"), mock_moodle.user("bea")
        refused = self.one(mock_moodle, anna.token(), touserid=bea.id, text="Hello")
        assert refused["errormessage"].startswith("You can't message this user")
        assert self.one(mock_moodle, admin, touserid=bea.id, text="Hello")["candeletemessagesforallusers"]
        bea.enrolled_in("algebra")
        there = self.one(mock_moodle, anna.token(), touserid=bea.id, text="Hello")
        back = self.one(mock_moodle, bea.token(), touserid=anna.id, text="Hello", textformat=1)
        assert (there["text"], back["text"]) == ("<p>Hello</p>", "Hello")
        assert there["conversationid"] == back["conversationid"] == 2

    @pytest.mark.parametrize(
        ("message", "begins"),
        [
            ({"touserid": 999, "text": "x"}, "You cannot send a message to a user ID (999)"),
            ({"touserid": 2, "text": "x" * 5000}, "The message is longer"),
        ],
    )
    def test_what_cannot_be_sent(
        self, mock_moodle: MockMoodle, admin: str, message: dict[str, Any], begins: str
    ) -> None:
        assert self.one(mock_moodle, admin, **message)["errormessage"].startswith(begins)


class TestCourses:
    @pytest.mark.parametrize(
        ("change", "errorcode"),
        [
            ({"shortname": ""}, "errorinvalidparam"),
            ({"lang": "xx"}, "errorinvalidparam"),
            ({"startdate": 2, "enddate": 1}, "enddatebeforestartdate"),
            ({"summaryformat": 9}, "formatnotsupported"),
        ],
    )
    def test_what_a_course_cannot_be(
        self, mock_moodle: MockMoodle, admin: str, change: dict[str, Any], errorcode: str
    ) -> None:
        spec = named("courses", **{"fullname": "Botany", "shortname": "bot", "categoryid": 1, **change})
        assert ask(mock_moodle, admin, "core_course_create_courses", **spec)["errorcode"] == errorcode

    @pytest.mark.parametrize(
        ("change", "errorcode"),
        [
            ({"roleid": 999}, "wsusercannotassign"),
            ({"userid": 999}, "invaliduser"),
            ({"userid": 1}, "guestsarenotallowed"),
            ({"courseid": 999}, "invalidparameter"),
            ({"courseid": 1}, "wsnoinstance"),
        ],
    )
    def test_who_cannot_be_enrolled(
        self, mock_moodle: MockMoodle, admin: str, change: dict[str, Any], errorcode: str
    ) -> None:
        anna, courseid = mock_moodle.user("anna"), mock_moodle.course("algebra").id
        spec = named("enrolments", **{"roleid": 5, "userid": anna.id, "courseid": courseid, **change})
        assert ask(mock_moodle, admin, "enrol_manual_enrol_users", **spec)["errorcode"] == errorcode

    def test_courses_come_as_they_were_asked_for(self, mock_moodle: MockMoodle, admin: str) -> None:
        first, second = mock_moodle.course("algebra").id, mock_moodle.course("botany").id
        asked = {"field": "ids", "value": f"{second},{first},{second}"}
        found = ask(mock_moodle, admin, "core_course_get_courses_by_field", **asked)["courses"]
        assert [course["id"] for course in found] == [second, first]
        missing = ask(mock_moodle, admin, "core_course_get_courses_by_field", field="ids", value="999")
        assert missing["exception"] == "Error"

    def test_a_shut_course_is_shown_with_a_warning(self, mock_moodle: MockMoodle) -> None:
        courseid, anna = mock_moodle.course("algebra").id, mock_moodle.user("anna")
        asked = {"field": "ids", "value": courseid}
        answer = ask(mock_moodle, anna.token(), "core_course_get_courses_by_field", **asked)
        assert [course["id"] for course in answer["courses"]] == [courseid]
        assert answer["warnings"][0]["message"] == "No access rights in course context"

    @pytest.mark.parametrize(
        ("module", "errorcode"),
        [
            ("", "codingerror"),
            ("mod_quiz", "codingerror"),
            ("bogus", "dmlreadexception"),
            ("page", "invalidrecordunknown"),
        ],
    )
    def test_a_kind_of_activity_that_is_none(
        self, mock_moodle: MockMoodle, admin: str, module: str, errorcode: str
    ) -> None:
        refused = ask(mock_moodle, admin, "core_course_get_course_module_by_instance", module=module, instance=9)
        assert refused["errorcode"] == errorcode


class TestParticipants:
    SEARCH: ClassVar[dict[str, Any]] = {"search": "", "searchanywhere": 0, "page": 0, "perpage": 10}

    def test_who_could_be_enrolled_goes_by_the_way_to_enrol(self, mock_moodle: MockMoodle, admin: str) -> None:
        anna, bea = mock_moodle.user("anna").enrolled_in("algebra"), mock_moodle.user("bea").enrolled_in("biology")
        first, second = mock_moodle.course("algebra"), mock_moodle.course("biology")
        assert first.id < second.id
        for enrolid, missing in ((1, {anna.id}), (2, set()), (4, {bea.id}), (99, set())):
            asked = {"courseid": first.id, "enrolid": enrolid, **self.SEARCH}
            found = {user["id"] for user in ask(mock_moodle, admin, "core_enrol_get_potential_users", **asked)}
            assert {anna.id, bea.id} - found == missing

    def test_a_search_outside_of_courses_misses_a_script(self, mock_moodle: MockMoodle, admin: str) -> None:
        asked = {"courseid": mock_moodle.course("algebra").id, **self.SEARCH}
        refused = ask(mock_moodle, admin, "core_enrol_search_users", **asked, contextid=1)
        assert (refused["exception"], "errorcode" in refused) == ("Error", False)
        assert ask(mock_moodle, admin, "core_enrol_search_users", **asked, contextid=0)["errorcode"] == "codingerror"


class TestCalendar:
    def test_the_dates_of_quizzes_and_assignments_are_events(self, mock_moodle: MockMoodle, admin: str) -> None:
        course = mock_moodle.course("algebra")
        course.quiz("Exam", questions=["moon"], timeopen=1000, timeclose=3000)
        course.module("assign", "Essay", duedate=2000)
        asked = {"events[courseids][0]": course.id}
        events = ask(mock_moodle, admin, "core_calendar_get_calendar_events", **asked)["events"]
        assert [event["name"] for event in events] == ["Exam opens", "Essay is due", "Exam closes"]
        assert (events[0]["groupid"], "uuid" in events[0]) == (None, False)
        (row,) = ask(
            mock_moodle, admin, "core_calendar_get_calendar_events", **{"events[eventids][0]": events[1]["id"]}
        )["events"]
        assert (row["name"], row["groupid"], row["uuid"]) == ("Essay is due", 0, "")

    def test_what_is_shut_is_told(self, mock_moodle: MockMoodle) -> None:
        asked = {"events[courseids][0]": 999, "events[groupids][0]": 7}
        token = mock_moodle.user("anna").token()
        warnings = ask(mock_moodle, token, "core_calendar_get_calendar_events", **asked)["warnings"]
        assert [warning["warningcode"] for warning in warnings] == ["nopermissions"] * 2


class TestGrades:
    def test_weights_appear_with_the_first_grade(self, mock_moodle: MockMoodle, admin: str) -> None:
        anna = mock_moodle.user("anna").enrolled_in("algebra")
        course = mock_moodle.course("algebra")
        cmid = course.quiz("Exam", questions=["moon"], grade=10)
        course.quiz("Test", questions=["moon"], grade=20)
        asked = {"courseid": course.id, "userid": anna.id}

        def items() -> list[dict[str, Any]]:
            (report,) = ask(mock_moodle, admin, "gradereport_user_get_grade_items", **asked)["usergrades"]
            listed: list[dict[str, Any]] = report["gradeitems"]
            return listed

        assert ["weightraw" in item for item in items()] == [False] * 3
        assert items()[-1]["grademax"] == 30
        with mock_moodle.control.database() as session:
            session.merge(Grade(courseid=course.id, cmid=cmid, userid=anna.id, finalgrade=7.5))
        exam, test, total = items()
        assert (exam["weightformatted"], test["weightformatted"], test["status"]) == ("100.00 %", "0.00 %", "novalue")
        assert (total["graderaw"], total["grademax"]) == (7.5, 10)

    def test_a_hidden_grade_hides_the_total_and_all_weights(self, mock_moodle: MockMoodle, admin: str) -> None:
        anna, course = mock_moodle.user("anna").enrolled_in("algebra"), mock_moodle.course("algebra")
        exam = course.quiz("Exam", questions=["moon"], grade=10)
        secret = course.quiz("Secret", questions=["moon"], grade=30, reviewoptions=0)
        later = course.quiz("Later", questions=["moon"], reviewoptions=AFTER_CLOSE, timeclose=2_000_000_000)
        with mock_moodle.control.database() as session:
            for cmid in (exam, secret, later):
                session.merge(Grade(courseid=course.id, cmid=cmid, userid=anna.id, finalgrade=7.5))

        def told(token: str) -> list[tuple[str | None, float | None, float | None]]:
            asked = {"courseid": course.id, "userid": anna.id}
            (report,) = ask(mock_moodle, token, "gradereport_user_get_grade_items", **asked)["usergrades"]
            return [(item["itemname"], item["graderaw"], item.get("weightraw")) for item in report["gradeitems"]]

        assert told(admin) == [("Exam", 7.5, 0.2), ("Secret", 7.5, 0.6), ("Later", 7.5, 0.2), (None, 22.5, None)]
        # what is hidden until a date stands there without its grade, and only its own weight tells nothing new
        assert told(anna.token()) == [("Exam", 7.5, None), ("Later", None, 0.2), (None, None, None)]

    def test_what_is_handed_in_and_not_marked_is_known_to_the_gradebook(
        self, mock_moodle: MockMoodle, admin: str
    ) -> None:
        anna, course = mock_moodle.user("anna").enrolled_in("algebra"), mock_moodle.course("algebra")
        cmid = course.quiz("Exam", questions=["moon"], grade=10)
        with mock_moodle.control.database() as session:
            session.merge(Grade(courseid=course.id, cmid=cmid, userid=anna.id, finalgrade=None))
        asked = {"courseid": course.id, "userid": anna.id}
        for token, maximum in ((admin, 10), (anna.token(), 100)):
            (report,) = ask(mock_moodle, token, "gradereport_user_get_grade_items", **asked)["usergrades"]
            exam, total = report["gradeitems"]
            assert (exam["status"], exam["weightformatted"], exam["feedbackformat"]) == ("novalue", "0.00 %", 2)
            assert (total["gradeformatted"], total["grademax"]) == ("-", maximum)

    def test_locks_are_for_who_grades(self, mock_moodle: MockMoodle, admin: str) -> None:
        anna = mock_moodle.user("anna").enrolled_in("algebra")
        asked = {"courseid": mock_moodle.course("algebra").id, "userid": anna.id}
        for token, locked in ((admin, False), (anna.token(), None)):
            (report,) = ask(mock_moodle, token, "gradereport_user_get_grade_items", **asked)["usergrades"]
            assert report["gradeitems"][0]["locked"] is locked


class TestAssignments:
    def test_courses_where_a_capability_is_missing_are_left_out(self, mock_moodle: MockMoodle, admin: str) -> None:
        anna, course = mock_moodle.user("anna").enrolled_in("algebra"), mock_moodle.course("algebra")
        asked = {"courseids[0]": 1, "courseids[1]": course.id, "includenotenrolledcourses": 1}
        for token, capability, listed in (
            (admin, "mod/assign:view", [1, course.id]),
            (anna.token("All"), "mod/assign:grade", []),
            (admin, "", []),
        ):
            told = ask(mock_moodle, token, "mod_assign_get_assignments", **asked, **{"capabilities[0]": capability})
            assert [each["id"] for each in told["courses"]] == listed

    def test_a_status_is_told_by_who_asks_about_whom(self, mock_moodle: MockMoodle, admin: str) -> None:
        anna, bea = mock_moodle.user("anna").enrolled_in("algebra"), mock_moodle.user("bea").enrolled_in("algebra")
        tamara = mock_moodle.user("tamara").enrolled_in("algebra", "editingteacher")
        cmid = mock_moodle.course("algebra").module("assign", "Essay")
        assert cmid
        asked = {"assignid": 1}

        def status(token: str, **more: Any) -> Any:
            return ask(mock_moodle, token, "mod_assign_get_submission_status", **asked, **more)

        assert set(status(anna.token())) == {"lastattempt", "assignmentdata", "warnings"}
        assert status(anna.token(), userid=bea.id)["errorcode"] == "nopermission"
        assert status(admin)["errorcode"] == "nopermission"
        teachers = status(tamara.token())
        assert "lastattempt" not in teachers
        assert teachers["gradingsummary"]["participantcount"] == 2
        assert set(status(tamara.token(), userid=anna.id)) >= {"gradingsummary", "lastattempt"}
