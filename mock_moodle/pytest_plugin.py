"""pytest fixtures. `pip install` registers them; nothing needs to be imported.

    def test_courses(mock_moodle, moodle_world):
        anna = moodle_world.user("anna").enrolled_in("algebra")
        courses = my_client(mock_moodle.url, anna.token()).courses()
        assert mock_moodle.journal.count(function="core_enrol_get_users_courses") == 1

One server serves the whole session (each worker of xdist has its own); before each test it forgets what the last one
did. Override `mock_moodle_options` to start it otherwise: `return {"world": Path("world.yaml"), "moodle": "5.0"}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_moodle.testing import MockMoodle


@pytest.fixture(scope="session")
def mock_moodle_options() -> dict[str, Any]:
    """Keyword arguments of MockMoodle; override this one."""
    return {}


@pytest.fixture(scope="session")
def mock_moodle_server(mock_moodle_options: dict[str, Any]) -> Iterator[MockMoodle]:
    """The session's server, not reset between tests."""
    from mock_moodle.testing import MockMoodle  # so that a session without a mock does not wait for it

    with MockMoodle(**mock_moodle_options) as moodle:
        yield moodle


@pytest.fixture
def mock_moodle(mock_moodle_server: MockMoodle) -> MockMoodle:
    """The server as it was loaded: reset before the test."""
    mock_moodle_server.reset()
    return mock_moodle_server


@pytest.fixture
def moodle_world(mock_moodle: MockMoodle) -> MockMoodle:
    """The same, named after what one does with it: `moodle_world.user("anna").enrolled_in("algebra")`."""
    return mock_moodle
