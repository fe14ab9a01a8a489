"""`/admin/settings.php`: the settings pages, each a list of fields, and the two that are tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from mock_moodle import mobile
from mock_moodle.access import context_system, has_capability
from mock_moodle.admin import services
from mock_moodle.admin.page import admin_page, sent
from mock_moodle.admin.plugin_settings import INTRODUCTION, plugin_pages
from mock_moodle.admin.setting import PREPARE, UNITS, Setting, duration_parts
from mock_moodle.errors import MoodleError
from mock_moodle.login.browser import require_login, require_sesskey
from mock_moodle.page import admin_title, redirect, required_param
from mock_moodle.site import current
from mock_moodle.undrawn.page import undrawn
from mock_moodle.webservice.php import to_int


@dataclass(frozen=True)
class Section:
    """`path` is the page's place, innermost first."""

    path: tuple[str, ...]
    settings: tuple[Setting, ...] = ()
    unread: tuple[str, ...] = ()
    """What could not be read of a plugin's page."""
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
            Setting(
                "mnet_dispatcher_mode",
                "Networking",
                "select",
                default="off",
                options=(("off", "Off"), ("strict", "On")),
            ),
            _checkbox("enableplagiarism", "Enable plagiarism plugins"),
            _checkbox("enablebadges", "Enable badges"),
            _checkbox("enableglobalsearch", "Enable global search"),
            _checkbox("allowstealth", "Allow stealth activities"),
            _checkbox("enableanalytics", "Enable analytics"),
            _checkbox("enabled", "Enable competencies", plugin="core_competency"),
            _checkbox("messaging", "Enable messaging system"),
            _checkbox("enablecustomreports", "Enable custom reports"),
            _checkbox("allowemojipicker", "Emoji picker"),
            _checkbox("enableaccessibilitytools", "Enable accessibility tools"),
            _checkbox("enablemobilewebservice", "Enable web services for mobile devices"),
            _checkbox("enablemoodlenet", "Enable MoodleNet integration (outbound)", plugin="tool_moodlenet"),
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
}


UNDRAWN = {
    "cleanup": ("Cleanup", "Server"),
    "debugging": ("Debugging", "Development"),
    "enrolsettingsself": ("Self enrolment", "Enrolments", "Plugins"),
    "frontpagesettings": ("Site home settings", "Site home"),
    "http": ("HTTP", "Server"),
    "manageauths": ("Manage authentication", "Authentication", "Plugins"),
    "manageenrols": ("Manage enrol plugins", "Enrolments", "Plugins"),
    "mobileauthentication": ("Mobile authentication", "Mobile app"),
    "modsettingquiz": ("General settings", "Quiz", "Activity modules", "Plugins"),
    "sessionhandling": ("Session handling", "Server"),
    "sitepolicies": ("Site security settings", "Security"),
    "userpolicies": ("User policies", "Permissions", "Users"),
}
"""Sections whose settings tests and world files set: their place."""


SECTION_ERROR = "sectionerror", "Section error!"


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/admin/settings.php", view_func=settings_page, methods=["GET", "POST"])


def settings_page() -> Response:
    name = required_param("section")
    require_login()
    if not has_capability("moodle/site:config", context_system()):
        raise MoodleError(*SECTION_ERROR)
    if name in UNDRAWN:
        return undrawn(admin_title(*UNDRAWN[name]), UNDRAWN[name][0])
    section = SECTIONS.get(name) or _of_plugin(name)
    if request.method == "POST":
        require_sesskey()
        return _save(name, section)
    return _show(name, section, {})


def _of_plugin(name: str) -> Section:
    for found in plugin_pages():
        if found.section == name:
            return Section(found.path, found.settings, tuple(found.unread))
    raise MoodleError(*SECTION_ERROR)


def _save(name: str, section: Section) -> Response:
    if errors := save(section.settings):
        return _show(name, section, errors)
    return redirect(f"/admin/settings.php?section={name}", "Changes saved", "success")


def save(settings: Iterable[Setting]) -> dict[str, str]:
    """Keeps what a form sent of these; says by field what is wrong with the rest."""
    errors = {}
    for setting in settings:
        value = _sent(setting)
        if value is None:
            continue
        problem = setting.problem(value)
        if problem:
            errors[setting.field] = problem
        elif setting.name == mobile.SETTING:
            mobile.switch(setting.stored(value) == "1")
        else:
            current.set_config(setting.name, setting.stored(value), setting.plugin)
    return errors


def _sent(setting: Setting) -> str | None:
    """The form's value, None without one; a duration comes as a number and the seconds of its unit."""
    number, unit = f"{setting.field}[v]", f"{setting.field}[u]"
    if setting.kind != "duration" or number not in request.form:
        return sent(setting.field) if setting.field in request.form else None
    value = sent(number).strip()
    return str(to_int(value) * max(1, to_int(sent(unit, "1")))) if value.isdecimal() else value


def _show(name: str, section: Section, errors: dict[str, str]) -> Response:
    return admin_page(
        section.template,
        *section.path,
        section=name,
        settings=shown(section.settings, errors),
        errors=errors,
        unread=section.unread,
        introduction=INTRODUCTION,
        units=UNITS,
        duration_parts=duration_parts,
        **(section.shows() if section.shows else {}),
    )


def shown(settings: Iterable[Setting], errors: dict[str, str]) -> list[tuple[Setting, str]]:
    """With the values that a form begins with."""
    return [(setting, _value(setting, errors)) for setting in settings]


def _value(setting: Setting, errors: dict[str, str]) -> str:
    if setting.field in errors:
        return _sent(setting) or ""
    if setting.php_class in PREPARE:
        PREPARE[setting.php_class](setting.name)
    if setting.name == mobile.SETTING:
        return str(int(mobile.is_on()))
    value = current.config(setting.name, setting.plugin)
    return setting.default if value is None else value
