"""core_course_get_contents: sections and modules as the course page has them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_course, context_module, has_capability, is_enrolled
from mock_moodle.course.activities import KINDS, custom_data_of, dates_of, settings_of
from mock_moodle.course.visibility import Visibility, visibility_of
from mock_moodle.errors import MoodleError
from mock_moodle.files import contents_of, icon_of, main_file
from mock_moodle.localtime import local
from mock_moodle.site import SITE_COURSE_ID, current
from mock_moodle.store.core import Course, CourseModule, CourseSection, ModuleCompletion
from mock_moodle.webservice.clean import clean_param
from mock_moodle.webservice.context import enter_course, get_course
from mock_moodle.webservice.php import to_int
from mock_moodle.webservice.pictures import theme_image
from mock_moodle.webservice.registry import Call, function
from mock_moodle.webservice.response import to_json

OPTIONAL = Presence.OPTIONAL
AUTOMATIC_COMPLETION = 2
DAY = 86400

_TAG: dict[str, Schema] = {
    "id": Value("int", "Tag id."),
    "name": Value("raw", "Tag name."),
    "rawname": Value("raw", "The raw, unnormalised name for the tag as entered by users"),
    "isstandard": Value("bool", "Whether this tag is standard."),
    "tagcollid": Value("int", "Tag collection id."),
    "taginstanceid": Value("int", "Tag instance id."),
    "taginstancecontextid": Value("int", "Context the tag instance belongs to."),
    "itemid": Value("int", "Id of the record tagged."),
    "ordering": Value("int", "Tag ordering."),
    "flag": Value("int", "Whether the tag is flagged as inappropriate."),
    "viewurl": Value("url", "The url to view the tag.", OPTIONAL),
}
_RULE: dict[str, Schema] = {
    "status": Value("int", "Completion status"),
    "description": Value("raw", "Completion description"),
}
_CONTENT: dict[str, Schema] = {
    "type": Value("text", "a file or a folder or external link"),
    "filename": Value("file", "filename"),
    "filepath": Value("path", "filepath", nullable=True),
    "filesize": Value("int", "filesize"),
    "fileurl": Value("raw", "downloadable file url", OPTIONAL, nullable=True),
    "content": Value("raw", "Raw content, will be used when type is content", OPTIONAL),
    "timecreated": Value("int", "Time created", nullable=True),
    "timemodified": Value("int", "Time modified", nullable=True),
    "sortorder": Value("int", "Content sort order", nullable=True),
    "mimetype": Value("raw", "File mime type.", OPTIONAL),
    "isexternalfile": Value("bool", "Whether is an external file.", OPTIONAL),
    "repositorytype": Value("plugin", "The repository type for external files.", OPTIONAL),
    "userid": Value("int", "User who added this content to moodle", nullable=True),
    "author": Value("text", "Content owner", nullable=True),
    "license": Value("text", "Content license", nullable=True),
    "tags": Multiple(Single(_TAG), "Tags", OPTIONAL),
}
_MODULE: dict[str, Schema] = {
    "id": Value("int", "activity id"),
    "url": Value("url", "activity url", OPTIONAL),
    "name": Value("raw", "activity module name"),
    "instance": Value("int", "instance id", OPTIONAL),
    "contextid": Value("int", "Activity context id.", OPTIONAL),
    "description": Value("raw", "activity description", OPTIONAL),
    "visible": Value("int", "is the module visible", OPTIONAL),
    "uservisible": Value("bool", "Is the module visible for the user?", OPTIONAL),
    "availabilityinfo": Value("raw", "Availability information.", OPTIONAL),
    "visibleoncoursepage": Value("int", "is the module visible on course page", OPTIONAL),
    "modicon": Value("url", "activity icon url"),
    "modname": Value("plugin", "activity module type"),
    "purpose": Value("alpha", "the module purpose"),
    "branded": Value("bool", "Whether the module is branded or not", OPTIONAL),
    "modplural": Value("text", "activity module plural name"),
    "availability": Value("raw", "module availability settings", OPTIONAL, nullable=True),
    "indent": Value("int", "number of identation in the site"),
    "onclick": Value("raw", "Onclick action.", OPTIONAL),
    "afterlink": Value("raw", "After link info to be displayed.", OPTIONAL, nullable=True),
    "activitybadge": Single(
        {
            "badgecontent": Value("text", "The content to be displayed in the activity badge", OPTIONAL),
            "badgestyle": Value("text", "The style for the activity badge", OPTIONAL),
            "badgeurl": Value("url", "An optional URL to redirect the user", OPTIONAL),
            "badgeelementid": Value(
                "alphanumext", "An optional id in case the module wants to add some code", OPTIONAL
            ),
            "badgeextraattributes": Multiple(
                Single({"name": Value("text", "The attribute name"), "value": Value("text", "The attribute value")}),
                "An optional array of extra HTML attributes to add to the badge element",
                OPTIONAL,
            ),
        },
        "Activity badge to display near the name",
        OPTIONAL,
    ),
    "customdata": Value("raw", "Custom data (JSON encoded).", OPTIONAL),
    "noviewlink": Value("bool", "Whether the module has no view page", OPTIONAL),
    "completion": Value("int", "Type of completion tracking: 0 means none, 1 manual, 2 automatic.", OPTIONAL),
    "completiondata": Single(
        {
            "state": Value("int", "Overall completion state of this course module."),
            "timecompleted": Value("int", "Timestamp for course module completion."),
            "overrideby": Value("int", "The user id who has overriden the status.", nullable=True),
            "valueused": Value("bool", "Whether the completion status affects the availability of another activity."),
            "hascompletion": Value("bool", "Whether this activity module has completion enabled"),
            "isautomatic": Value("bool", "Whether this activity module instance tracks completion automatically."),
            "istrackeduser": Value("bool", "Whether completion is being tracked for this user."),
            "uservisible": Value("bool", "Whether this activity is visible to the user."),
            "details": Multiple(
                Single({"rulename": Value("raw", "Rule name"), "rulevalue": Single(_RULE)}),
                "An array of completion details containing the description and status.",
            ),
            "isoverallcomplete": Value("bool", "Whether the overall completion state is complete.", OPTIONAL),
        },
        "Module completion data.",
        OPTIONAL,
    ),
    "downloadcontent": Value("int", "The download content value", OPTIONAL),
    "dates": Multiple(
        Single(
            {
                "label": Value("text", "date label"),
                "timestamp": Value("int", "date timestamp"),
                "relativeto": Value("int", "relative date timestamp", OPTIONAL),
                "dataid": Value("notags", "cm data id", OPTIONAL),
            }
        ),
        "Course dates",
        Presence.DEFAULT,
        (),
    ),
    "groupmode": Value("int", "Group mode value", OPTIONAL),
    "contents": Multiple(Single(_CONTENT), "Course contents", OPTIONAL),
    "contentsinfo": Single(
        {
            "filescount": Value("int", "Total number of files."),
            "filessize": Value("int", "Total files size."),
            "lastmodified": Value("int", "Last time files were modified."),
            "mimetypes": Multiple(Value("raw", "File mime type."), "Files mime types."),
            "repositorytype": Value("plugin", "The repository type for the main file.", OPTIONAL),
        },
        "Contents summary information.",
        OPTIONAL,
    ),
}
_SECTION: dict[str, Schema] = {
    "id": Value("int", "Section ID"),
    "name": Value("raw", "Section name"),
    "visible": Value("int", "is the section visible", OPTIONAL),
    "summary": Value("raw", "Section description"),
    "summaryformat": Value("int", "summary format"),
    "section": Value("int", "Section number inside the course", OPTIONAL),
    "hiddenbynumsections": Value("int", "Whether is a section hidden in the course format", OPTIONAL),
    "uservisible": Value("bool", "Is the section visible for the user?", OPTIONAL),
    "availabilityinfo": Value("raw", "Availability information.", OPTIONAL),
    "component": Value("component", "The delegate component of this section if any.", OPTIONAL, nullable=True),
    "itemid": Value("int", "The optional item id delegate component can use", OPTIONAL, nullable=True),
    "modules": Multiple(Single(_MODULE), "list of module"),
}
_INT_OPTIONS = ("sectionid", "sectionnumber", "cmid", "modid")
_FLAG_OPTIONS = ("excludemodules", "excludecontents", "includestealthmodules")

BADGED = ("forum", "resource")
"""Kinds that may show a badge beside their name."""

Options = dict[str, str]


@function(
    "core_course_get_contents",
    {
        "courseid": Value("int", "course id"),
        "options": Multiple(
            Single({"name": Value("alphanum", "the expected keys"), "value": Value("raw", "the value of the option")}),
            "Options, used since Moodle 2.9",
            Presence.DEFAULT,
            (),
        ),
    },
    Multiple(Single(_SECTION)),
)
def get_contents(call: Call, courseid: int, options: list[dict[str, str]]) -> list[dict[str, Any]]:
    chosen = _read_options(options)
    course = get_course(courseid)
    enter_course(course.id, call.userid)
    sections = current.session.scalars(
        select(CourseSection).where(CourseSection.course == course.id).order_by(CourseSection.section)
    )
    if course.id == SITE_COURSE_ID:
        return []  # its section is made by who edits the front page
    return [_section(section, course, call.userid, chosen) for section in sections if _wanted_section(section, chosen)]


def _read_options(options: list[dict[str, str]]) -> Options:
    for option in options:
        name, value = option["name"], option["value"]
        if name not in (*_INT_OPTIONS, *_FLAG_OPTIONS, "modname"):
            raise MoodleError("errorinvalidparam", f'The param "{name}" is invalid.')
        if name == "modname" and not clean_param(value, "plugin"):
            raise MoodleError("errorinvalidparam", f'The param "{name}" is invalid.')
    return {option["name"]: _cleaned(option["name"], option["value"]) for option in options}


def _cleaned(name: str, value: str) -> str:
    if name in _INT_OPTIONS:
        return str(to_int(value))
    return str(clean_param(value, "plugin" if name == "modname" else "bool"))


def _wanted_section(section: CourseSection, chosen: Options) -> bool:
    by_id, by_number = chosen.get("sectionid", "0"), chosen.get("sectionnumber")
    return by_id in ("0", str(section.id)) and by_number in (None, str(section.section))


def _section(section: CourseSection, course: Course, userid: int, chosen: Options) -> dict[str, Any]:
    modules = []
    if chosen.get("excludemodules") != "1":
        rows = current.session.scalars(
            select(CourseModule).where(CourseModule.section == section.id).order_by(CourseModule.position)
        )
        for cm in rows:
            seen = visibility_of(cm, userid)
            if seen.listed and _wanted_module(cm, chosen):
                modules.append(_module(cm, course, seen, userid, chosen))
    return {
        "id": section.id,
        "name": section_name(section, course),
        "visible": int(section.visible),
        "summary": section.summary,
        "summaryformat": section.summaryformat,
        "section": section.section,
        "hiddenbynumsections": 0,
        "uservisible": section.visible
        or has_capability("moodle/course:viewhiddensections", context_course(course.id), userid),
        "modules": modules,
        "component": None,
        "itemid": None,
    }


def section_name(section: CourseSection, course: Course) -> str:
    """Its own name, or what its format calls an unnamed one."""
    if section.name:
        return section.name
    if section.section == 0:
        return "General"
    if course.format == "weeks":
        return _week(course, section.section)
    if course.format == "topics" and not current.site.release.at_least("4.4"):
        return f"Topic {section.section}"
    return "New section"


def _week(course: Course, number: int) -> str:
    """ "1 January - 7 January", counted from the course's first day."""
    first = local(course.startdate + (number - 1) * 7 * DAY)
    last = local(course.startdate + (number * 7 - 1) * DAY)
    return f"{first.day} {first:%B} - {last.day} {last:%B}"


