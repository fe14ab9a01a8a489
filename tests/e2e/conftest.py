"""Where the exam is taken: the mock Moodle, or a real one with --moodle-url."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from stage import Stage, mock_stage

from contract.panel import WayIn


@pytest.fixture
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[WayIn], AbstractContextManager[Stage]]]:
    """Both servers, connected for one way in."""
    address = request.config.getoption("moodle_url")
    if not address:
        yield lambda way: mock_stage(tmp_path / "site", way)
        return
    from real_stage import real_stage

    password = request.config.getoption("admin_password")
    yield lambda way: real_stage(tmp_path, way, address, password)
