"""core_courseformat_get_state: the course page's own state, as JSON inside JSON."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contract.webservice import Value
from mock_moodle.course.visibility import visibility_of
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule, CourseSection
from mock_moodle.webservice.context import get_course, validate_course_context
from mock_moodle.webservice.course_contents import section_name
from mock_moodle.webservice.registry import Call, function
from mock_moodle.webservice.response import to_json


@function(
    "core_courseformat_get_state",
    {"courseid": Value("int", "course id")},
    Value("raw", "Encoded course update JSON"),
    ajax=True,
)
def get_state(call: Call, courseid: int) -> str:
    course = get_course(courseid)
    validate_course_context(course, call.userid)
    sections = current.session.scalars(
        select(CourseSection).where(CourseSection.course == course.id).order_by(CourseSection.section)
    ).all()
    modules = current.session.scalars(select(CourseModule).where(CourseModule.course == course.id)).all()
    listed = [cm for cm in modules if visibility_of(cm, call.userid).listed]
    state = {
        "course": {
            "id": str(course.id),
            "numsections": len(sections) - 1,
            "sectionlist": [str(section.id) for section in sections],
            "editmode": False,
            "highlighted": "",
            "maxsections": 52,
            "baseurl": current.url("/course/view.php", id=course.id),
            "statekey": f"{course.timemodified}_{course.id}",
        },
        "section": [_section(section, section_name(section, course), listed) for section in sections],
        "cm": [_module(cm, sections) for cm in listed],
    }
    return to_json(state).decode()


def _section(section: CourseSection, name: str, modules: list[CourseModule]) -> dict[str, Any]:
    own = sorted((cm for cm in modules if cm.section == section.id), key=lambda cm: cm.position)
    return {
        "id": str(section.id),
        "section": section.section,
        "number": section.section,
        "title": name,
        "hassummary": bool(section.summary),
        "rawtitle": section.name or "",
        "cmlist": [str(cm.id) for cm in own],
        "visible": section.visible,
        "sectionurl": current.url("/course/section.php", id=section.id),
        "current": False,
        "indexcollapsed": False,
        "contentcollapsed": False,
        "hasrestrictions": section.availability is not None,
    }


def _module(cm: CourseModule, sections: Any) -> dict[str, Any]:
    number = next(section.section for section in sections if section.id == cm.section)
    return {
        "id": str(cm.id),
        "anchor": f"module-{cm.id}",
        "name": cm.name,
        "visible": cm.visible,
        "stealth": False,
        "sectionid": str(cm.section),
        "sectionnumber": number,
        "uservisible": True,
        "hascmrestrictions": cm.availability is not None,
        "modname": cm.modname,
        "indent": cm.indent,
        "groupmode": cm.groupmode,
        "module": cm.modname,
        "plugin": f"mod_{cm.modname}",
        "url": current.url(f"/mod/{cm.modname}/view.php", id=cm.id),
        "istrackeduser": False,
    }
