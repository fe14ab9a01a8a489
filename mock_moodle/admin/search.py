"""Site administration's first page: the tree of pages."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response

from contract.wire import COMPONENT, LOG_PATH
from mock_moodle.admin.page import require_admin
from mock_moodle.admin.plugin_settings import plugin_pages
from mock_moodle.page import page
from mock_moodle.plugins import installed_version
from mock_moodle.site import current


@dataclass(frozen=True)
class Category:
    """A heading and the pages below it: title and path."""

    title: str
    pages: tuple[tuple[str, str], ...]


USERS = Category(
    "Users",
    (
        ("Browse list of users", "/admin/user.php"),
        ("Add a new user", "/user/editadvanced.php?id=-1"),
        ("Define roles", "/admin/roles/manage.php"),
        ("Assign system roles", "/admin/roles/assign.php?contextid=1"),
    ),
)
WEB_SERVICES = (
    ("Overview", "/admin/settings.php?section=webservicesoverview"),
    ("External services", "/admin/settings.php?section=externalservices"),
    ("Manage protocols", "/admin/settings.php?section=webserviceprotocols"),
    ("Manage tokens", "/admin/webservice/tokens.php"),
)


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/admin/search.php", view_func=search)


def search() -> Response:
    require_admin("moodle/site:configview")
    return page(
        "admin/search.html",
        title="Search | Administration",
        heading="Site administration",
        categories=_categories(),
    )


def _categories() -> list[Category]:
    plugins = [
        ("Install plugins", "/admin/tool/installaddon/index.php"),
        ("Plugins overview", "/admin/plugins.php"),
        ("Manage restrictions", "/admin/tool/availabilityconditions/"),
    ]
    plugins += [(page.title, f"/admin/settings.php?section={page.section}") for page in plugin_pages()]
    reports = [("Logs", "/report/log/index.php")]
    server = []
    if installed_version(COMPONENT) is not None:
        reports.append(("Proctoring log", LOG_PATH))
    if installed_version("local_oauth") is not None:
        server.append(("OAuth provider settings", "/local/oauth/index.php"))
    general = (
        ("Notifications", "/admin/index.php"),
        ("Advanced features", "/admin/settings.php?section=optionalsubsystems"),
        ("Mobile settings", "/admin/settings.php?section=mobilesettings"),
        ("HTTP security", "/admin/settings.php?section=httpsecurity"),
    )
    # Web services moved from Plugins to Server in 4.0.
    if current.site.release.at_least("4.0"):
        server.extend(WEB_SERVICES)
    else:
        plugins.extend(WEB_SERVICES)
    return [
        Category("General", general),
        USERS,
        Category("Plugins", tuple(plugins)),
        Category("Server", tuple(server)),
        Category("Reports", tuple(reports)),
    ]
