"""Courses, what is in them, and who takes part."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mock_moodle.store.database import Base


class CourseCategory(Base):
    __tablename__ = "course_categories"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    idnumber: Mapped[str] = mapped_column(default="")
    parent: Mapped[int] = mapped_column(default=0)
    visible: Mapped[bool] = mapped_column(default=True)


class Course(Base):
    """Course 1 is the site itself (the front page)."""

    __tablename__ = "course"
    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[int] = mapped_column(default=1)
    shortname: Mapped[str] = mapped_column(unique=True)
    fullname: Mapped[str]
    idnumber: Mapped[str] = mapped_column(default="")
    summary: Mapped[str] = mapped_column(default="")
    summaryformat: Mapped[int] = mapped_column(default=1)
    format: Mapped[str] = mapped_column(default="topics")
    numsections: Mapped[int] = mapped_column(default=0)
    startdate: Mapped[int] = mapped_column(default=0)
    enddate: Mapped[int] = mapped_column(default=0)
    visible: Mapped[bool] = mapped_column(default=True)
    enablecompletion: Mapped[bool] = mapped_column(default=False)
    groupmode: Mapped[int] = mapped_column(default=0)
    groupmodeforce: Mapped[int] = mapped_column(default=0)
    lang: Mapped[str] = mapped_column(default="")
    theme: Mapped[str] = mapped_column(default="")
    showgrades: Mapped[bool] = mapped_column(default=True)
    newsitems: Mapped[int] = mapped_column(default=5)
    maxbytes: Mapped[int] = mapped_column(default=0)
    sortorder: Mapped[int] = mapped_column(default=0)
    timecreated: Mapped[int] = mapped_column(default=0)
    timemodified: Mapped[int] = mapped_column(default=0)


class CourseSection(Base):
    __tablename__ = "course_sections"
    __table_args__ = (UniqueConstraint("course", "section"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    course: Mapped[int] = mapped_column(ForeignKey("course.id"))
    section: Mapped[int]
    name: Mapped[str | None]
    summary: Mapped[str] = mapped_column(default="")
    summaryformat: Mapped[int] = mapped_column(default=1)
    visible: Mapped[bool] = mapped_column(default=True)
    availability: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class CourseModule(Base):
    """`modname` and `name` stand here and not in a join: every module has them. `settings` holds the rest of the
    instance (`intro`, `timeopen`, `duedate` …) for modules without a table of their own; quizzes have one."""

    __tablename__ = "course_modules"
    __table_args__ = (Index("course_modules_instance", "modname", "instance"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    course: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    section: Mapped[int] = mapped_column(ForeignKey("course_sections.id"))
    """The section's id, not its number."""
    modname: Mapped[str]
    instance: Mapped[int]
    name: Mapped[str]
    idnumber: Mapped[str] = mapped_column(default="")
    visible: Mapped[bool] = mapped_column(default=True)
    visibleoncoursepage: Mapped[bool] = mapped_column(default=True)
    groupmode: Mapped[int] = mapped_column(default=0)
    groupingid: Mapped[int] = mapped_column(default=0)
    completion: Mapped[int] = mapped_column(default=0)
    indent: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    """Order within the section."""
    availability: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class ModuleCompletion(Base):
    __tablename__ = "course_modules_completion"
    coursemoduleid: Mapped[int] = mapped_column(ForeignKey("course_modules.id"), primary_key=True)
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    completionstate: Mapped[int] = mapped_column(default=0)
    timemodified: Mapped[int] = mapped_column(default=0)


class AssignSubmission(Base):
    """`status` is "new", "draft" or "submitted"."""

    __tablename__ = "assign_submission"
    id: Mapped[int] = mapped_column(primary_key=True)
    assignment: Mapped[int] = mapped_column(index=True)
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"))
    status: Mapped[str] = mapped_column(default="submitted")
    timecreated: Mapped[int] = mapped_column(default=0)
    timemodified: Mapped[int] = mapped_column(default=0)


class CalendarEvent(Base):
    """`eventtype` is site, course, group, user, or an action of a module ("due", "open", "close")."""

    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    courseid: Mapped[int] = mapped_column(default=0)
    groupid: Mapped[int] = mapped_column(default=0)
    userid: Mapped[int] = mapped_column(default=0)
    modulename: Mapped[str] = mapped_column(default="")
    instance: Mapped[int] = mapped_column(default=0)
    eventtype: Mapped[str] = mapped_column(default="course")
    timestart: Mapped[int] = mapped_column(default=0)
    timeduration: Mapped[int] = mapped_column(default=0)
    timemodified: Mapped[int] = mapped_column(default=0)


class Grade(Base):
    """A user's final grade for a module or, with `cmid` 0, for the course."""

    __tablename__ = "grade_grades"
    courseid: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    cmid: Mapped[int] = mapped_column(primary_key=True)
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    finalgrade: Mapped[float | None]
    timemodified: Mapped[int] = mapped_column(default=0)


class Group(Base):
    __tablename__ = "groups"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    courseid: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    name: Mapped[str]
    idnumber: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    descriptionformat: Mapped[int] = mapped_column(default=1)
    enrolmentkey: Mapped[str | None]
    visibility: Mapped[int] = mapped_column(default=0)
    participation: Mapped[bool] = mapped_column(default=True)
    timecreated: Mapped[int] = mapped_column(default=0)


class GroupMember(Base):
    __tablename__ = "groups_members"
    groupid: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    timeadded: Mapped[int] = mapped_column(default=0)


class Grouping(Base):
    """Groups taken together, for activities and restrictions."""

    __tablename__ = "groupings"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    courseid: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    name: Mapped[str]
    idnumber: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    descriptionformat: Mapped[int] = mapped_column(default=1)
    timecreated: Mapped[int] = mapped_column(default=0)


class GroupingGroup(Base):
    __tablename__ = "groupings_groups"
    groupingid: Mapped[int] = mapped_column(ForeignKey("groupings.id"), primary_key=True)
    groupid: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    timeadded: Mapped[int] = mapped_column(default=0)


class Enrolment(Base):
    """`user_enrolments` joined to its `enrol` instance (`enrol` names the method). The role is a RoleAssignment."""

    __tablename__ = "user_enrolments"
    __table_args__ = (UniqueConstraint("courseid", "userid", "enrol"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    courseid: Mapped[int] = mapped_column(ForeignKey("course.id"))
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    enrol: Mapped[str] = mapped_column(default="manual")
    status: Mapped[int] = mapped_column(default=0)
    """0 active, 1 suspended."""
    timestart: Mapped[int] = mapped_column(default=0)
    timeend: Mapped[int] = mapped_column(default=0)


class CourseAccess(Base):
    """When a user last opened a course (`user_lastaccess`)."""

    __tablename__ = "user_lastaccess"
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    courseid: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    timeaccess: Mapped[int]
