"""mod_…_get_…_by_courses: the activities of a kind in some courses.

A kind's settings and what they are on a fresh activity stand in `mod_settings.py`. A world file may say otherwise:
`{"modname": "page", "content": "<p>…</p>"}`.
"""

from __future__ import annotations

from typing import Any

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_module, has_capability
from mock_moodle.files import attachments_of
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule, CourseSection
from mock_moodle.webservice.courses_asked import courses_asked, modules_of
from mock_moodle.webservice.mod_settings import KINDS, MANAGE, Kind, Setting
from mock_moodle.webservice.registry import FILES, WARNINGS, Call, function

OPTIONAL = Presence.OPTIONAL

COURSE_IDS: dict[str, Schema] = {
    "courseids": Multiple(Value("int", "course id"), "Array of course ids", Presence.DEFAULT, ())
}
STANDARD: dict[str, Schema] = {
    "id": Value("int", "Activity instance id"),
    "coursemodule": Value("int", "Course module id"),
    "course": Value("int", "Course id"),
    "name": Value("raw", "Activity name"),
    "intro": Value("raw", "Activity introduction", OPTIONAL),
    "introformat": Value("int", "intro format", OPTIONAL),
    "introfiles": FILES,
    "section": Value("int", "Course section id", OPTIONAL),
    "visible": Value("bool", "Visible", OPTIONAL),
    "groupmode": Value("int", "Group mode", OPTIONAL),
    "groupingid": Value("int", "Group id", OPTIONAL),
    "lang": Value("safedir", "Forced activity language", OPTIONAL),
}
PLACE = ("section", "visible", "groupmode", "groupingid")


def standard_values(cm: CourseModule) -> dict[str, Any]:
    """helper_for_get_mods_by_courses::standard_coursemodule_element_values()."""
    section = current.session.get_one(CourseSection, cm.section)
    values: dict[str, Any] = {
        "id": cm.instance,
        "coursemodule": cm.id,
        "course": cm.course,
        "name": cm.name,
        "intro": cm.settings.get("intro", ""),
        "introformat": cm.settings.get("introformat", 1),
        "introfiles": [],
        "section": section.section,
        "visible": cm.visible,
        "groupmode": cm.groupmode,
        "groupingid": cm.groupingid,
    }
    if current.site.release.at_least("4.1"):
        values["lang"] = ""
    return values


def _schema(setting: Setting) -> Schema:
    if setting.type == "common":
        return STANDARD[setting.name]
    if setting.type == "files" or setting.type == "textfiles":
        return FILES
    return Value(setting.type, presence=OPTIONAL, nullable=True)


def _value(setting: Setting, cm: CourseModule) -> Any:
    if setting.type in ("files", "textfiles"):
        return attachments_of(cm) if setting.name == "contentfiles" else []
    if setting.name in ("timecreated", "timemodified"):
        return cm.settings.get(setting.name, cm.added)
    return cm.settings.get(setting.name, setting.default)


def _has_text(setting: Setting, cm: CourseModule) -> bool:
    return setting.type != "textfiles" or bool(cm.settings.get(setting.name.removesuffix("files")))


def _told(kind: Kind, cm: CourseModule, userid: int) -> dict[str, Any]:
    context = context_module(cm.id)
    values = standard_values(cm)
    if kind.hides_place and not has_capability(MANAGE, context, userid):
        values = {name: value for name, value in values.items() if name not in PLACE}
    for setting in kind.settings:
        if setting.type == "common" or not _has_text(setting, cm):
            continue
        if not setting.needs or has_capability(setting.needs, context, userid):
            values[setting.name] = _value(setting, cm)
    return values


def _declare(modname: str, kind: Kind) -> None:
    @function(
        f"mod_{modname}_get_{kind.key}_by_courses",
        COURSE_IDS,
        Single(
            {
                kind.key: Multiple(Single({setting.name: _schema(setting) for setting in kind.settings})),
                "warnings": WARNINGS,
            }
        ),
    )
    def by_courses(call: Call, courseids: list[int]) -> dict[str, Any]:
        courses, warnings = courses_asked(courseids, call.userid)
        found = [_told(kind, cm, call.userid) for cm in modules_of(courses, modname, call.userid)]
        return {kind.key: found, "warnings": warnings}


for _modname, _kind in KINDS.items():
    _declare(_modname, _kind)
