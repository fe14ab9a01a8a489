"""Users, roles and who has which."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select

from mock_moodle.access import context_course, context_module, context_system, create_context
from mock_moodle.site import GUEST_ID, current
from mock_moodle.store.core import (
    ALLOW,
    COURSE,
    COURSECAT,
    MODULE,
    PREVENT,
    PROHIBIT,
    SYSTEM,
    USER,
    Context,
    Course,
    CourseModule,
    ProfileField,
    Role,
    RoleAssignment,
    RoleCapability,
    StoredFile,
    User,
    UserPreference,
)
from mock_moodle.world.install import LAST_INSTALLED_CONTEXT
from mock_moodle.world.parts import Place, Spec, read_data

PASSWORD_SET = "auth_manual_passwordupdatetime"  # noqa: S105 - a name
"""The preference in which manual accounts remember when their password was set."""

Objects = Iterator[tuple[Place, Spec]]

LEVELS = {"system": SYSTEM, "coursecat": COURSECAT, "course": COURSE, "module": MODULE, "user": USER}
PERMISSIONS = {"allow": ALLOW, "prevent": PREVENT, "prohibit": PROHIBIT}

TEXTS = (
    "password", "firstname", "lastname", "email", "auth", "lang", "city", "country", "idnumber", "institution",
    "department", "phone1", "phone2", "address", "description", "timezone", "theme",
)  # fmt: skip
FLAGS = ("suspended", "deleted", "confirmed", "siteadmin", "forcepasswordchange")
TIMES = ("firstaccess", "lastaccess", "timecreated", "timemodified")
USER_KEYS = ("id", "username", *TEXTS, *FLAGS, *TIMES, "picture", "profile", "preferences", "contextid")
ROLE_KEYS = ("id", "shortname", "name", "description", "archetype", "contextlevels", "note", *PERMISSIONS)


def load_users(users: Objects) -> None:
    session = current.session
    system = context_system()
    for place, spec in users:
        place.known(spec, USER_KEYS)
        username = place.text(spec, "username")
        known = session.scalar(select(User).where(User.username == username))
        user = known or User(username=username)
        if "id" in spec:
            user_id = place.identifier(spec, "id")
            taken = session.get(User, user_id)
            if taken is not None and taken is not known:
                raise place.error("id", f"{user_id} belongs to {taken.username!r}", "give another id, or none")
            user.id = user_id
        for name in TEXTS:
            if name in spec:
                setattr(user, name, place.text(spec, name))
        if user.id == GUEST_ID and not user.lastname:
            user.lastname = " "  # as the installer calls the guest; an export does not show the blank
        for name in FLAGS:
            if name in spec:
                setattr(user, name, place.flag(spec, name, False))
        for name in TIMES:
            setattr(user, name, place.number(spec, name, 0))
        wanted = place.number(spec, "contextid", 0)
        with place.alone():
            session.add(user)
        if user.auth == "manual" and known is None:
            session.merge(UserPreference(userid=user.id, name=PASSWORD_SET, value=str(current.clock.time())))
        if known is None:
            with place.alone():
                _context_of(user, wanted, system)
        _load_details(user, spec, place)


def _context_of(user: User, wanted: int, system: Context) -> None:
    last = current.session.scalar(select(func.max(Context.id))) or 0
    create_context(USER, user.id, system, context_id=wanted or max(last, LAST_INSTALLED_CONTEXT) + 1)


def _load_details(user: User, spec: Spec, place: Place) -> None:
    session = current.session
    for name, value in place.object(spec, "profile").items():
        session.merge(ProfileField(userid=user.id, shortname=name, data=str(value)))
    for name, value in place.object(spec, "preferences").items():
        session.merge(UserPreference(userid=user.id, name=name, value=str(value)))
    if "picture" in spec:
        content = _picture(place.text(spec, "picture"), place)
        context = session.scalars(
            select(Context).where(Context.contextlevel == USER, Context.instanceid == user.id)
        ).one()
        stored = StoredFile(
            contextid=context.id, component="user", filearea="icon", filename="f3.png", mimetype="image/png",
            content=content, userid=user.id,
        )  # fmt: skip
        session.add(stored)
        session.flush()
        user.picture = stored.id


def _picture(value: str, place: Place) -> bytes:
    """`data:image/png;base64,…`, or a file beside the world file."""
    if value.startswith("data:"):
        return read_data(value, place.at("picture"))
    path = Path(place.file).parent / value
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise place.error("picture", f"{path}: {reason}", "name an image beside the world file") from error


def load_roles(roles: Objects) -> None:
    session = current.session
    for place, spec in roles:
        place.known(spec, ROLE_KEYS)
        shortname = place.text(spec, "shortname")
        role = session.scalar(select(Role).where(Role.shortname == shortname))
        if role is None:
            role = Role(shortname=shortname, name=place.text(spec, "name", shortname), contextlevels=[])
            if "id" in spec:
                role.id = place.identifier(spec, "id")
        for name in ("name", "description", "archetype"):
            if name in spec:
                setattr(role, name, place.text(spec, name))
        if "contextlevels" in spec:
            role.contextlevels = [_level(level, place) for level in place.texts(spec, "contextlevels")]
        with place.alone():
            session.add(role)
        _permit(role, spec, context_system(), place)


def load_role_overrides(overrides: Objects) -> None:
    """What a role may in one course or activity, other than elsewhere."""
    for place, spec in overrides:
        place.known(spec, ("role", "context", *PERMISSIONS))
        _permit(find_role(spec, place), spec, _context(spec.get("context"), place.at("context")), place)


def _permit(role: Role, spec: Spec, context: Context, place: Place) -> None:
    """Writes a role's `allow`, `prevent` and `prohibit` lists in a context."""
    for word, permission in PERMISSIONS.items():
        for capability in place.texts(spec, word):
            current.session.merge(
                RoleCapability(contextid=context.id, roleid=role.id, capability=capability, permission=permission)
            )


