"""Sites for tests of pages, each back at its first state for every test."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from mock.campus import SUCCESSOR, V08, Browser, Campus, world
from mock.successor import ENGINE, KEY, configure

settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")


@pytest.fixture(scope="session")
def _successor() -> Campus:
    return Campus(world(SUCCESSOR))


@pytest.fixture(scope="session")
def _v08() -> Campus:
    return Campus(world(V08))


@pytest.fixture
def campus(_successor: Campus) -> Campus:
    """With the plugin as this repository builds it."""
    _successor.site.reset()
    _successor.site.clock.freeze()
    return _successor


@pytest.fixture
def campus_v08(_v08: Campus) -> Campus:
    """With availability_examus v0.8."""
    _v08.site.reset()
    _v08.site.clock.freeze()
    return _v08


@pytest.fixture
def connected(campus: Campus) -> None:
    """The plugin of this repository knows its service."""
    configure(campus, engineurl=ENGINE, panelkeys=KEY, pushkeys=KEY)


@pytest.fixture
def anna(campus: Campus) -> Browser:
    """A student who is signed in."""
    return campus.sign_in("anna")
