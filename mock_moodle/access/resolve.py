"""The resolution of permissions: of each role the most specific word counts, any role's allow is enough, and a prohibit
anywhere ends it."""

from __future__ import annotations

from sqlalchemy import select

from mock_moodle.access.capabilities import TITLES
from mock_moodle.errors import RequiredCapability
from mock_moodle.site import GUEST_ID, current
from mock_moodle.store.core import ALLOW, PROHIBIT, Capability, Context, Role, RoleAssignment, RoleCapability, User

_TABLES = ("user", "role", "role_assignments", "role_capabilities", "context", "capabilities", "config")


def has_capability(capability: str, context: Context, userid: int | None = None, *, doanything: bool = True) -> bool:
    """`userid` None means who is signed in, 0 a visitor. Administrators may do anything, unless `doanything` is
    false."""
    if userid is None:
        from mock_moodle.login.browser import signed_in_userid

        userid = signed_in_userid()
    key = ("capability", capability, context.id, userid, doanything)
    return current.cached(_TABLES, key, lambda: _resolve(capability, context, userid, doanything))


def require_capability(capability: str, context: Context, userid: int | None = None) -> None:
    if not has_capability(capability, context, userid):
        raise RequiredCapability(title_of(capability))


def title_of(capability: str) -> str:
    """What Moodle calls a capability in a refusal."""
    if capability in TITLES:
        return TITLES[capability]
    known = current.session.get(Capability, capability)
    return known.title if known and known.title else f"[[{capability.rpartition('/')[2]}]]"


def role_ids(userid: int, context: Context) -> set[int]:
    """Roles that count for a user in a context: assigned here or above, and the one that everybody has."""
    session = current.session
    assigned = session.scalars(
        select(RoleAssignment.roleid).where(
            RoleAssignment.userid == userid, RoleAssignment.contextid.in_(context.ancestors)
        )
    )
    everybody = "user" if userid and userid != GUEST_ID else "guest"
    return {*assigned, *session.scalars(select(Role.id).where(Role.shortname == everybody))}


def users_with_capability(capability: str, context: Context) -> list[int]:
    """Ids of users who hold a capability through an assigned role (`get_users_by_capability`)."""
    assigned = current.session.scalars(
        select(RoleAssignment.userid).where(RoleAssignment.contextid.in_(context.ancestors)).distinct()
    )
    return [userid for userid in sorted(assigned) if has_capability(capability, context, userid, doanything=False)]


def _resolve(capability: str, context: Context, userid: int, doanything: bool) -> bool:
    session = current.session
    if userid:
        user = session.get(User, userid)
        if user is None or user.deleted:
            return False
        if user.siteadmin and doanything:
            return True
    roles = role_ids(userid, context)
    rows = session.execute(
        select(RoleCapability.roleid, RoleCapability.contextid, RoleCapability.permission).where(
            RoleCapability.capability == capability,
            RoleCapability.roleid.in_(roles),
            RoleCapability.contextid.in_(context.ancestors),
        )
    ).all()
    if any(row.permission == PROHIBIT for row in rows):
        return False
    depth = {context_id: at for at, context_id in enumerate(context.ancestors)}
    for role in roles:
        words = sorted((depth[row.contextid], row.permission) for row in rows if row.roleid == role and row.permission)
        if words and words[-1][1] == ALLOW:
            return True
    return False
