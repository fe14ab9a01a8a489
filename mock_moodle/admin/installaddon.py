"""Install plugins, and the list of them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Blueprint, Response, request
from sqlalchemy import select

from mock_moodle.admin.page import admin_page, require_admin
from mock_moodle.login.browser import require_sesskey
from mock_moodle.page import redirect
from mock_moodle.plugins import install
from mock_moodle.plugins.errors import PluginError
from mock_moodle.site import current
from mock_moodle.store.core import Plugin

PATH = "/admin/tool/installaddon/index.php"
STANDARD_RESTRICTIONS = ("completion", "date", "grade", "group", "grouping", "profile")


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule(PATH, view_func=install_page, methods=["GET", "POST"])
    blueprint.add_url_rule("/admin/plugins.php", view_func=overview, methods=["GET", "POST"])
    blueprint.add_url_rule("/admin/tool/availabilityconditions/", view_func=restrictions)


def install_page() -> Response:
    """Takes a ZIP, checks it, and installs it or shows what it found."""
    require_admin()
    if request.method == "GET":
        return _form("")
    require_sesskey()
    uploaded = request.files.get("zipfile")
    if uploaded is None or not uploaded.filename:
        return _form("- You must supply a ZIP package here.")
    if not uploaded.filename.lower().endswith(".zip"):
        return _form(f"{uploaded.filename} is not a ZIP package.")
    with tempfile.TemporaryDirectory(prefix="mock-moodle-") as folder:
        path = Path(folder) / Path(uploaded.filename).name
        uploaded.save(path)
        try:
            plugin = install.from_zip(path)
        except PluginError as error:
            return _form(str(error).replace(f"{folder}/", ""))
    return redirect(
        "/admin/plugins.php?contribonly=1",
        f"{plugin.component} {plugin.release} ({plugin.version}) was installed successfully.",
        "success",
    )


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
