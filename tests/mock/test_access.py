"""Roles and capabilities: allow, prevent, prohibit; system, course, module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mock_moodle.access import context_course, context_module, context_system, has_capability
from mock_moodle.app import create_app
from mock_moodle.site import Site, current
from mock_moodle.store.core import ALLOW, PREVENT, PROHIBIT, Role, RoleCapability
from mock_moodle.world.load import World, patch_world

VIEW_REPORTS = "mod/quiz:viewreports"
STUDENT, COURSE, QUIZ = 3, 2, 1

WORLD: dict[str, Any] = {
    "users": [{"id": STUDENT, "username": "anna"}, {"id": 4, "username": "tom"}],
    "courses": [
        {
            "id": COURSE,
            "shortname": "algebra",
            "fullname": "Algebra",
            "enrolments": [{"user": "anna", "role": "student"}, {"user": "tom", "role": "teacher"}],
            "sections": [{"section": 0, "modules": [{"cmid": QUIZ, "modname": "quiz", "name": "Exam"}]}],
        }
    ],
}


@pytest.fixture(scope="module")
def loaded() -> Site:
    site: Site = create_app(World(WORLD)).extensions["mock_moodle"]
    return site


@pytest.fixture
def site(loaded: Site) -> Iterator[Site]:
    loaded.reset()
    with loaded.visit():
        yield loaded


def override(role: str, permission: int, *, module: bool = True) -> None:
    context = context_module(QUIZ) if module else context_course(COURSE)
    role_id = next(each.id for each in current.session.query(Role) if each.shortname == role)
    current.session.merge(
        RoleCapability(contextid=context.id, roleid=role_id, capability=VIEW_REPORTS, permission=permission)
    )


@pytest.mark.usefixtures("site")
class TestCapabilities:
    def test_an_archetype_brings_its_own(self) -> None:
        assert has_capability("mod/quiz:attempt", context_module(QUIZ), STUDENT)
        assert not has_capability(VIEW_REPORTS, context_module(QUIZ), STUDENT)

    def test_a_course_role_says_nothing_about_the_site(self) -> None:
        assert not has_capability("mod/quiz:attempt", context_system(), STUDENT)

    def test_the_most_specific_override_counts(self) -> None:
        override("student", ALLOW, module=False)
        override("student", PREVENT)
        assert has_capability(VIEW_REPORTS, context_course(COURSE), STUDENT)
        assert not has_capability(VIEW_REPORTS, context_module(QUIZ), STUDENT)

    def test_one_allowing_role_is_enough(self) -> None:
        override("student", PREVENT)
        patch_world({"role_assignments": [{"role": "teacher", "user": "anna", "context": {"course": "algebra"}}]})
        assert has_capability(VIEW_REPORTS, context_module(QUIZ), STUDENT)

    def test_a_prohibition_anywhere_ends_it(self) -> None:
        override("student", PROHIBIT, module=False)
        override("student", ALLOW)
        patch_world({"role_assignments": [{"role": "teacher", "user": "anna", "context": {"course": "algebra"}}]})
        assert not has_capability(VIEW_REPORTS, context_module(QUIZ), STUDENT)

    def test_administrators_may_do_anything_unless_asked_otherwise(self) -> None:
        assert has_capability(VIEW_REPORTS, context_module(QUIZ), 2)
        assert not has_capability(VIEW_REPORTS, context_module(QUIZ), 2, doanything=False)

    def test_a_change_within_the_request_is_seen_at_once(self) -> None:
        assert not has_capability(VIEW_REPORTS, context_module(QUIZ), STUDENT)
        override("student", ALLOW)
        assert has_capability(VIEW_REPORTS, context_module(QUIZ), STUDENT)

    def test_nobody_has_an_unknown_capability(self) -> None:
        assert not has_capability("mod/nothing:do", context_module(QUIZ), STUDENT)
