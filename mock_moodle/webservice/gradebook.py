"""What can be graded in each course, numbered as Moodle numbers it: a course's own item and category come with its
first graded activity, or, without any, when somebody first looks."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from mock_moodle.course.activities import settings_of
from mock_moodle.quiz.models import Quiz
from mock_moodle.quiz.review import until_marks_are_shown
from mock_moodle.site import SITE_COURSE_ID, current
from mock_moodle.store.core import Course, CourseModule

GRADED = ("assign", "lesson", "quiz", "workshop")
"""Kinds of activities that have a grade as they are made."""
HIDDEN = 1
"""For good, where else the time stands until which something is hidden."""


@dataclass(frozen=True)
class GradeItem:
    id: int
    cm: CourseModule
    number: int
    """0 but for a workshop's second grade, that of assessing."""

    @property
    def name(self) -> str:
        if self.cm.modname != "workshop":
            return self.cm.name
        return f"{self.cm.name} ({'assessment' if self.number else 'submission'})"

    @property
    def hidden_until(self) -> int:
        """0 for an item that is shown, 1 for one that is hidden for good."""
        shut = (
            until_marks_are_shown(current.session.get_one(Quiz, self.cm.instance)) if self.cm.modname == "quiz" else 0
        )
        return shut or int(not self.cm.visible)

    @property
    def is_hidden(self) -> bool:
        return self.hidden_until == HIDDEN or self.hidden_until > current.clock.time()

    @property
    def maximum(self) -> float:
        if self.number:
            return float(settings_of(self.cm).get("gradinggrade", 20))
        return maximum_grade(self.cm)


@dataclass
class Gradebook:
    """Of one course: the number of its total, of its category, and what can be graded."""

    total_id: int
    category: int
    items: list[GradeItem] = field(default_factory=list)


def gradebook_of(course: Course) -> Gradebook:
    books: dict[int, Gradebook] = {}
    last = 0
    graded = select(CourseModule).where(CourseModule.modname.in_(GRADED)).order_by(CourseModule.id)
    for cm in current.session.scalars(graded):
        if cm.course not in books:
            last += 1
            books[cm.course] = Gradebook(last, len(books) + 1)
        for number in (0, 1) if cm.modname == "workshop" else (0,):
            last += 1
            books[cm.course].items.append(GradeItem(last, cm, number))
    if course.id not in books:
        for courseid in current.session.scalars(
            select(Course.id).where(Course.id > SITE_COURSE_ID).order_by(Course.id)
        ):
            if courseid not in books:
                last += 1
                books[courseid] = Gradebook(last, len(books) + 1)
    return books.get(course.id) or Gradebook(last + 1, len(books) + 1)


def maximum_grade(cm: CourseModule) -> float:
    return float(settings_of(cm).get("grade", 80 if cm.modname == "workshop" else 100))
