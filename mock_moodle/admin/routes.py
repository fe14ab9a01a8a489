"""The blueprint of site administration: each module adds its own pages."""

from __future__ import annotations

from flask import Blueprint

from mock_moodle.admin import (
    installaddon,
    logs,
    modedit,
    pictures,
    roles,
    search,
    services,
    settings,
    tokens,
    upgrade,
    users,
)
from mock_moodle.admin.page import add_filters

blueprint = Blueprint("admin", __name__)
add_filters(blueprint)
for module in (search, settings, services, tokens, users, roles, installaddon, upgrade, modedit, pictures, logs):
    module.add_to(blueprint)
