"""Moodle's core tables, as far as the mock needs them. Column names and meanings are Moodle's.

Times are epoch seconds; `settings` columns are JSON for what a module has beyond the common columns.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, func, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from mock_moodle.store.database import Base

SYSTEM, USER, COURSECAT, COURSE, MODULE = 10, 30, 40, 50, 70
"""Moodle's CONTEXT_* levels."""

ALLOW, PREVENT, PROHIBIT, INHERIT = 1, -1, -1000, 0
"""Moodle's CAP_* permissions."""


class Config(Base):
    """A setting; `plugin` is "core" for the site's own."""

    __tablename__ = "config"
    plugin: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class User(Base):
    """`password` is plain: the mock's accounts protect nothing, and a person debugging wants to read them."""

    __tablename__ = "user"
    __table_args__ = (Index("user_lower_email", func.lower(literal_column("email"))),)
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str] = mapped_column(default="")
    firstname: Mapped[str] = mapped_column(default="")
    lastname: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="", index=True)
    auth: Mapped[str] = mapped_column(default="manual")
    lang: Mapped[str] = mapped_column(default="en")
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    idnumber: Mapped[str] = mapped_column(default="", index=True)
    institution: Mapped[str] = mapped_column(default="")
    department: Mapped[str] = mapped_column(default="")
    phone1: Mapped[str] = mapped_column(default="")
    phone2: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    timezone: Mapped[str] = mapped_column(default="99")
    theme: Mapped[str] = mapped_column(default="")
    suspended: Mapped[bool] = mapped_column(default=False)
    deleted: Mapped[bool] = mapped_column(default=False)
    confirmed: Mapped[bool] = mapped_column(default=True)
    siteadmin: Mapped[bool] = mapped_column(default=False)
    forcepasswordchange: Mapped[bool] = mapped_column(default=False)
    picture: Mapped[int] = mapped_column(default=0)
    """Revision of the user's picture, 0 for none; the image is the stored file `user/icon` of the user's context."""
    firstaccess: Mapped[int] = mapped_column(default=0)
    lastaccess: Mapped[int] = mapped_column(default=0)
    timecreated: Mapped[int] = mapped_column(default=0)
    timemodified: Mapped[int] = mapped_column(default=0)

    @property
    def fullname(self) -> str:
        return (
            f"{self.firstname} {self.lastname}" if self.firstname and self.lastname else self.firstname or self.lastname
        )


class UserPreference(Base):
    __tablename__ = "user_preferences"
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class ProfileField(Base):
    """A custom profile field's value for one user (`user_info_data` joined to `user_info_field`)."""

    __tablename__ = "user_info_data"
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    shortname: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[str]


class PrivateKey(Base):
    """`user_private_key`: keys in addresses, such as tokenpluginfile.php's (`script` "core_files")."""

    __tablename__ = "user_private_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    script: Mapped[str]
    value: Mapped[str] = mapped_column(index=True)
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    instance: Mapped[int | None]
    iprestriction: Mapped[str | None]
    validuntil: Mapped[int | None]
    timecreated: Mapped[int] = mapped_column(default=0)


