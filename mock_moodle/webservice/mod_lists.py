"""mod_…_get_…_by_courses: the activities of a kind in some courses.

A module says in its world file what the mock does not know by itself: `{"modname": "page", "content": "<p>…</p>"}`.
"""

from __future__ import annotations

from typing import Any

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule, CourseSection
from mock_moodle.webservice.courses_asked import courses_asked, modules_of
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


def _ints(*names: str) -> dict[str, Schema]:
    return {name: Value("int", presence=OPTIONAL) for name in names}


def _texts(*names: str) -> dict[str, Schema]:
    return {name: Value("raw", presence=OPTIONAL) for name in names}


def _bools(*names: str) -> dict[str, Schema]:
    return {name: Value("bool", presence=OPTIONAL) for name in names}


_TIMES = _ints("timecreated", "timemodified")
_OWN: dict[str, tuple[str, dict[str, Schema]]] = {
    "book": ("books", {**_ints("revision", "numbering", "navstyle", "customtitles"), **_TIMES}),
    "data": (
        "databases",
        {
            **_bools("comments"),
            **_ints("timeavailablefrom", "timeavailableto", "timeviewfrom", "timeviewto", "requiredentries"),
            **_ints("requiredentriestoview", "maxentries", "rssarticles", "timemodified"),
        },
    ),
    "folder": (
        "folders",
        {**_ints("revision", "timemodified", "display", "showexpanded", "showdownloadfolder", "forcedownload")},
    ),
    "label": ("labels", {**_ints("timemodified")}),
    "lesson": (
        "lessons",
        {**_bools("practice", "modattempts", "usepassword"), **_ints("grade", "available", "deadline")},
    ),
    "page": (
        "pages",
        {
            "contentfiles": FILES,
            **_ints("legacyfiles", "display"),
            **_texts("displayoptions"),
            **_ints("revision", "timemodified"),
            **_texts("content"),
            **_ints("contentformat"),
        },
    ),
    "resource": (
        "resources",
        {
            "contentfiles": FILES,
            **_ints("tobemigrated", "legacyfiles", "legacyfileslast", "display"),
            **_texts("displayoptions"),
            **_ints("filterfiles", "revision", "timemodified"),
        },
    ),
    "url": ("urls", {**_texts("externalurl"), **_ints("display"), **_texts("displayoptions", "parameters"), **_TIMES}),
    "workshop": (
        "workshops",
        {
            **_ints("phase", "submissionstart", "submissionend", "assessmentstart", "assessmentend"),
            **_bools("useexamples"),
        },
    ),
}
"""Key of the list, and what this kind tells beside the standard values."""


def _declare(modname: str, key: str, own: dict[str, Schema]) -> None:
    @function(
        f"mod_{modname}_get_{key}_by_courses",
        COURSE_IDS,
        Single({key: Multiple(Single({**STANDARD, **own})), "warnings": WARNINGS}),
    )
    def by_courses(call: Call, courseids: list[int]) -> dict[str, Any]:
        courses, warnings = courses_asked(courseids, call.userid)
        found = [
            {**standard_values(cm), **{name: value for name, value in cm.settings.items() if name in own}}
            for cm in modules_of(courses, modname, call.userid)
        ]
        return {key: found, "warnings": warnings}


for _modname, (_key, _own) in _OWN.items():
    _declare(_modname, _key, _own)
