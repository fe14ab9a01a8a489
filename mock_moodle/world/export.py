"""The present state as a world file: what was loaded, and what has changed since."""

from __future__ import annotations

import base64
from typing import Any

from sqlalchemy import select

from mock_moodle.access import context_course, context_module, context_system, context_user
from mock_moodle.files import files_in
from mock_moodle.mobile import SERVICE as MOBILE_SERVICE
from mock_moodle.site import SITE_COURSE_ID, Site, current
from mock_moodle.store import Store
from mock_moodle.store.core import (
    ALLOW,
    COURSE,
    MODULE,
    PREVENT,
    PROHIBIT,
    Config,
    Context,
    Course,
    CourseModule,
    CourseSection,
    Enrolment,
    ExternalService,
    ExternalToken,
    ModuleCompletion,
    Plugin,
    ProfileField,
    Role,
    RoleAssignment,
    RoleCapability,
    ServiceUser,
    User,
    UserPreference,
)
from mock_moodle.world import courses as course_keys
from mock_moodle.world import people as people_keys
from mock_moodle.world.groups import groups_of
from mock_moodle.world.install import DEFAULT_SETTINGS, STANDARD_ROLES
from mock_moodle.world.load import FORMAT, World, load_world
from mock_moodle.world.parts import EXPORTERS, MODULE_EXPORTERS
from mock_moodle.world.state import Rows, difference, rows_by_table

Spec = dict[str, Any]

_WORDS = {ALLOW: "allow", PREVENT: "prevent", PROHIBIT: "prohibit"}
_LEVEL_NAMES = {level: name for name, level in people_keys.LEVELS.items()}


def export_world() -> Spec:
    """JSON-able; `load_world` of it gives an equal site, but for browsers' sessions and the log of what happened."""
    spec = _readable()
    found = difference(rows_by_table(), _rows_told_by(spec))
    return spec | {key: rows for key, rows in found.items() if rows}


def _rows_told_by(spec: Spec) -> Rows:
    """What a site holds that was loaded from this alone."""
    beside = Site(Store(), current.site.wwwroot, current.site.release)
    try:
        beside.store.create_tables()
        with beside.visit():
            load_world(World(spec, "export"), wwwroot=beside.wwwroot)
            return rows_by_table()
    finally:
        beside.store.close()


def _readable() -> Spec:
    """What has a key of its own in a world file."""
    usernames = {user.id: user.username for user in current.session.scalars(select(User))}
    return {
        "format": FORMAT,
        "site": _site(),
        "plugins": [
            {"component": row.component, "version": row.version, "release": row.release}
            for row in current.session.scalars(select(Plugin).order_by(Plugin.component))
        ],
        "users": [_user(user) for user in current.session.scalars(select(User).order_by(User.id))],
        "roles": _roles(),
        "courses": [
            _course(course, usernames)
            for course in current.session.scalars(select(Course).where(Course.id != SITE_COURSE_ID).order_by(Course.id))
        ],
        "role_assignments": _role_assignments(usernames),
        "role_overrides": _role_overrides(),
        "services": [_service(row, usernames) for row in current.session.scalars(select(ExternalService))],
        "tokens": _tokens(usernames),
        **{key: write() for key, write in EXPORTERS.items()},
    }


def _site() -> Spec:
    front = current.session.get_one(Course, SITE_COURSE_ID)
    settings: Spec = {}
    site: Spec = {"wwwroot": current.site.wwwroot, "fullname": front.fullname, "shortname": front.shortname}
    site["installed"] = int(current.config("themerev") or 0)
    for row in current.session.scalars(select(Config).order_by(Config.plugin, Config.name)):
        if row.plugin == "core" and row.name in ("world_release", "world_version"):
            site[row.name.removeprefix("world_")] = row.value
        elif row.plugin != "core":
            settings[f"{row.plugin}/{row.name}"] = row.value
        elif row.name != "themerev" and DEFAULT_SETTINGS.get(row.name) != row.value:
            settings[row.name] = row.value
    return {**site, "settings": settings}


