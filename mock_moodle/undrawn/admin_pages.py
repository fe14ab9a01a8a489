"""Pages of site administration beside those that setting the plugin up leads through."""

from __future__ import annotations

from flask import Blueprint, Response

from mock_moodle.access import context_system, has_capability
from mock_moodle.admin.page import require_admin
from mock_moodle.errors import MoodleError
from mock_moodle.login.browser import require_login
from mock_moodle.page import admin_title, required_param
from mock_moodle.undrawn.page import undrawn

ADMIN_PAGES = {
    "/admin/environment.php": ("Environment", "Server"),
    "/admin/modules.php": ("Manage activities", "Activity modules", "Plugins"),
    "/admin/phpinfo.php": ("PHP info", "Server"),
    "/admin/purgecaches.php": ("Purge caches", "Development"),
    "/admin/roles/admins.php": ("Site administrators", "Permissions", "Users"),
    "/admin/testoutgoingmailconf.php": ("Test outgoing mail configuration", "Server"),
    "/admin/tool/task/scheduledtasks.php": ("Scheduled tasks", "Tasks", "Server"),
    "/admin/webservice/documentation.php": ("API Documentation", "Web services", "Server"),
    "/admin/webservice/service_user_settings.php": ("User settings", "Web services", "Server"),
    "/admin/webservice/testclient.php": ("Web service test client", "Development"),
    "/report/configlog/index.php": ("Config changes", "Reports"),
    "/report/eventlist/index.php": ("Events list", "Reports"),
    "/report/performance/index.php": ("Performance overview", "Reports"),
    "/report/security/index.php": ("Security checks", "Reports"),
    "/report/status/index.php": ("System status", "Reports"),
}
"""Place by address, innermost first."""
CATEGORIES = {
    "accounts": ("Accounts", "Users"),
    "availabilitysettings": ("Availability restrictions", "Plugins"),
    "courses": ("Courses",),
    "modules": ("Plugins",),
    "roles": ("Permissions", "Users"),
    "server": ("Server",),
    "users": ("Users",),
    "webservicesettings": ("Web services", "Server"),
}
ADMINISTRATORS_ONLY = ("availabilitysettings", "webservicesettings")
"""Not even there for others."""
MANAGED = ("accounts", "courses", "roles", "users")
"""Managers have pages in them."""


def add_to(blueprint: Blueprint) -> None:
    for path, place in ADMIN_PAGES.items():
        blueprint.add_url_rule(path, endpoint=path.replace(".", "_"), view_func=admin_page, defaults={"place": place})
    blueprint.add_url_rule("/admin/category.php", view_func=category)
    blueprint.add_url_rule("/admin/cron.php", view_func=cron)


def cron() -> Response:
    return Response(
        "!!! Sorry, internet access to this page has been disabled by the administrator. !!!\n",
        content_type="text/html; charset=utf-8",
    )


def admin_page(place: tuple[str, ...]) -> Response:
    require_admin()
    return undrawn(admin_title(*place), place[0])


def category() -> Response:
    name = required_param("category")
    require_login()
    administers = has_capability("moodle/site:config", context_system())
    if name not in CATEGORIES or (name in ADMINISTRATORS_ONLY and not administers):
        raise MoodleError("categoryerror", "Category error")
    require_admin("moodle/site:configview" if name in MANAGED else "moodle/site:config")
    return undrawn(admin_title(*CATEGORIES[name]), CATEGORIES[name][0])
