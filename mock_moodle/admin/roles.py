"""Define roles, and assign them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import delete, func, select

from mock_moodle.access import context_by_id, context_system, require_capability
from mock_moodle.admin.page import admin_page, flag, require_admin, sent, sent_ids
from mock_moodle.admin.people import potential_users
from mock_moodle.errors import MissingRecord, MoodleError
from mock_moodle.login.browser import require_login, require_sesskey
from mock_moodle.page import optional_param, page, redirect, required_param
from mock_moodle.site import current
from mock_moodle.store.core import (
    ALLOW,
    COURSE,
    COURSECAT,
    INHERIT,
    MODULE,
    SYSTEM,
    USER,
    Capability,
    Context,
    Course,
    CourseModule,
    Role,
    RoleAssignment,
    RoleCapability,
    User,
)
from mock_moodle.webservice.php import to_int

MANAGE_PATH = "/admin/roles/manage.php"
PLACE = ("Define roles", "Permissions", "Users")
LEVELS = {SYSTEM: "System", USER: "User", COURSECAT: "Category", COURSE: "Course", MODULE: "Activity module"}


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule(MANAGE_PATH, view_func=manage)
    blueprint.add_url_rule("/admin/roles/define.php", view_func=define, methods=["GET", "POST"])
    blueprint.add_url_rule("/admin/roles/assign.php", view_func=assign, methods=["GET", "POST"])


def manage() -> Response:
    require_admin("moodle/role:manage")
    rows = current.session.scalars(select(Role).order_by(Role.sortorder, Role.id)).all()
    return admin_page("admin/roles.html", *PLACE, roles=rows)


def define() -> Response:
    require_admin("moodle/role:manage")
    action = optional_param("action", "view")
    if "cancel" in request.form:
        return redirect(MANAGE_PATH)
    if action == "add" and "shortname" not in request.form and not optional_param("resettype"):
        archetypes = current.session.scalars(select(Role).where(Role.archetype != "").order_by(Role.sortorder)).all()
        return admin_page("admin/role_preset.html", *PLACE, heading="Adding a new role", roles=archetypes)
    role = Role(shortname="", name="") if action == "add" else _role(optional_param("roleid", 0, int))
    errors: dict[str, str] = {}
    if request.method == "POST" and "savechanges" in request.form:
        require_sesskey()
        errors = _store(role)
        if not errors:
            return redirect(MANAGE_PATH, "Changes saved", "success")
    return _form(role, action, errors)


def _form(role: Role, action: str, errors: dict[str, str]) -> Response:
    session = current.session
    preset = _preset(optional_param("resettype")) if action == "add" else role
    given = request.form if "savechanges" in request.form else {}
    permissions = _permissions(preset.id) if preset is not None and preset.id else {}
    levels = role.contextlevels if action != "add" else (preset.contextlevels if preset is not None else [])
    return admin_page(
        "admin/role_form.html",
        *PLACE,
        heading="Adding a new role" if action == "add" else f"Editing role '{role.name or role.shortname}'",
        role=role,
        action=action,
        values={
            "shortname": given.get("shortname", role.shortname),
            "name": given.get("name", role.name),
            "description": given.get("description", role.description or ""),
            "archetype": given.get("archetype", preset.archetype if preset is not None else ""),
        },
        errors=errors,
        levels=LEVELS,
        chosen_levels={level for level in LEVELS if f"contextlevel{level}" in given} if given else set(levels or []),
        archetypes=[name for name in session.scalars(select(Role.archetype).distinct()) if name],
        capabilities=session.scalars(select(Capability).order_by(Capability.component, Capability.name)).all(),
        allowed={name for name in given if given.get(name) == "1"} if given else set(permissions),
    )


def _preset(chosen: str) -> Role | None:
    """A role to begin with: "12" is a role, "student" an archetype; empty for none."""
    session = current.session
    if chosen.isdecimal():
        return session.get(Role, to_int(chosen))
    name = chosen or optional_param("archetype")
    return session.scalars(select(Role).where(Role.archetype == name)).first() if name else None


def _permissions(role_id: int) -> dict[str, int]:
    """What a role allows at system level."""
    rows = current.session.scalars(
        select(RoleCapability).where(RoleCapability.roleid == role_id, RoleCapability.contextid == context_system().id)
    )
    return {row.capability: row.permission for row in rows if row.permission == ALLOW}


def _store(role: Role) -> dict[str, str]:
    session = current.session
    shortname = sent("shortname").strip()
    if not shortname:
        return {"shortname": "You must supply a short name"}
    with session.no_autoflush:
        same = session.scalar(select(Role).where(Role.shortname == shortname))
    if same is not None and same is not role:
        return {"shortname": f"A role with the short name {shortname!r} already exists"}
    role.shortname, role.name = shortname, sent("name").strip()
    role.description, role.archetype = sent("description"), sent("archetype")
    role.contextlevels = [level for level in LEVELS if flag(f"contextlevel{level}")]
    if not role.id:
        role.sortorder = (session.scalar(select(func.max(Role.sortorder))) or 0) + 1
        session.add(role)
    session.flush()
    system = context_system()
    for name in session.scalars(select(Capability.name)).all():
        row = session.get(RoleCapability, (system.id, role.id, name))
        allowed = sent(name) == "1"
        if row is None and allowed:
            session.add(RoleCapability(contextid=system.id, roleid=role.id, capability=name, permission=ALLOW))
        elif row is not None and (allowed or row.permission == ALLOW):
            row.permission = ALLOW if allowed else INHERIT
    session.flush()
    return {}


def assign() -> Response:
    context = context_by_id(required_param("contextid", int))
    require_login()
    require_capability("moodle/role:assign", context)
    session = current.session
    role_id = optional_param("roleid", 0, int)
    if not role_id:
        return _assign_page("admin/assign_roles.html", context, roles=_assignable(context))
    role = _role(role_id)
    if role not in [one for one, _ in _assignable(context)]:
        raise MoodleError("norolesavailable", "You are not allowed to assign this role here.")
    if request.method == "POST":
        require_sesskey()
        now = current.clock.time()
        if "add" in request.form:
            for userid in sent_ids("addselect[]"):
                if session.get(User, userid) is not None and userid not in _holders(role, context):
                    session.add(RoleAssignment(roleid=role.id, contextid=context.id, userid=userid, timemodified=now))
        elif "remove" in request.form:
            session.execute(
                delete(RoleAssignment).where(
                    RoleAssignment.roleid == role.id,
                    RoleAssignment.contextid == context.id,
                    RoleAssignment.userid.in_(sent_ids("removeselect[]")),
                )
            )
        session.flush()
    holders = _holders(role, context)
    existing = session.scalars(select(User).where(User.id.in_(holders)).order_by(User.lastname, User.id)).all()
    return _assign_page(
        "admin/choose_users.html",
        context,
        heading=f"Assign role '{role.name or role.shortname}' in {_name_of(context)}",
        action=f"/admin/roles/assign.php?contextid={context.id}&roleid={role.id}",
        back=f"/admin/roles/assign.php?contextid={context.id}",
        existing_title="Existing users",
        existing=existing,
        potential=potential_users(holders),
    )


def _assign_page(template: str, context: Context, **values: Any) -> Response:
    if context.contextlevel == SYSTEM:
        return admin_page(template, "Assign system roles", "Permissions", "Users", context=context, **values)
    title = f"Assign roles in {_name_of(context)}"
    return page(template, title=title, **{"heading": title, "context": context, **values})


def _assignable(context: Context) -> list[tuple[Role, int]]:
    """Roles that may be given in a context, with the number of users who have them there."""
    roles = current.session.scalars(select(Role).order_by(Role.sortorder, Role.id))
    return [
        (role, len(_holders(role, context))) for role in roles if context.contextlevel in (role.contextlevels or [])
    ]


def _holders(role: Role, context: Context) -> set[int]:
    query = select(RoleAssignment.userid).where(
        RoleAssignment.roleid == role.id, RoleAssignment.contextid == context.id
    )
    return set(current.session.scalars(query))


def _name_of(context: Context) -> str:
    if context.contextlevel == COURSE:
        course = current.session.get(Course, context.instanceid)
        return f"Course: {course.fullname}" if course else "Course"
    if context.contextlevel == MODULE:
        cm = current.session.get(CourseModule, context.instanceid)
        return cm.name if cm else "Activity"
    if context.contextlevel == USER:
        user = current.session.get(User, context.instanceid)
        return f"User: {user.fullname}" if user else "User"
    return LEVELS.get(context.contextlevel, "System")


def _role(role_id: int) -> Role:
    role = current.session.get(Role, role_id)
    if role is None:
        raise MissingRecord("role")
    return role
