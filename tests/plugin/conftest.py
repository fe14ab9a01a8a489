"""The plugin as it is rendered for each range of Moodle releases."""

from __future__ import annotations

from functools import cache

import pytest

from plugin_builder.config import Plugin
from plugin_builder.render import render
from plugin_builder.targets import TARGETS, Target


@cache
def _rendered(target: Target) -> dict[str, str]:
    return {name: content.decode() for name, content in render(Plugin(), target).items()}


@pytest.fixture(params=TARGETS, ids=lambda target: target.name)
def target(request: pytest.FixtureRequest) -> Target:
    found = request.param
    assert isinstance(found, Target)
    return found


@pytest.fixture
def files(target: Target) -> dict[str, str]:
    """File name → text."""
    return _rendered(target)
