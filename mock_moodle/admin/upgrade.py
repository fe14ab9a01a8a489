"""`/admin/index.php`: what an administrator goes through once new code lies on the disk: server checks, plugins check,
the upgrade itself, and the settings that came with it. Without new code it tells that all is well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from mock_moodle.admin.page import admin_page, require_admin
from mock_moodle.admin.plugin_settings import plugin_pages
from mock_moodle.admin.setting import UNITS, Setting, duration_parts
from mock_moodle.admin.settings import save, shown
from mock_moodle.login.browser import require_sesskey
from mock_moodle.page import optional_param, page, redirect
from mock_moodle.plugins import arriving, install, installed_version
from mock_moodle.plugins.read import FOLDERS, check_upload, read_checked
from mock_moodle.site import current
from mock_moodle.store.core import StoredFile

PATH = "/admin/index.php"
NEW_SETTINGS = "/admin/upgradesettings.php"


@dataclass(frozen=True)
class Arriving:
    """A row of the plugins check."""

    component: str
    name: str
    directory: str
    installed: int | None
    version: int
    requires: str

    @property
    def status(self) -> str:
        return "To be installed" if self.installed is None else "To be upgraded"


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule(PATH, view_func=upgrade_page, methods=["GET", "POST"], endpoint="admin_index")
    blueprint.add_url_rule(NEW_SETTINGS, view_func=new_settings, methods=["GET", "POST"])


def upgrade_page() -> Response:
    if not ("cache" in request.values or "sesskey" in request.values or arriving.on_disk()):
        return redirect(f"{PATH}?cache=1")
    require_admin()
    waiting = arriving.on_disk()
    abort = optional_param("abortinstall")
    if abort in waiting and installed_version(abort) is None:
        require_sesskey()
        return _abort(abort)
    if not waiting:
        return admin_page("admin/notifications.html", "Notifications")
    if not optional_param("confirmrelease", 0, int):
        return _step("admin/server_checks.html", "Current release information", release=current.site.release.release)
    if not optional_param("confirmplugincheck", 0, int):
        plugins = [_read(component, file) for component, file in waiting.items()]
        return _step("admin/plugins_check.html", "Plugins check", plugins=plugins)
    return _step("admin/upgraded.html", "Upgrading to new version", components=_upgrade(waiting))


def _step(template: str, title: str, **values: Any) -> Response:
    return page(template, title=title, heading=title, cacheable=False, breadcrumb=[(title, "")], **values)


def _read(component: str, file: StoredFile) -> Arriving:
    report = check_upload(file.filename, file.content, moodle=current.site.release.branch)
    declared = read_checked(file.filename, report)
    kind, _, name = component.partition("_")
    requires = str(report.package.version.get("requires", "")) if report.package else ""
    return Arriving(
        component,
        declared.strings.get("pluginname", component),
        f"/{FOLDERS[kind]}/{name}",
        installed_version(component),
        declared.version,
        f"Moodle {requires}" if requires else "",
    )


def _abort(component: str) -> Response:
    if not optional_param("confirmabortinstall", 0, int):
        return _step("admin/abort_install.html", "Plugins check", component=component)
    arriving.take_away(component)
    return redirect(f"{PATH}?cache=0&confirmplugincheck=0")


def _upgrade(waiting: dict[str, StoredFile]) -> list[str]:
    for component, file in waiting.items():
        install.from_upload(file.filename, file.content)
        arriving.take_away(component)
    return list(waiting)


def new_settings() -> Response:
    """Those of plugins' pages that have no value yet. The administrator is asked once, with the defaults filled in."""
    require_admin()
    errors: dict[str, str] = {}
    if request.method == "POST":
        require_sesskey()
        errors = save(setting for found in plugin_pages() for setting in found.settings)
    pages = [(title, shown(settings, errors)) for title, settings in _unset()]
    if not pages:
        return redirect(PATH)
    return admin_page(
        "admin/new_settings.html",
        "New settings",
        pages=pages,
        errors=errors,
        units=UNITS,
        duration_parts=duration_parts,
    )


def _unset() -> Iterator[tuple[str, list[Setting]]]:
    for found in plugin_pages():
        unset = [setting for setting in found.settings if current.config(setting.name, setting.plugin) is None]
        if unset:
            yield found.title, unset
