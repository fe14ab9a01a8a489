"""Installed plugins.

installed_version("availability_examus")     # 2022040102, or None if it is not installed
"""

from __future__ import annotations

from mock_moodle.site import current
from mock_moodle.store.core import Plugin


def installed_version(component: str) -> int | None:
    plugin = current.session.get(Plugin, component)
    return plugin.version if plugin else None
