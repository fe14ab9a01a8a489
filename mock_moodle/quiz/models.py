"""The tables of quizzes and attempts. Names and meanings are Moodle's; what Moodle spreads over the question bank's and
the question engine's tables is one row here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mock_moodle.store import Base

IN_PROGRESS, OVERDUE, FINISHED, ABANDONED = "inprogress", "overdue", "finished", "abandoned"
NOT_STARTED, SUBMITTED = "notstarted", "submitted"
"""Since 5.0: attempts may be made in advance, and handed in before they are marked."""
STATE_TITLES = {
    NOT_STARTED: "Not started",
    IN_PROGRESS: "In progress",
    OVERDUE: "Overdue",
    SUBMITTED: "Submitted",
    FINISHED: "Finished",
    ABANDONED: "Never submitted",
}
UNFINISHED = (NOT_STARTED, IN_PROGRESS, OVERDUE)


class Quiz(Base):
    """The instance of a quiz module; its name stands in the course module."""

    __tablename__ = "quiz"
    id: Mapped[int] = mapped_column(primary_key=True)
    course: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    intro: Mapped[str] = mapped_column(default="")
    introformat: Mapped[int] = mapped_column(default=1)
    timeopen: Mapped[int] = mapped_column(default=0)
    timeclose: Mapped[int] = mapped_column(default=0)
    timelimit: Mapped[int] = mapped_column(default=0)
    overduehandling: Mapped[str] = mapped_column(default="autosubmit")
    graceperiod: Mapped[int] = mapped_column(default=86400)
    preferredbehaviour: Mapped[str] = mapped_column(default="deferredfeedback")
    attempts: Mapped[int] = mapped_column(default=0)
    """How many are allowed; 0 is any number."""
    attemptonlast: Mapped[int] = mapped_column(default=0)
    grademethod: Mapped[int] = mapped_column(default=1)
    decimalpoints: Mapped[int] = mapped_column(default=2)
    questiondecimalpoints: Mapped[int] = mapped_column(default=-1)
    questionsperpage: Mapped[int] = mapped_column(default=1)
    navmethod: Mapped[str] = mapped_column(default="free")
    sumgrades: Mapped[float] = mapped_column(default=0.0)
    grade: Mapped[float] = mapped_column(default=10.0)
    password: Mapped[str] = mapped_column(default="")
    subnet: Mapped[str] = mapped_column(default="")
    browsersecurity: Mapped[str] = mapped_column(default="")
    delay1: Mapped[int] = mapped_column(default=0)
    delay2: Mapped[int] = mapped_column(default=0)
    reviewoptions: Mapped[int] = mapped_column(default=0x11110)
    """When a student sees an attempt's outcome: the bits of Moodle's `review…` columns, all of them alike."""
    timecreated: Mapped[int] = mapped_column(default=0)
    timemodified: Mapped[int] = mapped_column(default=0)


class QuestionDefinition(Base):
    """A question of the bank; `definition` is what `quiz.questions` reads."""

    __tablename__ = "question"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)


class QuizSlot(Base):
    """The question at one place of a quiz."""

    __tablename__ = "quiz_slots"
    quizid: Mapped[int] = mapped_column(ForeignKey("quiz.id"), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    question: Mapped[str]
    """By name."""
    maxmark: Mapped[float] = mapped_column(default=1.0)


class QuizOverride(Base):
    """Other limits for one user or group; NULL leaves the quiz's own."""

    __tablename__ = "quiz_overrides"
    id: Mapped[int] = mapped_column(primary_key=True)
    quiz: Mapped[int] = mapped_column(ForeignKey("quiz.id"), index=True)
    userid: Mapped[int | None]
    groupid: Mapped[int | None]
    timeopen: Mapped[int | None]
    timeclose: Mapped[int | None]
    timelimit: Mapped[int | None]
    attempts: Mapped[int | None]
    password: Mapped[str | None]


class QuizAttempt(Base):
    __tablename__ = "quiz_attempts"
    __table_args__ = (
        UniqueConstraint("quiz", "userid", "attempt"),
        Index("quiz_attempts_user_quiz", "userid", "quiz"),
        Index("quiz_attempts_state", "state"),
        {"sqlite_autoincrement": True},  # a deleted preview's number is not given again
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    quiz: Mapped[int] = mapped_column(ForeignKey("quiz.id"))
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"))
    attempt: Mapped[int]
    """1 for the user's first one at this quiz."""
    uniqueid: Mapped[int] = mapped_column(default=0)
    """Names the question usage: field names of its forms begin with `q<uniqueid>:`."""
    layout: Mapped[str]
    currentpage: Mapped[int] = mapped_column(default=0)
    preview: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default=IN_PROGRESS)
    timestart: Mapped[int]
    timefinish: Mapped[int] = mapped_column(default=0)
    timemodified: Mapped[int]
    timemodifiedoffline: Mapped[int] = mapped_column(default=0)
    timecheckstate: Mapped[int | None]
    sumgrades: Mapped[float | None]
    gradednotificationsenttime: Mapped[int | None]


class QuestionAttempt(Base):
    """One question of an attempt. `response` is what was submitted, `autosaved` what was only saved since."""

    __tablename__ = "question_attempts"
    __table_args__ = (UniqueConstraint("questionusageid", "slot"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(primary_key=True)
    questionusageid: Mapped[int]
    slot: Mapped[int]
    questionid: Mapped[int] = mapped_column(ForeignKey("question.id"))
    maxmark: Mapped[float]
    state: Mapped[str] = mapped_column(default="todo")
    fraction: Mapped[float | None]
    steps: Mapped[int] = mapped_column(default=1)
    """What forms carry as `:sequencecheck`."""
    response: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    autosaved: Mapped[dict[str, str] | None] = mapped_column(JSON)
    flagged: Mapped[bool] = mapped_column(default=False)
    comment: Mapped[str] = mapped_column(default="")
    """HTML, of whoever graded by hand."""
    timemodified: Mapped[int] = mapped_column(default=0)


class QuizGrade(Base):
    """A user's grade at a quiz, out of the quiz's own maximum."""

    __tablename__ = "quiz_grades"
    quiz: Mapped[int] = mapped_column(ForeignKey("quiz.id"), primary_key=True)
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    grade: Mapped[float]
    timemodified: Mapped[int] = mapped_column(default=0)
