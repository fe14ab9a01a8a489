"""The core functions: users, courses, enrolments, groups, messages, the calendar, grades."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from mock.rest_client import SERVER, as_service, ask

from mock_moodle.store.core import CalendarEvent, Grade, Message
from mock_moodle.testing import MockMoodle
from mock_moodle.webservice.registry import FUNCTIONS


@pytest.fixture
def admin(mock_moodle: MockMoodle) -> str:
    """A token of the administrator for every function there is."""
    as_service(mock_moodle, "All", sorted(FUNCTIONS))
    return mock_moodle.user("admin").token("All")


def created(moodle: MockMoodle, token: str, **fields: str) -> Any:
    user = {
        "username": "bea",
        "password": "Passw0rd!",
        "firstname": "Bea",
        "lastname": "B",
        "email": "bea@example.com",
        **fields,
    }
    return ask(moodle, token, "core_user_create_users", **{f"users[0][{key}]": value for key, value in user.items()})


class TestUsers:
    def test_a_created_user_can_be_found_changed_and_deleted(self, mock_moodle: MockMoodle, admin: str) -> None:
        (bea,) = created(mock_moodle, admin)
        change = {"users[0][id]": bea["id"], "users[0][firstname]": "Beate"}
        assert ask(mock_moodle, admin, "core_user_update_users", **change) == {"warnings": []}
        search = {"criteria[0][key]": "email", "criteria[0][value]": "BEA@%"}
        (found,) = ask(mock_moodle, admin, "core_user_get_users", **search)["users"]
        assert found["fullname"] == "Beate B"
        assert ask(mock_moodle, admin, "core_user_delete_users", **{"userids[0]": bea["id"]}) is None
        assert ask(mock_moodle, admin, "core_user_get_users", **search)["users"] == []

    @pytest.mark.parametrize("taken", [{"username": "anna"}, {"email": "anna@example.com"}, {"email": "none"}])
    def test_names_and_addresses_are_unique_and_valid(
        self, mock_moodle: MockMoodle, admin: str, taken: dict[str, str]
    ) -> None:
        mock_moodle.user("anna")
        assert created(mock_moodle, admin, **taken)["errorcode"] == "invalidparameter"

    def test_who_may_not_create_is_told_which_right_is_missing(self, mock_moodle: MockMoodle) -> None:
        as_service(mock_moodle, "Own", ["core_user_create_users"])
        refusal = created(mock_moodle, mock_moodle.user("anna").token("Own"))
        assert refusal["message"].endswith("(Create users).")

    def test_an_unknown_criterion_is_a_warning(self, mock_moodle: MockMoodle, admin: str) -> None:
        search = {"criteria[0][key]": "shoe", "criteria[0][value]": "43"}
        answer = ask(mock_moodle, admin, "core_user_get_users", **search)
        assert answer["warnings"][0]["warningcode"] == "invalidfieldparameter"

    def test_strangers_do_not_see_each_other(self, mock_moodle: MockMoodle) -> None:
        anna, bea = mock_moodle.user("anna"), mock_moodle.user("bea")
        asked = {"field": "id", "values[0]": bea.id}
        assert ask(mock_moodle, anna.token(), "core_user_get_users_by_field", **asked) == []
        anna.enrolled_in("algebra")
        bea.enrolled_in("algebra")
        (seen,) = ask(mock_moodle, anna.token(), "core_user_get_users_by_field", **asked)
        assert seen["email"] == bea.email
        assert "username" not in seen


class TestCoursesAndEnrolments:
    def test_a_course_is_created_and_entered(self, mock_moodle: MockMoodle, admin: str) -> None:
        spec = {"courses[0][fullname]": "Botany", "courses[0][shortname]": "bot", "courses[0][categoryid]": 1}
        (course,) = ask(mock_moodle, admin, "core_course_create_courses", **spec)
        anna = mock_moodle.user("anna")
        enrolment = {"roleid": 5, "userid": anna.id, "courseid": course["id"]}
        enrolling = {f"enrolments[0][{key}]": value for key, value in enrolment.items()}
        assert ask(mock_moodle, admin, "enrol_manual_enrol_users", **enrolling) is None
        mine = ask(mock_moodle, anna.token(), "core_enrol_get_users_courses", userid=anna.id)
        assert [each["shortname"] for each in mine] == ["bot"]
        leaving = {"enrolments[0][userid]": anna.id, "enrolments[0][courseid]": course["id"]}
        ask(mock_moodle, admin, "enrol_manual_unenrol_users", **leaving)
        assert ask(mock_moodle, anna.token(), "core_enrol_get_users_courses", userid=anna.id) == []
        assert ask(mock_moodle, admin, "core_course_create_courses", **spec)["errorcode"] == "shortnametaken"

    def test_participants_are_narrowed_sorted_and_cut(self, mock_moodle: MockMoodle, admin: str) -> None:
        for name in ("anna", "bea", "cleo"):
            mock_moodle.user(name).enrolled_in("algebra")
        options = {"userfields": "id", "sortby": "firstname", "sortdirection": "DESC", "limitnumber": "2"}
        named = {}
        for index, (name, value) in enumerate(options.items()):
            named |= {f"options[{index}][name]": name, f"options[{index}][value]": value}
        courseid = mock_moodle.course("algebra").id
        answer = ask(mock_moodle, admin, "core_enrol_get_enrolled_users", courseid=courseid, **named)
        assert [set(user) for user in answer] == [{"id", "fullname"}] * 2
        assert [user["fullname"] for user in answer] == ["Cleo Tester", "Bea Tester"]

    def test_a_suspended_enrolment_shuts_the_course(self, mock_moodle: MockMoodle) -> None:
        anna = mock_moodle.user("anna").enrolled_in("algebra")
        courseid = mock_moodle.course("algebra").id
        enrolment = {"user": "anna", "status": "suspended"}
        mock_moodle.control.patch({"courses": [{"shortname": "algebra", "enrolments": [enrolment]}]})
        refusal = ask(mock_moodle, anna.token(), "core_course_get_contents", courseid=courseid)
        assert refusal["errorcode"] == "errorcoursecontextnotvalid"

    def test_a_hidden_activity_is_shown_to_teachers_only(self, mock_moodle: MockMoodle) -> None:
        anna = mock_moodle.user("anna").enrolled_in("algebra")
        tamara = mock_moodle.user("tamara").enrolled_in("algebra", "editingteacher")
        course = mock_moodle.course("algebra")
        course.module("url", "Link", visible=False, externalurl="https://example.com/")

        def names(token: str) -> list[str]:
            contents = ask(mock_moodle, token, "core_course_get_contents", courseid=course.id)
            return [module["name"] for section in contents for module in section["modules"]]

        assert names(anna.token()) == []
        assert names(tamara.token()) == ["Link"]

    @pytest.mark.parametrize("modname", ["book", "data", "folder", "lesson", "page", "resource", "url", "workshop"])
    def test_every_list_tells_its_activities(self, mock_moodle: MockMoodle, modname: str) -> None:
        anna = mock_moodle.user("anna").enrolled_in("algebra")
        mock_moodle.course("algebra").module(modname, "It")
        (function,) = (name for name in FUNCTIONS if name.startswith(f"mod_{modname}_get_") and "_by_courses" in name)
        answer = ask(mock_moodle, anna.token(), function)
        (key,) = set(answer) - {"warnings"}
        assert [each["name"] for each in answer[key]] == ["It"]
        warning = ask(mock_moodle, anna.token(), function, **{"courseids[0]": 999})["warnings"][0]
        assert warning["message"] == "No access rights in course context"


class TestGroups:
    def test_groups_are_made_filled_and_removed(self, mock_moodle: MockMoodle, admin: str) -> None:
        anna = mock_moodle.user("anna").enrolled_in("algebra")
        spec = {"groups[0][courseid]": mock_moodle.course("algebra").id, "groups[0][name]": "Red"}
        spec["groups[0][description]"] = ""
        (group,) = ask(mock_moodle, admin, "core_group_create_groups", **spec)
        assert ask(mock_moodle, admin, "core_group_create_groups", **spec)["errorcode"] == "invalidparameter"
        member = {"members[0][groupid]": group["id"], "members[0][userid]": anna.id}
        ask(mock_moodle, admin, "core_group_add_group_members", **member)
        listed = ask(mock_moodle, admin, "core_group_get_group_members", **{"groupids[0]": group["id"]})
        assert listed == [{"groupid": group["id"], "userids": [anna.id]}]
        mine = ask(mock_moodle, anna.token(), "core_group_get_course_user_groups")
        assert [each["name"] for each in mine["groups"]] == ["Red"]
        ask(mock_moodle, admin, "core_group_delete_groups", **{"groupids[0]": group["id"]})
        assert (
            ask(mock_moodle, admin, "core_group_get_groups", **{"groupids[0]": group["id"]})["errorcode"]
            == "invalidrecord"
        )

    def test_only_participants_join(self, mock_moodle: MockMoodle, admin: str) -> None:
        mock_moodle.course("algebra", groups=[{"id": 1, "name": "Red"}])
        member = {"members[0][groupid]": 1, "members[0][userid]": mock_moodle.user("anna").id}
        assert ask(mock_moodle, admin, "core_group_add_group_members", **member)["errorcode"] == "invalidparameter"


def test_a_message_is_kept_for_the_test_to_read(mock_moodle: MockMoodle) -> None:
    anna, bea = mock_moodle.user("anna").enrolled_in("algebra"), mock_moodle.user("bea").enrolled_in("algebra")
    message = {"messages[0][touserid]": bea.id, "messages[0][text]": "Hello", "messages[1][touserid]": 999}
    message["messages[1][text]"] = "Nobody"
    sent, failed = ask(mock_moodle, anna.token(), "core_message_send_instant_messages", **message)
    assert failed["msgid"] == -1
    with mock_moodle.control.database() as session:
        assert session.get_one(Message, sent["msgid"]).text == "<p>Hello</p>"


def test_the_calendar_shows_what_concerns_the_caller(mock_moodle: MockMoodle) -> None:
    anna = mock_moodle.user("anna").enrolled_in("algebra")
    courseid = mock_moodle.course("algebra").id
    with mock_moodle.control.database() as session:
        session.add(CalendarEvent(name="Picnic", courseid=courseid, timestart=100))
        session.add(CalendarEvent(name="Site", courseid=1, eventtype="site", timestart=200))
        session.add(CalendarEvent(name="Other's", userid=999, eventtype="user", timestart=300))
    asked = {"events[courseids][0]": courseid}
    events = ask(mock_moodle, anna.token(), "core_calendar_get_calendar_events", **asked)["events"]
    assert [event["name"] for event in events] == ["Picnic", "Site"]
    asked["options[timestart]"] = 150
    events = ask(mock_moodle, anna.token(), "core_calendar_get_calendar_events", **asked)["events"]
    assert [event["name"] for event in events] == ["Site"]


def test_grades_are_ones_own_unless_one_grades(mock_moodle: MockMoodle) -> None:
    anna = mock_moodle.user("anna").enrolled_in("algebra")
    tamara = mock_moodle.user("tamara").enrolled_in("algebra", "editingteacher")
    courseid = mock_moodle.course("algebra").id
    cmid = mock_moodle.course("algebra").quiz("Exam", questions=["moon"], grade=10)
    with mock_moodle.control.database() as session:
        session.merge(Grade(courseid=courseid, cmid=cmid, userid=anna.id, finalgrade=7.5))
    asked = {"courseid": courseid, "userid": anna.id}
    (mine,) = ask(mock_moodle, anna.token(), "gradereport_user_get_grade_items", **asked)["usergrades"]
    assert (mine["gradeitems"][0]["graderaw"], mine["gradeitems"][0]["percentageformatted"]) == (7.5, "75.00 %")
    refusal = ask(mock_moodle, anna.token(), "gradereport_user_get_grade_items", courseid=courseid, userid=tamara.id)
    assert refusal["errorcode"] == "nopermissiontoviewgrades"
    (hers,) = ask(mock_moodle, tamara.token(), "gradereport_user_get_grade_items", courseid=courseid)["usergrades"]
    assert hers["userid"] == anna.id
    form = {"wstoken": anna.token(), "wsfunction": "gradereport_user_get_grade_items", **asked}
    xml = requests.post(mock_moodle.url + SERVER, data=form, timeout=30).text
    assert '<KEY name="rank"><VALUE null="null"/>' in xml  # XML has every key of the signature


def test_an_autologin_key_needs_https_and_the_private_token() -> None:
    with MockMoodle() as moodle:
        token = moodle.user("anna").token()
        assert ask(moodle, token, "tool_mobile_get_autologin_key", privatetoken="x")["errorcode"] == "apprequired"
        form = {"wstoken": token, "wsfunction": "tool_mobile_get_autologin_key", "privatetoken": "x"}
        app = {"User-Agent": "MoodleMobile 4.5"}
        answer = requests.post(moodle.url + SERVER, data=form, headers=app, timeout=30)
        assert "httpsrequired" in answer.text


def test_the_app_reads_settings_section_by_section(mock_moodle: MockMoodle) -> None:
    def told(section: str) -> dict[str, Any]:
        answer = ask(mock_moodle, mock_moodle.user("anna").token(), "tool_mobile_get_config", section=section)
        return {each["name"]: each["value"] for each in answer["settings"]}

    assert told("navigation") == {"enabledashboard": "1"}
    assert told("nonsense") == {}
    assert {"enabledashboard", "fullname", "timezone", "core_admin_coursecolor10"} <= set(told(""))


def test_groups_of_others_are_for_who_manages_groups(mock_moodle: MockMoodle, admin: str) -> None:
    anna, bea = mock_moodle.user("anna").enrolled_in("algebra"), mock_moodle.user("bea").enrolled_in("algebra")
    course = ask(mock_moodle, anna.token(), "core_enrol_get_users_courses", userid=anna.id)[0]["id"]
    asked = {"courseid": course, "userid": bea.id}
    (warning,) = ask(mock_moodle, anna.token(), "core_group_get_course_user_groups", **asked)["warnings"]
    assert warning["warningcode"] == "cannotmanagegroups"
    assert ask(mock_moodle, admin, "core_group_get_course_user_groups", **asked)["warnings"] == []
    stranger = ask(mock_moodle, anna.token(), "core_group_get_course_user_groups", userid=9999)
    assert stranger["errorcode"] == "invaliduser"


def test_lists_of_activities_say_what_is_out_of_reach(mock_moodle: MockMoodle) -> None:
    token = mock_moodle.user("anna").enrolled_in("algebra").token()
    (warning,) = ask(mock_moodle, token, "mod_assign_get_assignments", **{"courseids[0]": 9999})["warnings"]
    assert warning["warningcode"] == "2"
    unknown = ask(mock_moodle, token, "mod_forum_get_forum_discussions", forumid=9999)
    assert unknown["errorcode"] == "Unable to find forum with id 9999"
