"""core_courseformat_get_state: the course page's own state, as JSON inside JSON."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contract.webservice import Value
from mock_moodle.access import context_course, has_capability
from mock_moodle.availability import open_to_all
from mock_moodle.course.activities import KINDS, title_of
from mock_moodle.course.visibility import Visibility, visibility_of
from mock_moodle.site import SITE_COURSE_ID, current
from mock_moodle.store.core import Course, CourseModule, CourseSection
from mock_moodle.webservice.context import get_course, validate_course_context
from mock_moodle.webservice.core_webservice import MAX_UPLOAD_BYTES
from mock_moodle.webservice.course_contents import section_name
from mock_moodle.webservice.registry import Call, function
from mock_moodle.webservice.response import to_json

OWNER = ("component", "itemid", "parentsectionid")
"""Whose section it is; nobody's here."""


@function(
    "core_courseformat_get_state",
    {"courseid": Value("int", "course id")},
    Value("raw", "Encoded course update JSON"),
    ajax=True,
    php="core_courseformat\\external\\get_state::execute",
)
def get_state(call: Call, courseid: int) -> str:
    course = get_course(courseid)
    validate_course_context(course, call.userid)
    sections = current.session.scalars(
        select(CourseSection).where(CourseSection.course == course.id).order_by(CourseSection.section)
    ).all()
    modules = current.session.scalars(select(CourseModule).where(CourseModule.course == course.id)).all()
    if course.id == SITE_COURSE_ID:
        sections = []  # the front page has none before somebody edits it
    modern = current.site.release.at_least("4.5")
    tracked = course.enablecompletion and has_capability(
        "moodle/course:isincompletionreports", context_course(course.id), call.userid, doanything=False
    )
    edits = has_capability("moodle/course:viewhiddenactivities", context_course(course.id), call.userid)
    listed = [cm for cm in modules if visibility_of(cm, call.userid).listed]
    state = {
        "course": {
            "id": str(course.id),
            "numsections": len(sections) - 1 if sections else 1,
            "sectionlist": [str(section.id) for section in sections],
            "editmode": False,
            "highlighted": "Current week" if course.format == "weeks" else "Highlighted",
            "maxsections": "52",
            "baseurl": current.url("/course/view.php", id=course.id),
            "statekey": f"{course.timecreated}_{course.timemodified}",
            **(_largest_upload(course, call.userid) if modern else {}),
        },
        "section": [_section(each, section_name(each, course), listed, modern=modern) for each in sections],
        "cm": [
            _module(cm, sections, visibility_of(cm, call.userid), edits=edits, tracked=tracked, modern=modern)
            for cm in listed
        ],
    }
    return to_json(state).decode()


def _largest_upload(course: Course, userid: int) -> dict[str, Any]:
    if has_capability("moodle/course:ignorefilesizelimits", context_course(course.id), userid):
        return {"maxbytes": -1, "maxbytestext": "Unlimited"}
    return {"maxbytes": MAX_UPLOAD_BYTES, "maxbytestext": "2.0\u00a0MB"}


def _section(section: CourseSection, name: str, modules: list[CourseModule], *, modern: bool) -> dict[str, Any]:
    own = sorted((cm for cm in modules if cm.section == section.id), key=lambda cm: cm.position)
    return {
        "id": str(section.id),
        "section": section.section,
        "number": section.section,
        "title": name,
        "hassummary": bool(section.summary),
        "rawtitle": section.name or None,
        "cmlist": [str(cm.id) for cm in own],
        "visible": section.visible,
        "sectionurl": current.url("/course/section.php", id=section.id),
        "current": False,
        "indexcollapsed": False,
        "contentcollapsed": False,
        "hasrestrictions": section.availability is not None,
        **({"bulkeditable": section.section > 0, **dict.fromkeys(OWNER)} if modern else {}),
    }


def _module(
    cm: CourseModule, sections: Any, seen: Visibility, *, edits: bool, tracked: bool, modern: bool
) -> dict[str, Any]:
    """`edits` is for those who see hidden activities: they see what restricts them, too."""
    number = next(section.section for section in sections if section.id == cm.section)
    restricted = edits and cm.visible and bool((cm.availability or {}).get("c"))
    return {
        "id": str(cm.id),
        "anchor": f"module-{cm.id}",
        "name": cm.name,
        "visible": cm.visible,
        "stealth": False,
        "sectionid": str(cm.section),
        "sectionnumber": number,
        "uservisible": seen.uservisible,
        "hascmrestrictions": bool(seen.information) or restricted,
        "modname": title_of(cm),
        "indent": cm.indent,
        "groupmode": cm.groupmode,
        "module": cm.modname,
        "plugin": f"mod_{cm.modname}",
        **({"hasdelegatedsection": False, "accessvisible": cm.visible and open_to_all(cm)} if modern else {}),
        **({"url": current.url(f"/mod/{cm.modname}/view.php", id=cm.id)} if KINDS[cm.modname].has_page else {}),
        "istrackeduser": tracked,
        **({"allowstealth": False} if modern else {}),
    }
