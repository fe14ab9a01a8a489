"""What Moodle knows of each kind of activity, beyond the instance: names, purpose, dates, data for clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mock_moodle.quiz.models import Quiz
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule


class Kind(NamedTuple):
    plural: str
    purpose: str = "other"
    branded: bool = False
    has_page: bool = True


TITLES = {
    "assign": "Assignment", "book": "Book", "choice": "Choice", "data": "Database", "feedback": "Feedback",
    "folder": "Folder", "forum": "Forum", "glossary": "Glossary", "label": "Text and media area", "lesson": "Lesson",
    "lti": "External tool", "page": "Page", "quiz": "Quiz", "resource": "File", "scorm": "SCORM package", "url": "URL",
    "wiki": "Wiki", "workshop": "Workshop",
}  # fmt: skip
"""Of one activity of a kind."""

KINDS: dict[str, Kind] = {
    "assign": Kind("Assignments", "assessment"),
    "bigbluebuttonbn": Kind("BigBlueButton", "other", branded=True),
    "book": Kind("Books", "content"),
    "chat": Kind("Chats", "communication"),
    "choice": Kind("Choices", "communication"),
    "data": Kind("Databases", "collaboration"),
    "feedback": Kind("Feedback", "communication"),
    "folder": Kind("Folders", "content"),
    "forum": Kind("Forums", "collaboration"),
    "glossary": Kind("Glossaries", "collaboration"),
    "h5pactivity": Kind("H5P", "interactivecontent", branded=True),
    "imscp": Kind("IMS content packages", "content"),
    "label": Kind("Text and media areas", "content", has_page=False),
    "lesson": Kind("Lessons", "interactivecontent"),
    "lti": Kind("External tools", "other"),
    "page": Kind("Pages", "content"),
    "qbank": Kind("Question banks", "administration"),
    "quiz": Kind("Quizzes", "assessment"),
    "resource": Kind("Files", "content"),
    "scorm": Kind("SCORM packages", "interactivecontent"),
    "survey": Kind("Surveys", "communication"),
    "url": Kind("URLs", "content"),
    "wiki": Kind("Wikis", "collaboration"),
    "workshop": Kind("Workshops", "assessment"),
}

_DATES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "assign": (("allowsubmissionsfromdate", "Opens:", "Opened:"), ("duedate", "Due:", "Due:")),
    "choice": (("timeopen", "Opens:", "Opened:"), ("timeclose", "Closes:", "Closed:")),
    "data": (("timeavailablefrom", "Opens:", "Opened:"), ("timeavailableto", "Closes:", "Closed:")),
    "feedback": (("timeopen", "Opens:", "Opened:"), ("timeclose", "Closes:", "Closed:")),
    "forum": (("duedate", "Due:", "Due:"),),
    "lesson": (("available", "Opens:", "Opened:"), ("deadline", "Closes:", "Closed:")),
    "quiz": (("timeopen", "Opens:", "Opened:"), ("timeclose", "Closes:", "Closed:")),
    "scorm": (("timeopen", "Opens:", "Opened:"), ("timeclose", "Closes:", "Closed:")),
    "workshop": (("submissionstart", "Submissions open:", "Submissions opened:"),),
}
"""Setting, label while it is to come, label when it has passed."""


DOWNLOAD, OPEN = 4, 5
"""RESOURCELIB_DISPLAY_…: how a link or file is shown."""
PRINT_INTRO = 'a:1:{s:10:"printintro";i:1;}'


def settings_of(cm: CourseModule) -> dict[str, Any]:
    """What an activity is set to, wherever that is kept."""
    if cm.modname != "quiz":
        return cm.settings
    quiz = current.session.get_one(Quiz, cm.instance)
    return cm.settings | {name: getattr(quiz, name) for name in ("intro", "timeopen", "timeclose", "grade")}


def dates_of(cm: CourseModule) -> Iterator[dict[str, Any]]:
    """The activity's dates as the course page tells them."""
    now, settings = current.clock.time(), settings_of(cm)
    for name, coming, passed in _DATES.get(cm.modname, ()):
        if timestamp := int(settings.get(name) or 0):
            yield {"label": passed if timestamp <= now else coming, "timestamp": timestamp, "dataid": name}


def custom_data_of(cm: CourseModule) -> Any:
    """What a module leaves in the course cache: clients see it as JSON inside JSON."""
    settings = settings_of(cm)
    if cm.modname == "forum":
        return {"trackingtype": "1"}
    if cm.modname == "assign":
        return _assign_data(settings)
    if cm.modname == "url":
        return {"display": DOWNLOAD, "filtericon": True}
    if cm.modname == "resource":
        return {"filtericon": True, "displayoptions": PRINT_INTRO, "display": OPEN}
    if cm.modname in ("quiz", "choice", "feedback", "scorm"):
        return {name: str(settings[name]) for name in ("timeopen", "timeclose") if settings.get(name)} or ""
    return ""


def _assign_data(settings: dict[str, Any]) -> dict[str, Any] | str:
    data: dict[str, Any] = {}
    if settings.get("duedate"):
        data["duedate"] = int(settings["duedate"])
    for name in ("cutoffdate", "allowsubmissionsfromdate"):
        if settings.get(name):
            data[name] = str(settings[name])
    return data or ""


def title_of(cm: CourseModule) -> str:
    """What kind of activity it is, in Moodle's words: "Quiz", "Assignment"."""
    return TITLES.get(cm.modname, cm.modname)