def _user(user: User) -> Spec:
    session = current.session
    spec: Spec = {"id": user.id, "username": user.username, "contextid": context_user(user.id).id}
    for name in (*people_keys.TEXTS, *people_keys.TIMES):
        if getattr(user, name) not in ("", 0):
            spec[name] = getattr(user, name)
    for name in people_keys.FLAGS:
        if getattr(user, name) != (name == "confirmed"):
            spec[name] = getattr(user, name)
    profile = session.scalars(select(ProfileField).where(ProfileField.userid == user.id))
    preferences = session.scalars(select(UserPreference).where(UserPreference.userid == user.id))
    if fields := {row.shortname: row.data for row in profile}:
        spec["profile"] = fields
    if kept := {row.name: row.value for row in preferences}:
        spec["preferences"] = kept
    icons = files_in(context_user(user.id).id, "user", "icon") if user.picture else []
    if icons:
        spec["picture"] = f"data:{icons[-1].mimetype};base64,{base64.b64encode(icons[-1].content).decode()}"
    return spec


def _roles() -> list[Spec]:
    """Roles of the site's own, and every role with the permissions that it has at the top."""
    session, system = current.session, context_system()
    standard = {shortname for shortname, _, _ in STANDARD_ROLES}
    specs = []
    for role in session.scalars(select(Role).order_by(Role.id)):
        spec: Spec = {"id": role.id, "shortname": role.shortname}
        if role.shortname not in standard:
            spec |= {"name": role.name, "description": role.description, "archetype": role.archetype}
            spec["contextlevels"] = [_LEVEL_NAMES[level] for level in role.contextlevels]
        rows = session.scalars(
            select(RoleCapability)
            .where(RoleCapability.roleid == role.id, RoleCapability.contextid == system.id)
            .order_by(RoleCapability.capability)
        )
        for row in rows:
            if row.permission in _WORDS:
                spec.setdefault(_WORDS[row.permission], []).append(row.capability)
        specs.append(spec)
    return specs


def _role_assignments(usernames: dict[int, str]) -> list[Spec]:
    """Those that no enrolment brings."""
    session = current.session
    enrolled = {(row.courseid, row.userid) for row in session.scalars(select(Enrolment))}
    roles = {role.id: role.shortname for role in session.scalars(select(Role))}
    specs = []
    for row in session.scalars(select(RoleAssignment).order_by(RoleAssignment.id)):
        context = session.get_one(Context, row.contextid)
        spec: Spec = {"role": roles[row.roleid], "user": usernames[row.userid]}
        of_enrolment = context.contextlevel == COURSE and (context.instanceid, row.userid) in enrolled
        if not (of_enrolment and _first_role(context.id, row.userid) == row.id):
            specs.append(spec | {"context": _context(context)})
    return specs


def _role_overrides() -> list[Spec]:
    session, found = current.session, dict[tuple[int, int], Spec]()
    query = select(RoleCapability, Role, Context).join(Role, Role.id == RoleCapability.roleid)
    query = query.join(Context, Context.id == RoleCapability.contextid).where(
        Context.contextlevel.in_((COURSE, MODULE))
    )
    for row, role, context in session.execute(query.order_by(Context.id, Role.id, RoleCapability.capability)):
        if row.permission in _WORDS:
            spec = found.setdefault((context.id, role.id), {"role": role.shortname, "context": _context(context)})
            spec.setdefault(_WORDS[row.permission], []).append(row.capability)
    return list(found.values())


def _context(context: Context) -> Any:
    if context.contextlevel == COURSE:
        return {"course": current.session.get_one(Course, context.instanceid).shortname}
    return {"module": context.instanceid} if context.contextlevel == MODULE else "system"


