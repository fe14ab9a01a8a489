"""Shared by all tests: `programs` is importable everywhere, and in CI a skipped test is a failure."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("real Moodle", "for tests/conformance and tests/e2e")
    group.addoption("--moodle-url", help="address of a real Moodle with the plugin installed; the mock without it")
    group.addoption("--admin-password", help="password of its user admin")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("moodle_url") and not config.getoption("admin_password"):
        raise pytest.UsageError("--moodle-url needs --admin-password")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
