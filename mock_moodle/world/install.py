"""What every fresh Moodle has: settings, standard roles, the front page, guest and administrator, the app's service."""

from __future__ import annotations

from mock_moodle.access import create_context
from mock_moodle.access.capabilities import ARCHETYPES, CORE
from mock_moodle.mobile import SERVICE as MOBILE_SERVICE
from mock_moodle.site import ADMIN_ID, GUEST_ID, SITE_COURSE_ID, current
from mock_moodle.store.core import (
    ALLOW,
    COURSE,
    COURSECAT,
    MODULE,
    SYSTEM,
    USER,
    Capability,
    Context,
    Course,
    CourseCategory,
    CourseSection,
    ExternalService,
    Role,
    RoleCapability,
    User,
)

STANDARD_ROLES: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("manager", "Manager", (SYSTEM, COURSECAT, COURSE)),
    ("coursecreator", "Course creator", (SYSTEM, COURSECAT)),
    ("editingteacher", "Teacher", (COURSE, MODULE)),
    ("teacher", "Non-editing teacher", (COURSE, MODULE)),
    ("student", "Student", (COURSE, MODULE)),
    ("guest", "Guest", ()),
    ("user", "Authenticated user", ()),
    ("frontpage", "Authenticated user on site home", ()),
)
DEFAULT_SETTINGS: dict[str, str] = {
    "theme": "boost",
    "lang": "en",
    "enablewebservices": "0",
    "webserviceprotocols": "",
    "enablemobilewebservice": "0",
    "enablecompletion": "1",
    "enableavailability": "1",
    "allowframembedding": "0",
    "cookiesecure": "1",
    "sessiontimeout": "28800",
    "debug": "0",
    "debugdisplay": "0",
    "usecomments": "1",
    "usetags": "1",
    "enablenotes": "1",
    "messaging": "1",
    "enableblogs": "1",
    "enablebadges": "1",
    "enablecustomreports": "1",
    "userquota": "104857600",
    "maxbytes": "0",
    "timezone": "Europe/London",
}
LAST_INSTALLED_CONTEXT = 10
"""Blocks of a fresh site's dashboard take the ids up to here; the first user made by hand gets the next."""


def install_core() -> None:
    session = current.session
    system = create_context(SYSTEM, 0, None)
    now = current.clock.time()
    for name, value in DEFAULT_SETTINGS.items():
        current.set_config(name, value)
    current.set_config("themerev", now)
    session.add(CourseCategory(id=1, name="Category 1"))
    session.add(
        Course(
            id=SITE_COURSE_ID,
            category=0,
            shortname="mock",
            fullname="Mock Moodle",
            format="site",
            newsitems=3,
            timecreated=now,
            timemodified=now,
        )
    )
    session.add(CourseSection(course=SITE_COURSE_ID, section=0, id=0))
    create_context(COURSE, SITE_COURSE_ID, system)
    create_context(COURSECAT, 1, system)
    guest = User(id=GUEST_ID, username="guest", firstname="Guest user", lastname=" ", email="root@localhost")
    guest.password = guest.username
    guest.description = "This user is a special user that allows read-only access to some courses."
    session.add(guest)
    session.add(User(id=ADMIN_ID, username="admin", firstname="Admin", lastname="User", siteadmin=True))
    create_context(USER, GUEST_ID, system)
    create_context(USER, ADMIN_ID, system)
    _install_roles(system)
    session.add(
        ExternalService(
            id=1,
            name="Moodle mobile web service",
            shortname=MOBILE_SERVICE,
            enabled=False,
            functions=None,
            component="core",
            downloadfiles=True,
            uploadfiles=True,
        )
    )
    session.flush()


def _install_roles(system: Context) -> None:
    session = current.session
    ids: dict[str, int] = {}
    for number, (shortname, name, levels) in enumerate(STANDARD_ROLES, 1):
        role = Role(id=number, shortname=shortname, name=name, archetype=shortname, sortorder=number)
        role.contextlevels = list(levels)
        session.add(role)
        ids[shortname] = number
    for capability in CORE:
        session.add(
            Capability(
                name=capability.name,
                captype=capability.captype,
                contextlevel=capability.contextlevel,
                title=capability.title,
            )
        )
        for letter in capability.archetypes:
            role_id = ids[ARCHETYPES[letter]]
            session.add(
                RoleCapability(contextid=system.id, roleid=role_id, capability=capability.name, permission=ALLOW)
            )
