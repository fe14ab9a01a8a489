"""Which functions a site has, which a service offers, and of what version each is."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from pathlib import Path

from sqlalchemy import select

from mock_moodle.errors import NotMockedError
from mock_moodle.mobile import SERVICE as MOBILE_SERVICE
from mock_moodle.site import current
from mock_moodle.store.core import ExternalService, Plugin
from mock_moodle.webservice.registry import FUNCTIONS, PREDECESSORS, ExternalFunction, component_of

SINCE = {
    **dict.fromkeys(
        (
            "aiplacement_courseassist_explain",
            "core_ai_delete_provider",
            "core_ai_set_provider",
            "core_message_get_unsent",
            "core_message_set_default",
            "core_message_set_unsent",
            "core_question_move_questions",
            "core_question_search_shared_banks",
            "editor_tiny",
            "mod_quiz_get_user_quiz_attempts",
            "tiny_media",
        ),
        "5.0",
    ),
    **dict.fromkeys(
        (
            "aiplacement",
            "core_ai",
            "core_badges_get_badge",
            "core_courseformat_create_module",
            "core_courseformat_new",
            "core_sms",
            "customfield_number",
            "mod_assign_remove_submission",
            "mod_feedback_questions_reorder",
            "mod_quiz_create_grade_item",
            "mod_quiz_delete_grade_items",
            "mod_quiz_delete_overrides",
            "mod_quiz_get_edit_grading",
            "mod_quiz_get_overrides",
            "mod_quiz_save_overrides",
            "mod_quiz_update_grade_items",
            "mod_quiz_update_slots",
            "qbank_managecategories",
        ),
        "4.5",
    ),
    "core_reportbuilder": "4.1",
    "gradereport_grader": "4.4",
    "mod_quiz_reopen_attempt": "4.4",
    "mod_quiz_get_reopen_attempt": "4.4",
}
UNTIL = dict.fromkeys(
    (
        "core_grades_get_enrolled_users_for_search",
        "core_grades_get_groups_for_search",
        "core_output_load_fontawesome",
        "mod_chat",
        "mod_survey",
        "report_insights_set_fixed",
        "report_insights_set_notuseful",
    ),
    "4.5",
)
"""Prefixes of functions that not all of the mock's releases have."""

MOBILE, OTHERS = "mobile_functions.txt", "other_functions.txt"
"""Moodle's functions: those that the app's service offers, and the rest. Calling one that no service of the caller's
offers is refused, calling one that Moodle does not have is an error."""

STANDARD_PLUGINS = ("aiplacement", "block", "editor", "enrol", "gradereport", "message", "mod", "report", "tool")
OWN_VERSIONS = {("4.5", "mod_feedback"): "2024100701", ("4.5", "tool_lp"): "2024100701"}
"""Standard plugins whose version is not their branch's first."""


def exists(name: str) -> bool:
    """Whether the site has a function of this name, mocked or not."""
    if name in current.site.functions:
        return True
    component = _component(name)
    if component in _plugin_functions():
        return name in _plugin_functions()[component]
    own = name in FUNCTIONS and _is_standard(component) and _is_of(name, current.site.release.number)
    return own or name in mobile_functions() or name in _functions_of(OTHERS, current.site.release.number)


def find(name: str) -> ExternalFunction:
    """The mocked function; NotMockedError for one that Moodle has and the mock has not."""
    found = current.site.functions.get(name)
    if found is None and name in PREDECESSORS:
        installed, predecessor = PREDECESSORS[name]
        found = predecessor if installed() else None
    found = found or FUNCTIONS.get(name)
    if found is None:
        raise NotMockedError(name)
    return found


_OF_SERVICES = ("external_services", "plugins")


def of_service(service: ExternalService) -> dict[str, str]:
    """Names of the functions that a service offers, with their versions, in the order of site_info. What a test
    registers, every service offers."""

    def collect() -> dict[str, str]:
        names = dict.fromkeys((*_names(service), *current.site.functions))
        return {name: version_of(_component(name)) for name in names if exists(name)}

    return current.cached(_OF_SERVICES, ("functions", *_key(service)), collect)


def listed(service: ExternalService) -> list[dict[str, str]]:
    """The same as site_info lists it: one list for all users of a service, as the app's is long."""

    def collect() -> list[dict[str, str]]:
        return [{"name": name, "version": version} for name, version in of_service(service).items()]

    return current.cached(_OF_SERVICES, ("functions listed", *_key(service)), collect)


def _key(service: ExternalService) -> tuple[Hashable, ...]:
    named = tuple(service.functions) if service.functions is not None else None
    return tuple(current.site.functions), service.id, named


def _names(service: ExternalService) -> list[str]:
    if service.functions is not None:
        return list(service.functions)
    if service.shortname == MOBILE_SERVICE:
        mobile = [name for name, function in FUNCTIONS.items() if function.mobile]
        return list(dict.fromkeys((*mobile_functions(), *(name for name in mobile if exists(name)))))
    return list(_plugin_functions().get(service.component or "", ()))


def version_of(component: str) -> str:
    """As site_info tells it: the site's for core, a plugin's own for the rest."""
    release = current.site.release
    if component == "core":
        return current.config("world_version") or release.version
    plugin = current.session.get(Plugin, component)
    if plugin is not None:
        return str(plugin.version)
    return OWN_VERSIONS.get((release.branch, component), release.version[:8] + "00")


def mobile_functions() -> tuple[str, ...]:
    """What the Moodle app's service offers on this release without further plugins."""
    return _functions_of(MOBILE, current.site.release.number)


@cache
def _functions_of(names: str, number: tuple[int, int]) -> tuple[str, ...]:
    listed = (Path(__file__).parent / names).read_text(encoding="ascii").split()
    return tuple(name for name in listed if _is_of(name, number))


def _is_of(name: str, number: tuple[int, int]) -> bool:
    """Whether a release has a function."""
    return _number(_longest(SINCE, name, "3.9")) <= number <= _number(_longest(UNTIL, name, "99.0"))


def _longest(table: dict[str, str], name: str, otherwise: str) -> str:
    """What stands at the longest prefix of the name."""
    found = [prefix for prefix in table if name.startswith(prefix)]
    return table[max(found, key=len)] if found else otherwise


def _number(branch: str) -> tuple[int, int]:
    major, _, minor = branch.partition(".")
    return int(major), int(minor)


def _component(name: str) -> str:
    found = current.site.functions.get(name) or FUNCTIONS.get(name)
    return found.component if found else component_of(name)


def _is_standard(component: str) -> bool:
    return component == "core" or component.partition("_")[0] in STANDARD_PLUGINS


def _plugin_functions() -> dict[str, tuple[str, ...]]:
    """Function names by installed plugin: what its ZIP declares, or what the mock knows of it."""

    def collect() -> dict[str, tuple[str, ...]]:
        return {
            plugin.component: tuple(plugin.read.get("functions", ()))
            or tuple(name for name, function in FUNCTIONS.items() if function.component == plugin.component)
            for plugin in current.session.scalars(select(Plugin))
        }

    return current.cached(("plugins",), "plugin functions", collect)
