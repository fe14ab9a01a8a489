"""`/admin/settings.php`: the settings pages, each a list of fields, and the two that are tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from mock_moodle import mobile
from mock_moodle.admin import services
from mock_moodle.admin.page import admin_page, require_admin, sent
from mock_moodle.admin.plugin_settings import PLUGIN_SETTINGS
from mock_moodle.admin.setting import Setting
from mock_moodle.errors import MoodleError
from mock_moodle.examus.keyring import read_keys
from mock_moodle.login.browser import require_sesskey
from mock_moodle.page import redirect, required_param
from mock_moodle.plugins import installed_version
from mock_moodle.site import current


@dataclass(frozen=True)
class Section:
    """`path` is the page's place, innermost first."""

    path: tuple[str, ...]
    settings: tuple[Setting, ...] = ()
    component: str = ""
    """The plugin it belongs to; the page is there while that is installed."""
    shows: Callable[[], dict[str, Any]] | None = None
    template: str = "admin/settings.html"


def _checkbox(name: str, title: str, hint: str = "", plugin: str = "core") -> Setting:
    return Setting(name, title, "checkbox", hint=hint, plugin=plugin)


SECTIONS: dict[str, Section] = {
    "optionalsubsystems": Section(
        ("Advanced features",),
        (
            _checkbox("enableoutcomes", "Enable outcomes"),
            _checkbox("usecomments", "Enable comments"),
            _checkbox("usetags", "Enable tags functionality"),
            _checkbox("enablenotes", "Enable notes"),
            _checkbox("enableportfolios", "Enable portfolios"),
            _checkbox("enablewebservices", "Enable web services", "Other systems may then work with this site."),
            _checkbox("enablestats", "Enable statistics"),
            _checkbox("enablerssfeeds", "Enable RSS feeds"),
            _checkbox("enableblogs", "Enable blogs"),
            _checkbox("enablecompletion", "Enable completion tracking"),
            _checkbox("enableavailability", "Enable restricted access", "Activities may then have conditions."),
            _checkbox("enableplagiarism", "Enable plagiarism plugins"),
            _checkbox("enablebadges", "Enable badges"),
            _checkbox("enableglobalsearch", "Enable global search"),
            _checkbox("allowstealth", "Allow stealth activities"),
            _checkbox("enableanalytics", "Enable analytics"),
            _checkbox("enabled", "Enable competencies", plugin="core_competency"),
            _checkbox("messaging", "Enable messaging system"),
            _checkbox("enablecustomreports", "Enable custom reports"),
            _checkbox("enablemobilewebservice", "Enable web services for mobile devices"),
        ),
    ),
    "webserviceprotocols": Section(
        ("Manage protocols", "Web services", "Server"),
        (_checkbox("enablewsdocumentation", "Web services documentation"),),
        shows=services.protocols,
        template="admin/protocols.html",
    ),
    "webservicesoverview": Section(
        ("Overview", "Web services", "Server"), shows=services.overview, template="admin/overview.html"
    ),
    "externalservices": Section(
        ("External services", "Web services", "Server"), shows=services.listed, template="admin/services.html"
    ),
    "mobilesettings": Section(
        ("Mobile settings", "Mobile app"),
        (
            _checkbox("enablemobilewebservice", "Enable web services for mobile devices"),
            Setting("apppolicy", "App policy URL", "text", plugin="tool_mobile"),
        ),
    ),
    "httpsecurity": Section(
        ("HTTP security", "Security"),
        (
            _checkbox("cookiesecure", "Secure cookies only", "Browsers then send the session over HTTPS alone."),
            _checkbox("allowframembedding", "Allow frame embedding", "Pages of other sites may then frame this one."),
        ),
    ),
    **{
        name: Section((title, "Availability restrictions", "Plugins"), settings, component)
        for name, (component, title, settings) in PLUGIN_SETTINGS.items()
    },
}


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/admin/settings.php", view_func=settings_page, methods=["GET", "POST"])


def settings_page() -> Response:
    require_admin()
    name = required_param("section")
    section = SECTIONS.get(name)
    if section is None or (section.component and installed_version(section.component) is None):
        raise MoodleError("sectionerror", "Section error!")
    if request.method == "POST":
        require_sesskey()
        return _save(name, section)
    return _show(name, section, {})


def _save(name: str, section: Section) -> Response:
    errors = {}
    for setting in section.settings:
        if setting.field not in request.form:
            continue
        problem = setting.problem(sent(setting.field))
        if problem:
            errors[setting.field] = problem
        elif setting.name == mobile.SETTING:
            mobile.switch(setting.stored(sent(setting.field)) == "1")
        else:
            current.set_config(setting.name, setting.stored(sent(setting.field)), setting.plugin)
    if errors:
        return _show(name, section, errors)
    return redirect(f"/admin/settings.php?section={name}", "Changes saved", "success")


def _show(name: str, section: Section, errors: dict[str, str]) -> Response:
    return admin_page(
        section.template,
        *section.path,
        section=name,
        settings=[(setting, _value(setting, errors)) for setting in section.settings],
        errors=errors,
        **(section.shows() if section.shows else {}),
    )


def _value(setting: Setting, errors: dict[str, str]) -> str:
    if setting.field in errors:
        return sent(setting.field)
    if setting.kind == "keyring":
        read_keys(setting.name)  # the first key is made here, where somebody wants to read it
    if setting.name == mobile.SETTING:
        return str(int(mobile.is_on()))
    value = current.config(setting.name, setting.plugin)
    return setting.default if value is None else value
