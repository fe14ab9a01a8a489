"""Lists of exams as `user_proctored_modules` answers them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contract.wire import ACCESS_CODE_PARAMETER, ENTRY_PATH
from mock_moodle.availability import check
from mock_moodle.course.enrolled import active_courses
from mock_moodle.course.visibility import visibility_of
from mock_moodle.errors import InvalidResponse
from mock_moodle.examus import entries
from mock_moodle.examus.behaviour import Behaviour
from mock_moodle.examus.exam import Exam, read_exam
from mock_moodle.examus.exams import Candidate, candidates
from mock_moodle.examus.groups import concerns
from mock_moodle.examus.models import Entry
from mock_moodle.examus.names import formatted
from mock_moodle.examus.waiver import waived
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseModule, User
from mock_moodle.webservice.clean import is_clean

Module = dict[str, Any]
CHANGED = "changed"
"""A key of our own, taken out before the answer leaves: when the entry was last changed."""


def of_user(user: User, ways: Behaviour) -> list[Module]:
    """What a student may take under proctoring; entries are issued as needed."""
    watched = candidates()
    modules = []
    for course in active_courses(user.id):
        found = watched.get(course.id, [])
        issued = entries.of_course(user.id, course.id)
        entries.delete_unused(issued, except_cmids=[candidate.cm.id for candidate in found])
        for candidate in _in_v08_order(found):
            at_exam = [entry for entry in issued if entry.cmid == candidate.cm.id]
            module = _module_of(candidate, course, user, at_exam, ways)
            if module is not None:
                modules.append(module)
    return modules


def of_entry(entry: Entry, ways: Behaviour) -> list[Module]:
    behind = ways.exam_behind(entry)
    if behind is None:
        return []
    cm, course, exam = behind
    return [_module(cm, course, exam, ways.bracket(cm, entry.userid), entry)]


def of_site(ways: Behaviour, limit: int, offset: int) -> list[Module]:
    """The watched activities, for nobody in particular; `limit` 0 means all."""
    modules = []
    watched = [(courseid, candidate) for courseid, found in candidates().items() for candidate in found]
    for courseid, candidate in watched[offset : offset + limit if limit else None]:
        course = current.session.get_one(Course, courseid)
        exam = read_exam(candidate.node, complete=ways.complete_exams)
        modules.append(_module(candidate.cm, course, exam, (None, None), None))
    return modules


def changed_since(modules: Iterable[Module], since: int) -> list[Module]:
    kept = []
    for module in modules:
        changed = module.pop(CHANGED)
        if not since or changed is None or changed >= since:
            kept.append(module)
    return kept


def _in_v08_order(found: list[Candidate]) -> list[Candidate]:
    """Activities of one type together, types in the order of their first appearance."""
    first = {candidate.cm.modname: index for index, candidate in reversed(list(enumerate(found)))}
    return sorted(found, key=lambda candidate: first[candidate.cm.modname])


def _module_of(candidate: Candidate, course: Course, user: User, issued: list[Entry], ways: Behaviour) -> Module | None:
    cm = candidate.cm
    exam = read_exam(candidate.node, complete=ways.complete_exams)
    with waived():
        if not visibility_of(cm, user.id).uservisible or not check(cm, user.id).met:
            return None
    if not concerns(exam, course.id, user.id):
        return None
    entry = ways.current_entry(issued, cm, exam, user.id)
    return _module(cm, course, exam, ways.bracket(cm, user.id), entry) if entry else None


def _module(
    cm: CourseModule, course: Course, exam: Exam, bracket: tuple[int | None, int | None], entry: Entry | None
) -> Module:
    if not exam.complete and not is_clean(course.fullname, "text"):
        raise InvalidResponse(f"course_name => the value is {course.fullname!r}")  # v0.8 then answers nothing at all
    code = entry.accesscode if entry else ""
    query = f"{ACCESS_CODE_PARAMETER}={code}" if code else ACCESS_CODE_PARAMETER
    answer = exam.to_answer()
    return {
        "id": entry.id if entry else None,
        "name": formatted(cm.name),
        "url": f"{current.url(ENTRY_PATH)}?{query}",
        "status": entry.status if entry else None,
        "course_name": course.fullname,
        "course_id": course.id,
        "cm_id": cm.id,
        "start": bracket[0],
        "end": bracket[1],
        "accesscode": code,
        CHANGED: entry.timemodified if entry else None,
        **answer,
    }