def _first_role(context_id: int, userid: int) -> int | None:
    return current.session.scalar(
        select(RoleAssignment.id)
        .where(RoleAssignment.contextid == context_id, RoleAssignment.userid == userid)
        .order_by(RoleAssignment.id)
        .limit(1)
    )


def _course(course: Course, usernames: dict[int, str]) -> Spec:
    session, context = current.session, context_course(course.id)
    spec: Spec = {"id": course.id, "shortname": course.shortname, "contextid": context.id}
    for name in (*course_keys.TEXTS, *course_keys.NUMBERS, *course_keys.FLAGS):
        spec[name] = getattr(course, name)
    roles = {role.id: role.shortname for role in session.scalars(select(Role))}
    spec["enrolments"] = []
    for row in session.scalars(select(Enrolment).where(Enrolment.courseid == course.id).order_by(Enrolment.id)):
        assigned = session.get(RoleAssignment, _first_role(context.id, row.userid) or 0)
        spec["enrolments"].append(
            {
                "user": usernames[row.userid],
                "role": roles[assigned.roleid] if assigned else None,
                "enrol": row.enrol,
                "status": "suspended" if row.status else "active",
                "timestart": row.timestart,
                "timeend": row.timeend,
            }
        )
    spec |= groups_of(course)
    sections = select(CourseSection).where(CourseSection.course == course.id).order_by(CourseSection.section)
    spec["sections"] = [_section(section, usernames) for section in session.scalars(sections)]
    return spec


def _section(section: CourseSection, usernames: dict[int, str]) -> Spec:
    modules = select(CourseModule).where(CourseModule.section == section.id).order_by(CourseModule.position)
    return {
        "id": section.id,
        "section": section.section,
        "name": section.name,
        "summary": section.summary,
        "visible": section.visible,
        "availability": section.availability,
        "modules": [_module(cm, usernames) for cm in current.session.scalars(modules)],
    }


def _module(cm: CourseModule, usernames: dict[int, str]) -> Spec:
    spec: Spec = {**cm.settings, "cmid": cm.id, "modname": cm.modname, "instance": cm.instance, "name": cm.name}
    spec["contextid"] = context_module(cm.id).id
    for name in ("idnumber", *course_keys.MODULE_NUMBERS, *course_keys.MODULE_FLAGS, "availability"):
        spec[name] = getattr(cm, name)
    completed = current.session.scalars(
        select(ModuleCompletion.userid).where(
            ModuleCompletion.coursemoduleid == cm.id, ModuleCompletion.completionstate > 0
        )
    )
    if users := [usernames[userid] for userid in completed]:
        spec["completed"] = users
    if cm.modname in MODULE_EXPORTERS:
        spec |= MODULE_EXPORTERS[cm.modname](cm)
    return spec


def _service(row: ExternalService, usernames: dict[int, str]) -> Spec:
    allowed = current.session.scalars(select(ServiceUser.userid).where(ServiceUser.externalserviceid == row.id))
    functions: Any = row.functions
    if functions is None:
        functions = "builtin" if row.shortname == MOBILE_SERVICE else "plugin"
    return {
        "id": row.id,
        "name": row.name,
        "shortname": row.shortname,
        "enabled": row.enabled,
        "restrictedusers": row.restrictedusers,
        "requiredcapability": row.requiredcapability,
        "component": row.component,
        "downloadfiles": row.downloadfiles,
        "uploadfiles": row.uploadfiles,
        "functions": functions,
        "users": [usernames[userid] for userid in allowed],
    }


def _tokens(usernames: dict[int, str]) -> list[Spec]:
    services = {row.id: row.name for row in current.session.scalars(select(ExternalService))}
    return [
        {
            "token": row.token,
            "privatetoken": row.privatetoken,
            "user": usernames[row.userid],
            "service": services[row.externalserviceid],
            "name": row.name,
            "iprestriction": row.iprestriction,
            "validuntil": row.validuntil or 0,
        }
        for row in current.session.scalars(select(ExternalToken).order_by(ExternalToken.id))
    ]
