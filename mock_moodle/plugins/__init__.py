"""Installed plugins.

installed_version("availability_examus")     # 2022040102, or None if it is not installed
"""

from __future__ import annotations

from sqlalchemy import select

from mock_moodle.site import current
from mock_moodle.store.core import Plugin


def installed_version(component: str) -> int | None:
    def read() -> int | None:
        return current.session.scalar(select(Plugin.version).where(Plugin.component == component))

    return current.cached(("plugins",), ("installed", component), read)
