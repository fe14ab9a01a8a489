"""The settings that a web service tells of each kind of activity, in Moodle's order, and what they are on a fresh
one."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from contract.webservice import ParamType
from mock_moodle.course.activities import PRINT_INTRO
from mock_moodle.files import REVISION

MANAGE = "moodle/course:manageactivities"


class Setting(NamedTuple):
    """`type` is a PARAM_ type, "files", "textfiles" for those of a text, told where there is one, or "common" for what
    every kind of activity has; only those who have the capability `needs` are told."""

    name: str
    type: ParamType | Literal["files", "textfiles", "common"]
    default: Any = 0
    needs: str = ""


class Kind(NamedTuple):
    """`key` of the list; `hides_place` keeps section, visibility and groups from all but those who manage
    activities."""

    key: str
    settings: tuple[Setting, ...]
    hides_place: bool = False


def _alike(
    *lines: str,
    type: ParamType | Literal["files", "textfiles", "common"],  # noqa: A002
    default: Any = 0,
    needs: str = "",
) -> tuple[Setting, ...]:
    return tuple(Setting(name, type, default, needs) for line in lines for name in line.split())


_COMMON = _alike(
    "id coursemodule course name intro introformat introfiles section visible groupmode groupingid lang", type="common"
)
_EXPORTED = _alike("id course name intro introformat lang", type="common")
"""Kinds whose answers come from an exporter have fewer, in another order."""
_REVISION, _MODIFIED = Setting("revision", "int", REVISION), Setting("timemodified", "int")
_LESSON = "mod/lesson:manage"
_NOTHING = 'O:8:"stdClass":3:{s:9:"timespent";i:0;s:9:"completed";i:0;s:15:"gradebetterthan";i:0;}'
_TEMPLATES = (
    "singletemplate listtemplate listtemplateheader listtemplatefooter addtemplate rsstemplate",
    "rsstitletemplate csstemplate jstemplate asearchtemplate",
)
KINDS: dict[str, Kind] = {
    "book": Kind(
        "books",
        (
            *_COMMON,
            *_alike("numbering navstyle", type="int", default=1),
            Setting("customtitles", "int"),
            Setting("revision", "int", 0, MANAGE),
            *_alike("timecreated timemodified", type="int", needs=MANAGE),
        ),
        hides_place=True,
    ),
    "data": Kind(
        "databases",
        (
            *_EXPORTED,
            Setting("comments", "bool", False),
            *_alike("timeavailablefrom timeavailableto timeviewfrom timeviewto requiredentries", type="int"),
            *_alike("requiredentriestoview maxentries rssarticles", type="int"),
            *_alike(*_TEMPLATES, type="raw", default=None),
            Setting("approval", "bool", False),
            Setting("manageapproved", "bool", True),
            Setting("scale", "int", 100, MANAGE),
            *_alike("assessed assesstimestart assesstimefinish", type="int", needs=MANAGE),
            *_alike("defaultsort defaultsortdir", type="int"),
            Setting("editany", "bool", False, MANAGE),
            *_alike("notification timemodified", type="int", needs=MANAGE),
            *_alike("coursemodule introfiles", type="common"),
        ),
    ),
    "folder": Kind(
        "folders",
        (
            *_COMMON,
            _REVISION,
            _MODIFIED,
            Setting("display", "int"),
            *_alike("showexpanded showdownloadfolder forcedownload", type="int", default=1),
        ),
    ),
    "label": Kind("labels", (*_COMMON, _MODIFIED)),
    "lesson": Kind(
        "lessons",
        (
            *_alike("id course coursemodule name intro introformat lang", type="common"),
            *_alike("practice modattempts usepassword", type="bool", default=False),
            Setting("password", "raw", "", _LESSON),
            Setting("dependency", "int", 0, _LESSON),
            Setting("conditions", "raw", _NOTHING, _LESSON),
            Setting("grade", "int", 100),
            Setting("custom", "bool", True),
            Setting("ongoing", "bool", False),
            Setting("usemaxgrade", "int"),
            Setting("maxanswers", "int", 5),
            Setting("maxattempts", "int", 1),
            Setting("review", "bool", False),
            Setting("nextpagedefault", "int"),
            Setting("feedback", "bool", False),
            Setting("minquestions", "int"),
            Setting("maxpages", "int", 1),
            Setting("timelimit", "int"),
            Setting("retake", "bool", False),
            Setting("activitylink", "int", 0, _LESSON),
            Setting("mediafile", "raw", ""),
            Setting("mediaheight", "int", 480),
            Setting("mediawidth", "int", 640),
            Setting("mediaclose", "int"),
            Setting("slideshow", "bool", False),
            Setting("width", "int", 640),
            Setting("height", "int", 480),
            Setting("bgcolor", "raw", "#FFFFFF"),
            Setting("displayleft", "bool", False),
            Setting("displayleftif", "int"),
            Setting("progressbar", "bool", False),
            *_alike(
                "available deadline timemodified completionendreached completiontimespent", type="int", needs=_LESSON
            ),
            Setting("allowofflineattempts", "bool", False),
            Setting("introfiles", "common"),
            Setting("mediafiles", "files"),
        ),
    ),
    "page": Kind(
        "pages",
        (
            *_COMMON,
            Setting("content", "raw", ""),
            Setting("contentformat", "int", 1),
            Setting("contentfiles", "files"),
            Setting("legacyfiles", "int"),
            Setting("legacyfileslast", "int", None),
            Setting("display", "int", 5),
            Setting("displayoptions", "raw", 'a:2:{s:10:"printintro";s:1:"0";s:17:"printlastmodified";s:1:"1";}'),
            _REVISION,
            _MODIFIED,
        ),
    ),
    "resource": Kind(
        "resources",
        (
            *_COMMON,
            Setting("contentfiles", "files"),
            *_alike("tobemigrated legacyfiles", type="int"),
            Setting("legacyfileslast", "int", None),
            Setting("display", "int"),
            Setting("displayoptions", "raw", PRINT_INTRO),
            Setting("filterfiles", "int"),
            _REVISION,
            _MODIFIED,
        ),
    ),
    "url": Kind(
        "urls",
        (
            *_COMMON,
            Setting("externalurl", "raw_trimmed", ""),
            Setting("display", "int"),
            Setting("displayoptions", "raw", PRINT_INTRO),
            Setting("parameters", "raw", "a:0:{}"),
            _MODIFIED,
        ),
    ),
    "workshop": Kind(
        "workshops",
        (
            *_EXPORTED,
            Setting("instructauthors", "raw", ""),
            Setting("instructauthorsformat", "int", 1),
            Setting("instructreviewers", "raw", ""),
            Setting("instructreviewersformat", "int", 1),
            _MODIFIED,
            Setting("phase", "int", 10),
            Setting("useexamples", "bool", False),
            Setting("usepeerassessment", "bool", True),
            Setting("useselfassessment", "bool", False),
            Setting("grade", "float", 80),
            Setting("gradinggrade", "float", 20),
            Setting("strategy", "plugin", "accumulative"),
            Setting("evaluation", "plugin", "best"),
            Setting("gradedecimals", "int"),
            *_alike("submissiontypetext submissiontypefile nattachments", type="int", default=1),
            Setting("submissionfiletypes", "raw", ""),
            Setting("latesubmissions", "bool", False),
            *_alike("maxbytes examplesmode submissionstart submissionend", type="int"),
            *_alike("assessmentstart assessmentend", type="int"),
            Setting("phaseswitchassessment", "bool", False),
            Setting("conclusion", "raw", ""),
            Setting("conclusionformat", "int", 1),
            Setting("overallfeedbackmode", "int", 1),
            Setting("overallfeedbackfiles", "int"),
            Setting("overallfeedbackfiletypes", "raw", ""),
            Setting("overallfeedbackmaxbytes", "int"),
            *_alike("coursemodule introfiles", type="common"),
            *_alike("instructauthorsfiles instructreviewersfiles conclusionfiles", type="textfiles"),
        ),
    ),
}
