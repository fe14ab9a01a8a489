"""Groups, groupings and the participants page's own functions, as a real Moodle 4.5.6 answered them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from mock.campus import EXAM, HOMEWORK, OPEN_QUIZ, Campus, world
from mock.fuzzing import close

ADMIN, ANNA, TAMARA = "0" * 32, "a1" * 16, "e1" * 16
NAMES = [
    f"core_{name}"
    for name in (
        "group_create_groups", "group_update_groups", "group_get_groups", "group_get_course_groups",
        "group_create_groupings", "group_update_groupings", "group_get_groupings", "group_get_course_groupings",
        "group_delete_groupings", "group_assign_grouping", "group_unassign_grouping", "group_get_course_user_groups",
        "group_get_activity_groupmode", "group_get_activity_allowed_groups", "group_get_groups_for_selector",
        "group_delete_groups", "enrol_get_enrolled_users_with_capability", "enrol_get_potential_users",
        "enrol_search_users", "enrol_submit_user_enrolment_form", "enrol_unenrol_user_enrolment",
        "enrol_get_enrolled_users",
    )
]  # fmt: skip
PAGE = {"searchanywhere": 1, "page": 0, "perpage": 10}


def school() -> dict[str, Any]:
    """Red and Blue, of which Red is in a grouping; the exam keeps groups apart, the open quiz shows them."""
    spec = world()
    course = spec["courses"][0]
    course["groups"] = [{"name": "Red", "members": ["anna"]}, {"name": "Blue", "members": ["boris"]}]
    course["groupings"] = [{"id": 5, "name": "Warm", "groups": ["Red"]}]
    exam, open_quiz, homework = course["sections"][0]["modules"]
    exam |= {"groupmode": 1, "availability": None}
    open_quiz |= {"groupmode": 2, "groupingid": 5}
    homework["availability"] = {"op": "&", "c": [{"type": "grouping", "id": 5}], "showc": [True]}
    spec["services"].append({"name": "All", "functions": NAMES})
    tokens = {"admin": ADMIN, "anna": ANNA, "tamara": TAMARA}
    spec["tokens"] += [{"token": token, "user": user, "service": "All"} for user, token in tokens.items()]
    return spec


@pytest.fixture(scope="module")
def _school() -> Iterator[Campus]:
    campus = Campus(school())
    yield campus
    close(campus.app)


@pytest.fixture
def site(_school: Campus) -> Campus:
    _school.site.reset()
    return _school


def test_a_grouping_from_its_making_to_its_end(site: Campus) -> None:
    cool = {"courseid": 2, "name": "Cool", "description": "<p>c</p>", "idnumber": "C"}
    (made,) = site.call("core_group_create_groupings", ADMIN, groupings=[cool])
    assert made == {"id": made["id"], **cool, "descriptionformat": 1}
    taken = site.call("core_group_create_groupings", ADMIN, groupings=[{**cool, "idnumber": "D"}])
    assert taken["errorcode"] == "invalidparameter"
    pair = {"groupingid": made["id"], "groupid": 2}
    for _ in range(2):  # once more changes nothing
        assert site.call("core_group_assign_grouping", ADMIN, assignments=[pair]) is None
    (told,) = site.call("core_group_get_groupings", ADMIN, groupingids=[made["id"]], returngroups=1)
    assert [group["name"] for group in told["groups"]] == ["Blue"]
    changed = {"id": made["id"], "name": "Cold", "description": "d"}
    assert site.call("core_group_update_groupings", ADMIN, groupings=[changed]) is None
    assert site.call("core_group_unassign_grouping", ADMIN, unassignments=[pair]) is None
    assert site.call("core_group_delete_groups", ADMIN, groupids=[1]) is None  # even one that is in a grouping
    names = [each["name"] for each in site.call("core_group_get_course_groupings", ADMIN, courseid=2)]
    assert names == ["Cold", "Warm"]
    assert site.call("core_group_delete_groupings", ADMIN, groupingids=[made["id"], 99]) is None
    assert len(site.call("core_group_get_course_groupings", ADMIN, courseid=2)) == 1


def test_without_an_id_number_the_grouping_is_made_and_the_answer_is_broken(site: Campus) -> None:
    answer = site.call(
        "core_group_create_groupings", ADMIN, groupings=[{"courseid": 2, "name": "Cool", "description": ""}]
    )
    assert answer["errorcode"] == "invalidresponse"
    assert len(site.call("core_group_get_course_groupings", ADMIN, courseid=2)) == 2


@pytest.mark.parametrize(
    ("function", "sent", "errorcode"),
    [
        ("create_groupings", {"groupings": [{"courseid": 2, "name": " ", "description": ""}]}, "invalidparameter"),
        ("create_groupings", {"groupings": [{"courseid": 99, "name": "x", "description": ""}]}, "invalidrecord"),
        ("update_groupings", {"groupings": [{"id": 99, "name": "x", "description": ""}]}, "invalidparameter"),
        ("get_groupings", {"groupingids": [99]}, "invalidrecord"),
        ("assign_grouping", {"assignments": [{"groupingid": 5, "groupid": 99}]}, "invalidrecord"),
        ("update_groups", {"groups": [{"id": 99, "name": "x"}]}, "invalidparameter"),
        ("update_groups", {"groups": [{"id": 1, "name": "Blue"}]}, "invalidparameter"),
        ("update_groups", {"groups": [{"id": 1, "name": "Red", "visibility": 1}]}, "invalidparameter"),
        ("update_groups", {"groups": [{"id": 1, "name": "Red", "participation": 0}]}, "invalidparameter"),
        ("get_activity_groupmode", {"cmid": 99}, "invalidrecordunknown"),
    ],
)
def test_what_is_refused(site: Campus, function: str, sent: dict[str, Any], errorcode: str) -> None:
    assert site.call(f"core_group_{function}", ADMIN, **sent)["errorcode"] == errorcode
    assert site.call(f"core_group_{function}", ANNA, **sent).get("exception")


def test_a_group_is_renamed(site: Campus) -> None:
    spec = {"id": 1, "name": "Crimson", "description": "<b>r</b>", "idnumber": "R"}
    assert site.call("core_group_update_groups", ADMIN, groups=[spec]) is None
    (group,) = site.call("core_group_get_groups", ADMIN, groupids=[1])
    assert {key: group[key] for key in spec} == spec
    assert group["customfields"] == []


def test_groups_are_shown_as_the_activity_has_it(site: Campus) -> None:
    def shown(token: str, cmid: int, **more: Any) -> tuple[list[str], bool]:
        told = site.call("core_group_get_activity_allowed_groups", token, cmid=cmid, **more)
        return [group["name"] for group in told["groups"]], told["canaccessallgroups"]

    assert shown(ANNA, EXAM) == (["Red"], False)
    assert shown(ANNA, OPEN_QUIZ) == (["Red"], False)  # visible groups, of the grouping
    assert shown(ADMIN, EXAM) == (["Blue", "Red"], True)
    assert shown(ADMIN, EXAM, userid=4) == (["Blue"], False)
    modes = [site.call("core_group_get_activity_groupmode", ADMIN, cmid=cmid) for cmid in (EXAM, OPEN_QUIZ, HOMEWORK)]
    assert [mode["groupmode"] for mode in modes] == [1, 2, 0]


def test_the_selector_offers_everybody_where_it_may(site: Campus) -> None:
    def offered(token: str) -> list[str]:
        told = site.call("core_group_get_groups_for_selector", token, courseid=2, cmid=EXAM)
        return [group["name"] for group in told["groups"]]

    assert offered(TAMARA) == ["All participants", "Blue", "Red"]
    assert offered(ANNA) == ["Red"]


def test_a_restriction_by_grouping_lets_its_groups_in(site: Campus) -> None:
    assert (
        site.sign_in("anna").get("/course/view.php", id=2).soup.select_one(f"a[href*='assign/view.php?id={HOMEWORK}']")
    )
    assert "You belong to a group in Warm" in site.sign_in("boris").get("/course/view.php", id=2).text


def test_whose_groups_depends_on_the_grouping(site: Campus) -> None:
    for grouping, names in ((0, ["Red"]), (5, ["Red"]), (6, [])):
        told = site.call("core_group_get_course_user_groups", ANNA, courseid=2, groupingid=grouping)
        assert [group["name"] for group in told["groups"]] == names


def test_who_may_do_what_is_told_by_capability(site: Campus) -> None:
    def capable(token: str, capability: str, **options: Any) -> Any:
        given = [{"name": name, "value": value} for name, value in options.items()]
        asked = [{"courseid": 2, "capabilities": [capability]}]
        return site.call(
            "core_enrol_get_enrolled_users_with_capability", token, coursecapabilities=asked, options=given
        )

    ((attempting,), (grading,)) = capable(ADMIN, "mod/quiz:attempt"), capable(ADMIN, "mod/quiz:grade")
    assert [user["username"] for user in attempting["users"]] == ["anna", "boris"]
    assert [user["username"] for user in grading["users"]] == ["tamara"]
    (named,) = capable(ADMIN, "mod/quiz:attempt", userfields="email", groupid=2)
    assert [set(user) for user in named["users"]] == [{"id", "fullname", "email"}]
    assert capable(ANNA, "mod/quiz:attempt")["errorcode"] == "nopermissions"


def test_people_are_found_to_be_enrolled_and_among_the_enrolled(site: Campus) -> None:
    def found(function: str, search: str, token: str = ADMIN, **more: Any) -> Any:
        return site.call(f"core_enrol_{function}", token, courseid=2, search=search, **{**PAGE, **more})

    outside = found("get_potential_users", "", enrolid=1)
    assert [user["fullname"] for user in outside] == ["Ada Admin", "Web Service"]
    assert len(found("get_potential_users", "", enrolid=0)) == 5
    assert [user["fullname"] for user in found("search_users", "tam")] == ["Tamara Teacher"]
    assert found("search_users", "eacher", searchanywhere=0) == []
    assert found("search_users", "", perpage=0) == []
    assert found("get_potential_users", "", token=ANNA, enrolid=1)["errorcode"] == "nopermissions"


def test_an_enrolment_is_changed_and_ended_on_the_page(site: Campus) -> None:
    """These two are for the page's own script: a token has no session key to send with the form."""
    tamara = site.sign_in("admin")

    def ask(function: str, **arguments: Any) -> Any:
        address = f"/lib/ajax/service.php?sesskey={tamara.sesskey()}"
        sent = [{"index": 0, "methodname": f"core_enrol_{function}", "args": arguments}]
        (answer,) = tamara.client.post(address, json=sent, base_url="http://moodle.test").get_json()
        return answer["data"]

    def active() -> list[str]:
        options = [{"name": "onlyactive", "value": 1}]
        told = site.call("core_enrol_get_enrolled_users", ADMIN, courseid=2, options=options)
        return [user["username"] for user in told]

    form = "ue=1&_qf__enrol_user_enrolment_form=1&status="
    by_token = site.call("core_enrol_submit_user_enrolment_form", ADMIN, formdata=f"{form}1")
    assert by_token["errorcode"] == "missingparam"
    assert ask("submit_user_enrolment_form", formdata=f"{form}1") == {"result": True, "validationerror": False}
    assert active() == ["boris", "tamara"]
    late = "".join(f"&timestart[{part}]={value}" for part, value in
                   {"enabled": 1, "day": 1, "month": 1, "year": 2090, "hour": 0, "minute": 0}.items())  # fmt: skip
    assert ask("submit_user_enrolment_form", formdata=f"{form}0{late}")["result"] is True
    assert active() == ["boris", "tamara"]
    wrong = late + late.replace("timestart", "timeend")
    assert ask("submit_user_enrolment_form", formdata=f"{form}0{wrong}") == {"result": False, "validationerror": True}
    assert ask("unenrol_user_enrolment", ueid=1) == {"result": True, "errors": []}
    everybody = site.call("core_enrol_get_enrolled_users", ADMIN, courseid=2)
    assert [user["username"] for user in everybody] == ["boris", "tamara"]
    assert ask("unenrol_user_enrolment", ueid=1)["errors"][0]["key"] == "invalidrequest"