def _wanted_module(cm: CourseModule, chosen: Options) -> bool:
    """An instance is looked for within a kind of activity only."""
    if chosen.get("cmid", "0") not in ("0", str(cm.id)):
        return False
    if "modname" not in chosen:
        return True
    return chosen["modname"] == cm.modname and chosen.get("modid", "0") in ("0", str(cm.instance))


def _module(cm: CourseModule, course: Course, seen: Visibility, userid: int, chosen: Options) -> dict[str, Any]:
    kind, context = KINDS[cm.modname], context_module(cm.id)
    module: dict[str, Any] = {
        "id": cm.id,
        "name": cm.name,
        "instance": cm.instance,
        "contextid": context.id,
        "visible": int(cm.visible),
        "uservisible": seen.uservisible,
        "visibleoncoursepage": int(cm.visibleoncoursepage),
        "modicon": _icon(cm),
        "modname": cm.modname,
        "purpose": kind.purpose,
        "branded": kind.branded,
        "modplural": kind.plural,
        "indent": cm.indent,
        "onclick": "",
        "afterlink": None,
        "customdata": to_json(custom_data_of(cm)).decode(),
        "noviewlink": not kind.has_page,
        "completion": cm.completion,
        "downloadcontent": 1,
        "dates": list(dates_of(cm)),
        "groupmode": cm.groupmode,
    }
    if kind.has_page:
        module["url"] = current.url(f"/mod/{cm.modname}/view.php", id=cm.id)
    if seen.information:
        module["availabilityinfo"] = seen.information
    intro = settings_of(cm).get("intro")
    if intro and not kind.has_page:
        module["description"] = f'<div class="no-overflow">{intro}</div>'
    elif intro and settings_of(cm).get("showdescription"):
        module["description"] = intro
    if cm.modname in BADGED:
        module["activitybadge"] = {}
    if cm.completion:
        module["completiondata"] = _completion(cm, course, seen, userid)
    if _sees_restrictions(course, cm, userid):
        module["availability"] = to_json(cm.availability).decode() if cm.availability else None
    if seen.uservisible:
        module |= contents_of(cm, listed=chosen.get("excludecontents") not in ("1", "true"))
    return module


def _icon(cm: CourseModule) -> str:
    """A single file has its own kind's."""
    main = main_file(cm)
    if main is not None:
        return theme_image("core", f"f/{icon_of(main.filename)}", "?filtericon=1")
    return theme_image(cm.modname, "monologo", "?filtericon=1")


def _completion(cm: CourseModule, course: Course, seen: Visibility, userid: int) -> dict[str, Any]:
    row = current.session.get(ModuleCompletion, (cm.id, userid))
    return {
        "state": row.completionstate if row else 0,
        "timecompleted": row.timemodified if row else 0,
        "overrideby": None,
        "valueused": False,
        "hascompletion": True,
        "isautomatic": cm.completion == AUTOMATIC_COMPLETION,
        "istrackeduser": is_enrolled(course.id, userid),
        "uservisible": seen.uservisible,
        "details": [],
        "isoverallcomplete": bool(row and row.completionstate),
    }


def _sees_restrictions(course: Course, cm: CourseModule, userid: int) -> bool:
    return has_capability("moodle/course:viewhiddenactivities", context_module(cm.id), userid) or has_capability(
        "moodle/course:update", context_course(course.id), userid
    )
