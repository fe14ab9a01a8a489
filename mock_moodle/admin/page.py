"""What administration pages share: who may, and what a form sent."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from mock_moodle.access import context_system, has_capability
from mock_moodle.errors import MoodleError
from mock_moodle.login.browser import require_login
from mock_moodle.page import admin_title, page, site_course
from mock_moodle.store.core import User
from mock_moodle.webservice.php import to_int


def require_admin(capability: str = "moodle/site:config") -> User:
    """The signed-in user, who may change the site; others get Moodle's refusal."""
    user = require_login()
    if not has_capability(capability, context_system()):
        raise MoodleError("accessdenied", "Access denied")
    return user


def admin_page(template: str, *parts: str, heading: str = "", title: str = "", **values: Any) -> Response:
    """`parts` are the page's place, innermost first: "Manage tokens", "Web services", "Server". They make the title
    where the page has none of its own."""
    trail = [("Site administration", "/admin/search.php"), *((part, "") for part in reversed(parts))]
    return page(
        template,
        title=title or admin_title(*parts),
        heading=heading or parts[0],
        within=site_course().fullname,
        breadcrumb=trail,
        **values,
    )


def sent(name: str, default: str = "") -> str:
    """A form's field as PHP has it: of several of one name the last counts, so that a ticked box wins over the hidden
    0 before it."""
    values = request.form.getlist(name)
    return values[-1] if values else default


def sent_ids(name: str) -> list[int]:
    """The numbers of a list of choices."""
    return [to_int(value) for value in request.form.getlist(name)]


def flag(name: str) -> bool:
    return sent(name) not in ("", "0")


def add_filters(blueprint: Blueprint) -> None:
    """What templates make options of: pairs of value and caption."""
    blueprint.add_app_template_filter(lambda user: (user.id, f"{user.fullname} ({user.email})"), "user_option")
    blueprint.add_app_template_filter(lambda service: (service.id, service.name), "service_option")
    blueprint.add_app_template_filter(lambda value: (value, value), "pair")
    blueprint.add_app_template_filter(lambda number: (number, f"Every {number} questions"), "every")
