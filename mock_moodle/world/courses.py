"""Courses with their sections, modules, enrolments and groups."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from mock_moodle.access import context_course, context_coursecat, create_context
from mock_moodle.site import current
from mock_moodle.store.core import (
    COURSE,
    MODULE,
    Course,
    CourseModule,
    CourseSection,
    Enrolment,
    Group,
    GroupMember,
    ModuleCompletion,
    User,
)
from mock_moodle.world.parts import MODULES, Place, Spec
from mock_moodle.world.people import assign_role, find_course, find_role, find_user

Objects = Iterator[tuple[Place, Spec]]

TEXTS = ("fullname", "idnumber", "format", "summary", "lang", "theme")
NUMBERS = (
    "category", "numsections", "summaryformat", "startdate", "enddate", "groupmode", "groupmodeforce", "newsitems",
    "timecreated", "timemodified",
)  # fmt: skip
FLAGS = ("visible", "enablecompletion", "showgrades")
COURSE_KEYS = (
    "id", "shortname", *TEXTS, *NUMBERS, *FLAGS, "enrolments", "sections", "groups", "contextid",
)  # fmt: skip
SECTION_KEYS = ("id", "section", "name", "summary", "summaryformat", "visible", "availability", "modules")
ENROLMENT_KEYS = ("course", "user", "role", "enrol", "status", "timestart", "timeend")
MODULE_TEXTS = ("name", "idnumber")
MODULE_NUMBERS = ("groupmode", "groupingid", "completion", "indent", "added")
MODULE_FLAGS = ("visible", "visibleoncoursepage")
COMMON_MODULE_KEYS = (
    "cmid", "modname", "instance", *MODULE_TEXTS, *MODULE_NUMBERS, *MODULE_FLAGS, "availability", "contextid",
    "completed",
)  # fmt: skip
STANDARD_MODULES = (
    "assign", "bigbluebuttonbn", "book", "chat", "choice", "data", "feedback", "folder", "forum", "glossary",
    "h5pactivity", "imscp", "label", "lesson", "lti", "page", "qbank", "quiz", "resource", "scorm", "survey", "url", "wiki", "workshop",
)  # fmt: skip
NEWS_FORUM = "Announcements"
SUSPENDED_ENROLMENT = 1


def load_courses(courses: Objects) -> None:
    session = current.session
    late: list[tuple[CourseModule, Course, int]] = []
    taken = list(courses)
    for place, spec in taken:
        place.known(spec, COURSE_KEYS)
        course = Course(shortname=place.text(spec, "shortname"), fullname=place.text(spec, "fullname"))
        if session.scalar(select(Course.id).where(Course.shortname == course.shortname)):
            raise place.error("shortname", f"{course.shortname!r} is taken", "give each course a short name of its own")
        if "id" in spec:
            course.id = place.number(spec, "id")
        for name in TEXTS:
            setattr(course, name, place.text(spec, name, getattr(course, name) or Course.__table__.c[name].default.arg))
        for name in NUMBERS:
            setattr(course, name, place.number(spec, name, Course.__table__.c[name].default.arg))
        course.timecreated = course.timecreated or current.clock.time()
        course.timemodified = course.timemodified or course.timecreated
        for name in FLAGS:
            setattr(course, name, place.flag(spec, name, Course.__table__.c[name].default.arg))
        session.add(course)
        session.flush()
        create_context(COURSE, course.id, context_coursecat(1), context_id=place.number(spec, "contextid", 0) or None)
    for place, spec in taken:
        course = find_course(spec, place, "shortname")
        _load_groups(course, place.objects(spec, "groups"))
        for enrolment_place, enrolment in place.objects(spec, "enrolments"):
            _load_enrolment(enrolment, enrolment_place, course)
        for section_place, section in place.objects(spec, "sections"):
            late += _load_section(course, section, section_place)
    for cm, course, wanted in late:
        create_context(MODULE, cm.id, context_course(course.id), context_id=wanted or None)
    for place, spec in taken:
        for section_place, section in place.objects(spec, "sections"):
            for module_place, module in section_place.objects(section, "modules"):
                _load_instance(module, module_place)


def _load_enrolment(spec: Spec, place: Place, course: Course) -> None:
    place.known(spec, ENROLMENT_KEYS)
    if "course" in spec:  # an enrolment may name another course than the one it stands in
        course = find_course(spec, place)
    user = find_user(spec, place)
    enrol(
        course,
        user,
        method=place.text(spec, "enrol", "manual"),
        status=SUSPENDED_ENROLMENT if spec.get("status") == "suspended" else 0,
        timestart=place.number(spec, "timestart", 0),
        timeend=place.number(spec, "timeend", 0),
    )
    if spec.get("role", "student") is not None:
        role = find_role({"role": "student", **spec}, place)
        assign_role(role, user, context_course(course.id))


def enrol(
    course: Course, user: User, *, method: str = "manual", status: int = 0, timestart: int = 0, timeend: int = 0
) -> None:
    current.session.add(
        Enrolment(courseid=course.id, userid=user.id, enrol=method, status=status, timestart=timestart, timeend=timeend)
    )


def _load_groups(course: Course, groups: Objects) -> None:
    for place, spec in groups:
        place.known(spec, ("id", "name", "idnumber", "description", "members"))
        group = Group(courseid=course.id, name=place.text(spec, "name"), timecreated=current.clock.time())
        group.idnumber = place.text(spec, "idnumber", "")
        group.description = place.text(spec, "description", "")
        if "id" in spec:
            group.id = place.number(spec, "id")
        current.session.add(group)
        current.session.flush()
        for index, name in enumerate(spec.get("members", [])):
            member = find_user({"user": name}, place.at(f"members[{index}]"))
            current.session.add(GroupMember(groupid=group.id, userid=member.id, timeadded=current.clock.time()))


def _load_section(course: Course, spec: Spec, place: Place) -> list[tuple[CourseModule, Course, int]]:
    """Loads the modules too, and returns those whose context comes later."""
    place.known(spec, SECTION_KEYS)
    section = CourseSection(
        course=course.id,
        section=place.number(spec, "section"),
        name=spec.get("name"),
        summary=place.text(spec, "summary", ""),
        visible=place.flag(spec, "visible", True),
        availability=spec.get("availability"),
    )
    if "id" in spec:
        section.id = place.number(spec, "id")
    current.session.add(section)
    current.session.flush()
    late: list[tuple[CourseModule, Course, int]] = []
    for position, (module_place, module) in enumerate(place.objects(spec, "modules")):
        cm = _load_module(course, section, module, module_place, position)
        wanted = module_place.number(module, "contextid", 0)
        if cm.modname == "forum" and cm.name == NEWS_FORUM and not wanted:
            late.append((cm, course, wanted))  # Moodle makes that forum, and its context, when someone first looks
        else:
            create_context(MODULE, cm.id, context_course(course.id), context_id=wanted or None)
    return late


def _load_module(course: Course, section: CourseSection, spec: Spec, place: Place, position: int) -> CourseModule:
    session = current.session
    modname = place.text(spec, "modname")
    if modname not in STANDARD_MODULES:
        raise place.error("modname", f"{modname!r} is no activity of Moodle", f"one of: {', '.join(STANDARD_MODULES)}")
    instance = place.number(spec, "instance", 0) or next_instance(modname)
    cm = CourseModule(course=course.id, section=section.id, modname=modname, instance=instance, position=position)
    cm.name = place.text(spec, "name")
    cm.idnumber = place.text(spec, "idnumber", "")
    for name in MODULE_NUMBERS:
        setattr(cm, name, place.number(spec, name, 0))
    for name in MODULE_FLAGS:
        setattr(cm, name, place.flag(spec, name, True))
    cm.availability = spec.get("availability")
    cm.settings = {key: value for key, value in spec.items() if key not in COMMON_MODULE_KEYS}
    if "cmid" in spec:
        cm.id = place.number(spec, "cmid")
        if session.get(CourseModule, cm.id):
            raise place.error("cmid", f"{cm.id} is taken", "give each module an id of its own, or none")
    session.add(cm)
    session.flush()
    return cm


def _load_instance(spec: Spec, place: Place) -> None:
    session = current.session
    wanted = select(CourseModule).where(CourseModule.modname == spec["modname"], CourseModule.name == spec["name"])
    cm = session.get(CourseModule, spec["cmid"]) if "cmid" in spec else session.scalars(wanted).first()
    if cm is None:
        raise LookupError("a module that was just loaded is gone")
    for index, name in enumerate(spec.get("completed", [])):
        user = find_user({"user": name}, place.at(f"completed[{index}]"))
        session.add(ModuleCompletion(coursemoduleid=cm.id, userid=user.id, completionstate=1))
    if cm.modname in MODULES:
        MODULES[cm.modname](cm, spec, place)


def next_instance(modname: str) -> int:
    return (
        current.session.scalar(select(func.max(CourseModule.instance)).where(CourseModule.modname == modname)) or 0
    ) + 1