class Context(Base):
    """`path` is "/1/3/19/21": ids from the system context down to this one."""

    __tablename__ = "context"
    __table_args__ = (UniqueConstraint("contextlevel", "instanceid"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    contextlevel: Mapped[int]
    instanceid: Mapped[int]
    path: Mapped[str] = mapped_column(default="")

    @property
    def ancestors(self) -> list[int]:
        """Ids from the system down to and including this context."""
        return [int(part) for part in self.path.strip("/").split("/")]


class Role(Base):
    __tablename__ = "role"
    id: Mapped[int] = mapped_column(primary_key=True)
    shortname: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    archetype: Mapped[str] = mapped_column(default="")
    sortorder: Mapped[int] = mapped_column(default=0)
    contextlevels: Mapped[list[int]] = mapped_column(JSON, default=list)


class Capability(Base):
    """A capability that the site knows: core's and those of installed plugins."""

    __tablename__ = "capabilities"
    name: Mapped[str] = mapped_column(primary_key=True)
    captype: Mapped[str] = mapped_column(default="read")
    contextlevel: Mapped[int] = mapped_column(default=SYSTEM)
    component: Mapped[str] = mapped_column(default="core")
    title: Mapped[str] = mapped_column(default="")


class RoleCapability(Base):
    """A role's permission in a context: its definition at system level, an override below."""

    __tablename__ = "role_capabilities"
    contextid: Mapped[int] = mapped_column(ForeignKey("context.id"), primary_key=True)
    roleid: Mapped[int] = mapped_column(ForeignKey("role.id"), primary_key=True)
    capability: Mapped[str] = mapped_column(primary_key=True)
    permission: Mapped[int]


class RoleAssignment(Base):
    __tablename__ = "role_assignments"
    __table_args__ = (Index("role_assignments_user_context", "userid", "contextid"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    roleid: Mapped[int] = mapped_column(ForeignKey("role.id"))
    contextid: Mapped[int] = mapped_column(ForeignKey("context.id"), index=True)
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"))
    timemodified: Mapped[int] = mapped_column(default=0)


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


class Message(Base):
    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(primary_key=True)
    useridfrom: Mapped[int] = mapped_column(ForeignKey("user.id"))
    useridto: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    text: Mapped[str]
    timecreated: Mapped[int] = mapped_column(default=0)


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
    id: Mapped[int] = mapped_column(primary_key=True)
    courseid: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    name: Mapped[str]
    idnumber: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    timecreated: Mapped[int] = mapped_column(default=0)


class GroupMember(Base):
    __tablename__ = "groups_members"
    groupid: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
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


class Plugin(Base):
    """An installed plugin. `read` is what its ZIP says of itself, as `mock_moodle.plugins` reads it."""

    __tablename__ = "plugins"
    component: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    release: Mapped[str] = mapped_column(default="")
    read: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class StoredFile(Base):
    __tablename__ = "files"
    __table_args__ = (Index("files_area", "contextid", "component", "filearea", "itemid"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    contextid: Mapped[int] = mapped_column(ForeignKey("context.id"))
    component: Mapped[str]
    filearea: Mapped[str]
    itemid: Mapped[int] = mapped_column(default=0)
    filepath: Mapped[str] = mapped_column(default="/")
    filename: Mapped[str]
    mimetype: Mapped[str] = mapped_column(default="application/octet-stream")
    content: Mapped[bytes]
    userid: Mapped[int | None]
    author: Mapped[str] = mapped_column(default="")
    license: Mapped[str] = mapped_column(default="unknown")
    timecreated: Mapped[int] = mapped_column(default=0)
    timemodified: Mapped[int] = mapped_column(default=0)


class LogEvent(Base):
    """Moodle's standard log (`logstore_standard_log`): what happened, for reports and for tests to assert on."""

    __tablename__ = "logstore_standard_log"
    id: Mapped[int] = mapped_column(primary_key=True)
    eventname: Mapped[str]
    userid: Mapped[int] = mapped_column(default=0)
    courseid: Mapped[int] = mapped_column(default=0)
    contextid: Mapped[int] = mapped_column(default=1)
    objectid: Mapped[int | None]
    relateduserid: Mapped[int | None]
    other: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    timecreated: Mapped[int] = mapped_column(default=0)


class BrowserSession(Base):
    """One `MoodleSession` cookie. `data` is PHP's $SESSION: JSON; assign a new dict to change it."""

    __tablename__ = "sessions"
    sid: Mapped[str] = mapped_column(primary_key=True)
    userid: Mapped[int] = mapped_column(default=0, index=True)
    """0 until signed in."""
    sesskey: Mapped[str] = mapped_column(default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    timecreated: Mapped[int] = mapped_column(default=0)
    timemodified: Mapped[int] = mapped_column(default=0)


class ExternalService(Base):
    """`functions` NULL means: every function that core marks for the mobile service, and those that plugins add."""

    __tablename__ = "external_services"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    shortname: Mapped[str | None] = mapped_column(unique=True)
    enabled: Mapped[bool] = mapped_column(default=True)
    restrictedusers: Mapped[bool] = mapped_column(default=False)
    requiredcapability: Mapped[str | None]
    component: Mapped[str | None]
    downloadfiles: Mapped[bool] = mapped_column(default=False)
    uploadfiles: Mapped[bool] = mapped_column(default=False)
    functions: Mapped[list[str] | None] = mapped_column(JSON)
    timecreated: Mapped[int] = mapped_column(default=0)


class ServiceUser(Base):
    """Who may use a service with `restrictedusers` (`external_services_users`)."""

    __tablename__ = "external_services_users"
    externalserviceid: Mapped[int] = mapped_column(ForeignKey("external_services.id"), primary_key=True)
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    iprestriction: Mapped[str | None]
    validuntil: Mapped[int | None]


class ExternalToken(Base):
    __tablename__ = "external_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    privatetoken: Mapped[str | None]
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    externalserviceid: Mapped[int] = mapped_column(ForeignKey("external_services.id"))
    tokentype: Mapped[int] = mapped_column(default=0)
    sid: Mapped[str | None]
    contextid: Mapped[int] = mapped_column(default=1)
    creatorid: Mapped[int] = mapped_column(default=2)
    iprestriction: Mapped[str | None]
    validuntil: Mapped[int | None]
    name: Mapped[str] = mapped_column(default="")
    timecreated: Mapped[int] = mapped_column(default=0)
    lastaccess: Mapped[int | None]