def load_role_assignments(assignments: Objects) -> None:
    """`context` is "system", {"course": shortname} or {"module": cmid}."""
    for place, spec in assignments:
        place.known(spec, ("role", "user", "context"))
        role, user = find_role(spec, place), find_user(spec, place)
        assign_role(role, user, _context(spec.get("context", "system"), place.at("context")))


def assign_role(role: Role, user: User, context: Context) -> None:
    """Assigns once."""
    same = select(RoleAssignment.id).where(
        RoleAssignment.roleid == role.id, RoleAssignment.userid == user.id, RoleAssignment.contextid == context.id
    )
    if current.session.scalar(same) is None:
        current.session.add(
            RoleAssignment(roleid=role.id, userid=user.id, contextid=context.id, timemodified=current.clock.time())
        )


def find_user(spec: Spec, place: Place, key: str = "user") -> User:
    """By user name."""
    name = place.text(spec, key)
    user = current.session.scalar(select(User).where(User.username == name))
    if user is None:
        raise place.error(key, f"there is no user {name!r}", "add it to users, or correct the name")
    return user


def find_role(spec: Spec, place: Place, key: str = "role") -> Role:
    """By short name."""
    name = place.text(spec, key)
    role = current.session.scalar(select(Role).where(Role.shortname == name))
    if role is None:
        raise place.error(key, f"there is no role {name!r}", "add it to roles, or correct the short name")
    return role


def find_course(spec: Spec, place: Place, key: str = "course") -> Course:
    """By short name."""
    name = place.text(spec, key)
    course = current.session.scalar(select(Course).where(Course.shortname == name))
    if course is None:
        raise place.error(key, f"there is no course {name!r}", "add it to courses, or correct the short name")
    return course


def _context(value: object, place: Place) -> Context:
    if value == "system":
        return context_system()
    if isinstance(value, dict) and set(value) == {"course"}:
        return context_course(find_course(value, place).id)
    if isinstance(value, dict) and set(value) == {"module"}:
        cmid = place.number(value, "module")
        if current.session.get(CourseModule, cmid) is None:
            raise place.error("module", f"there is no course module {cmid}", "give the cmid of a module in courses")
        return context_module(cmid)
    raise place.error(None, f"is {value!r}", 'write "system", {"course": "short name"} or {"module": cmid}')


def _level(level: str, place: Place) -> int:
    if level not in LEVELS:
        raise place.error("contextlevels", f"{level!r} is no level", f"one of: {', '.join(LEVELS)}")
    return LEVELS[level]
