"""Chromium, and what axe-core says of a page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from clients.environments import modules_of
from programs import need

SERIOUS = ("serious", "critical")


@contextmanager
def chromium() -> Iterator[object]:
    """A browser without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    path = need("chromium")
    with playwright.sync_playwright() as running:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = running.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def axe_script() -> Path:
    return modules_of("axe", need("npm")) / "axe-core" / "axe.min.js"


def findings(page: object, script: Path) -> list[str]:
    """Serious and critical findings, one a line: rule and the elements that break it."""
    page.add_script_tag(path=str(script))  # type: ignore[attr-defined]
    violations = page.evaluate("axe.run().then(result => result.violations)")  # type: ignore[attr-defined]
    return [
        f"{one['id']}: " + "; ".join(node["html"][:120] for node in one["nodes"][:3])
        for one in violations
        if one["impact"] in SERIOUS
    ]
