"""Courses with their sections, modules, enrolments and groups."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from mock_moodle.access import context_course, context_coursecat, create_context
from mock_moodle.availability.tree import TreeError, read_tree
from mock_moodle.site import current
from mock_moodle.store.core import (
    COURSE,
    MODULE,
    Course,
    CourseModule,
    CourseSection,
    Enrolment,
    ModuleCompletion,
    User,
)
from mock_moodle.world.groups import load_groups
from mock_moodle.world.parts import MODULES, Objects, Place, Spec
from mock_moodle.world.people import assign_role, find_course, find_role, find_user

TEXTS = ("fullname", "idnumber", "format", "summary", "lang", "theme")
NUMBERS = (
    "category", "numsections", "summaryformat", "startdate", "enddate", "groupmode", "groupmodeforce", "newsitems",
    "timecreated", "timemodified",
)  # fmt: skip
FLAGS = ("visible", "enablecompletion", "showgrades")
COURSE_KEYS = (
    "id", "shortname", *TEXTS, *NUMBERS, *FLAGS, "enrolments", "sections", "groups", "groupings", "contextid",
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
    "h5pactivity", "imscp", "label", "lesson", "lti", "page", "qbank", "quiz", "resource", "scorm", "survey", "url",
    "wiki", "workshop",
)  # fmt: skip
MOMENTS = (
    "allowsubmissionsfromdate", "duedate", "cutoffdate", "timeopen", "timeclose", "available", "deadline",
    "submissionstart", "timemodified",
)  # fmt: skip
"""Settings of activities that are epoch seconds."""
FORMAT_HTML = 1
NEWS_FORUM = "Announcements"
STATUSES = {"active": 0, "suspended": 1}
"""Of enrolments."""


@dataclass(frozen=True)
class LoadedModule:
    """A course module whose context or instance is still to come. `contextid` 0 takes the next one."""

    cm: CourseModule
    spec: Spec
    place: Place
    contextid: int

    def create_context(self) -> None:
        with self.place.alone():
            create_context(MODULE, self.cm.id, context_course(self.cm.course), context_id=self.contextid or None)

    @property
    def waits(self) -> bool:
        """Moodle makes the news forum, and its context, when someone first looks."""
        return is_news_forum(self.cm) and not self.contextid


def is_news_forum(cm: CourseModule) -> bool:
    """Moodle makes it by itself, without the settings that a form would give it."""
    return cm.modname == "forum" and cm.name == NEWS_FORUM


def load_courses(courses: Objects, *, patch: bool = False) -> None:
    """`patch` lets a course that exists already be named again, to add to it or change it."""
    taken = list(courses)
    for place, spec in taken:
        _load_course(spec, place, patch)
    modules: list[LoadedModule] = []
    for place, spec in taken:
        course = find_course(spec, place, "shortname")
        load_groups(course, spec, place)
        for enrolment_place, enrolment in place.objects(spec, "enrolments"):
            _load_enrolment(enrolment, enrolment_place, course)
        for section_place, section in place.objects(spec, "sections", named="section"):
            modules += _load_section(course, section, section_place)
    for module in modules:
        if module.waits:
            module.create_context()
    for module in modules:
        _load_instance(module)


def _load_course(spec: Spec, place: Place, patch: bool) -> None:
    session = current.session
    place.known(spec, COURSE_KEYS)
    known = session.scalar(select(Course).where(Course.shortname == place.text(spec, "shortname")))
    if known is not None and patch:
        _load_fields(known, spec, place)
        return
    course = Course(shortname=place.text(spec, "shortname"), fullname=place.text(spec, "fullname"))
    if known is not None:
        raise place.error("shortname", f"{course.shortname!r} is taken", "give each course a short name of its own")
    if "id" in spec:
        course.id = place.identifier(spec, "id")
    for name in (*TEXTS, *NUMBERS, *FLAGS):
        if name != "fullname":
            setattr(course, name, Course.__table__.c[name].default.arg)
    course.timecreated = course.timemodified = current.clock.time()
    _load_fields(course, spec, place)
    contextid = place.number(spec, "contextid", 0) or None
    with place.alone():
        session.add(course)
    with place.alone():
        create_context(COURSE, course.id, context_coursecat(1), context_id=contextid)


def _load_fields(course: Course, spec: Spec, place: Place) -> None:
    for names, read in ((TEXTS, place.text), (NUMBERS, place.number), (FLAGS, place.flag)):
        for name in names:
            if name in spec:
                setattr(course, name, read(spec, name, getattr(course, name)))


def _load_enrolment(spec: Spec, place: Place, course: Course) -> None:
    place.known(spec, ENROLMENT_KEYS)
    if "course" in spec:  # an enrolment may name another course than the one it stands in
        course = find_course(spec, place)
    user = find_user(spec, place)
    enrol(
        course,
        user,
        method=place.text(spec, "enrol", "manual"),
        status=STATUSES[place.choice(spec, "status", STATUSES, "active")],
        timestart=place.number(spec, "timestart", 0),
        timeend=place.number(spec, "timeend", 0),
    )
    if spec.get("role", "student") is not None:
        role = find_role({"role": "student", **spec}, place)
        assign_role(role, user, context_course(course.id))


def enrol(
    course: Course, user: User, *, method: str = "manual", status: int = 0, timestart: int = 0, timeend: int = 0
) -> None:
    """Enrols, or changes the present enrolment by this method."""
    wanted = select(Enrolment).where(
        Enrolment.courseid == course.id, Enrolment.userid == user.id, Enrolment.enrol == method
    )
    row = current.session.scalar(wanted) or Enrolment(courseid=course.id, userid=user.id, enrol=method)
    row.status, row.timestart, row.timeend = status, timestart, timeend
    current.session.add(row)


def _load_section(course: Course, spec: Spec, place: Place) -> list[LoadedModule]:
    """With its modules; those that exist already stand before them."""
    place.known(spec, SECTION_KEYS)
    number = place.number(spec, "section")
    present = select(CourseSection).where(CourseSection.course == course.id, CourseSection.section == number)
    section = current.session.scalar(present)
    if section is None:
        section = CourseSection(course=course.id, section=number)
        if "id" in spec:
            section.id = place.identifier(spec, "id")
    section.name = place.optional_text(spec, "name", section.name)
    section.summary = place.text(spec, "summary", section.summary or "")
    section.summaryformat = place.number(spec, "summaryformat", section.summaryformat or FORMAT_HTML)
    section.visible = place.flag(spec, "visible", True)
    if "availability" in spec:
        section.availability = _availability(spec, place)
    with place.alone():
        current.session.add(section)
    counted = select(func.count()).where(CourseModule.section == section.id)
    first = current.session.scalar(counted) or 0
    return [
        _load_module(course, section, module, module_place, position)
        for position, (module_place, module) in enumerate(place.objects(spec, "modules"), first)
    ]


def _availability(spec: Spec, place: Place) -> Spec | None:
    """A tree of conditions that can be read, or None."""
    try:
        read_tree(spec.get("availability"))
    except TreeError as error:
        raise place.error("availability", str(error), "write it as Moodle stores it, or leave it out") from error
    return place.object(spec, "availability") or None


def _load_module(course: Course, section: CourseSection, spec: Spec, place: Place, position: int) -> LoadedModule:
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
    cm.added = cm.added or current.clock.time()
    for name in MODULE_FLAGS:
        setattr(cm, name, place.flag(spec, name, True))
    cm.availability = _availability(spec, place)
    cm.settings = {key: value for key, value in spec.items() if key not in COMMON_MODULE_KEYS}
    place.mark(spec, "grade", 0)
    for name in (*MOMENTS, "introformat"):
        if name in spec:
            place.number(spec, name)
    for name in ("intro", "content", "externalurl", "type"):
        if name in spec:
            place.text(spec, name)
    if "cmid" in spec:
        cm.id = place.identifier(spec, "cmid")
        if session.get(CourseModule, cm.id):
            raise place.error("cmid", f"{cm.id} is taken", "give each module an id of its own, or none")
    with place.alone():
        session.add(cm)
    loaded = LoadedModule(cm, spec, place, place.number(spec, "contextid", 0))
    if not loaded.waits:
        loaded.create_context()
    return loaded


def _load_instance(module: LoadedModule) -> None:
    for index, name in enumerate(module.place.texts(module.spec, "completed")):
        user = find_user({"user": name}, module.place.at(f"completed[{index}]"))
        current.session.merge(ModuleCompletion(coursemoduleid=module.cm.id, userid=user.id, completionstate=1))
    if module.cm.modname in MODULES:
        with module.place.alone():
            MODULES[module.cm.modname](module.cm, module.spec, module.place)


def next_instance(modname: str) -> int:
    return (
        current.session.scalar(select(func.max(CourseModule.instance)).where(CourseModule.modname == modname)) or 0
    ) + 1
