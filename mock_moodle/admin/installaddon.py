"""Install plugins, and the list of them."""

from __future__ import annotations

from flask import Blueprint, Response, request
from sqlalchemy import select

from mock_moodle.admin.page import admin_page, require_admin
from mock_moodle.login.browser import require_sesskey
from mock_moodle.page import optional_param, redirect
from mock_moodle.plugins import arriving, installed_version, validation
from mock_moodle.plugins.errors import PluginError
from mock_moodle.plugins.read import check_upload, read_checked, refusal
from mock_moodle.site import current
from mock_moodle.store.core import Plugin
from plugin_builder.check import Report

PATH = "/admin/tool/installaddon/index.php"
STANDARD_RESTRICTIONS = ("completion", "date", "grade", "group", "grouping", "profile")


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule(PATH, view_func=install_page, methods=["GET", "POST"])
    blueprint.add_url_rule("/admin/plugins.php", view_func=overview, methods=["GET", "POST"])
    blueprint.add_url_rule("/admin/tool/availabilityconditions/", view_func=restrictions)


def install_page() -> Response:
    """Takes a ZIP, shows what the validation says, and lays the code down once that is confirmed. What is left to do
    then is `upgrade`'s."""
    require_admin()
    storage = optional_param("installzipstorage")
    if optional_param("installzipcomponent") and storage:
        require_sesskey()
        return _validated(storage, confirmed=optional_param("installzipconfirm", 0, int) == 1)
    if request.method == "GET":
        return _form("")
    require_sesskey()
    uploaded = request.files.get("zipfile")
    if uploaded is None or not uploaded.filename:
        return _form("- You must supply a value here.")
    content = uploaded.read()
    report = _check(uploaded.filename, content)
    try:
        if not validation.shows(report):
            read_checked(uploaded.filename, report)
    except PluginError as error:
        return _form(str(error))
    parameters = {
        "installzipcomponent": validation.component_of(report),
        "installzipstorage": arriving.keep(uploaded.filename, content),
        "sesskey": request.form["sesskey"],
    }
    return redirect(current.url(PATH, **parameters))


def _validated(storage: str, *, confirmed: bool) -> Response:
    file = arriving.uploaded(storage)
    if file is None:
        return redirect(PATH)
    report = _check(file.filename, file.content)
    component = validation.component_of(report)
    passed = report.validation.verdict == "pass"
    if confirmed and passed:
        arriving.lay_down(file, component)
        return redirect("/admin/index.php?cache=0&confirmplugincheck=0")
    return admin_page(
        "admin/validation.html",
        "Install plugins",
        "Plugins",
        lines=list(validation.console(component, report)),
        refusal="" if passed else refusal(report),
        component=component,
        storage=storage,
    )


def _check(filename: str, content: bytes) -> Report:
    branch = current.site.release.branch
    report = check_upload(filename, content, moodle=branch)
    component = report.package.component if report.package else None
    installed = installed_version(component) if component else None
    return report if installed is None else check_upload(filename, content, moodle=branch, installed=installed)


def _form(error: str) -> Response:
    return admin_page("admin/install.html", "Install plugins", "Plugins", error=error)


def overview() -> Response:
    require_admin()
    rows = current.session.scalars(select(Plugin).order_by(Plugin.component)).all()
    return admin_page("admin/plugins.html", "Plugins overview", "Plugins", plugins=rows)


def restrictions() -> Response:
    require_admin()
    rows = current.session.scalars(select(Plugin).where(Plugin.component.startswith("availability_"))).all()
    return admin_page(
        "admin/restrictions.html",
        "Manage restrictions",
        "Availability restrictions",
        "Plugins",
        standard=STANDARD_RESTRICTIONS,
        plugins=rows,
    )
