"""Settings pages that plugins bring: what their ZIP says of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from mock_moodle.admin.setting import Setting
from mock_moodle.site import current
from mock_moodle.store.core import Plugin

PLACES = {"availability": "Availability restrictions", "mod": "Activity modules", "local": "Local plugins"}
"""The category of a plugin's page, by type."""
WITH_PAGE = "availability"
"""Plugins of this type are assumed to bring a page until their ZIP was read."""
NO_ZIP = "The plugin was declared without its ZIP: its settings are not known here. Install the ZIP to see them."
INTRODUCTION = "The mock reads settings.php and runs no PHP. What it could not tell:"


class PluginPage:
    """A plugin's page, and what is missing on it."""

    def __init__(self, plugin: Plugin) -> None:
        read: dict[str, Any] = plugin.read.get("settings") or {}
        kind, _, name = plugin.component.partition("_")
        self.section: str = read.get("section") or f"{kind}setting{name}"
        self.title: str = read.get("title") or plugin.component
        self.path = tuple(part for part in (self.title, PLACES.get(kind, ""), "Plugins") if part)
        self.settings = tuple(_setting(field) for field in read.get("fields", ()))
        self.unread: list[str] = list(read.get("unread", ()))
        if not plugin.read and kind == WITH_PAGE:
            self.unread.append(NO_ZIP)


def plugin_pages() -> Iterator[PluginPage]:
    """Of every plugin that brings one, or may."""
    for plugin in current.session.scalars(select(Plugin).order_by(Plugin.component)):
        page = PluginPage(plugin)
        if page.settings or page.unread:
            yield page


def _setting(field: dict[str, Any]) -> Setting:
    return Setting(
        field["name"],
        field["title"],
        field["kind"],
        field["hint"],
        field["plugin"],
        field["default"],
        tuple((value, title) for value, title in field["options"]),
        field["class"],
    )
