"""The pages of the set-up stand where a real Moodle 4.4 has them, under its titles.

`spec/admin-pages.md` beside the recordings tells them: what GOLDEN names, or ../shared/golden.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conformance.browser import Browser
from conformance.test_golden_replay import golden as golden
from mock_server import serving

PAGE = re.compile(r"^## (\w+)\n`GET ([^`]+)` → 200, title “([^”]+)”", re.MULTILINE)


@pytest.fixture(scope="module")
def admin(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    log = tmp_path_factory.mktemp("pages") / "mock.log"
    with serving(golden / "world.json", log, moodle="4.4") as address:
        browser = Browser(address)
        browser.sign_in("admin", "Admin.1234")
        yield browser


def test_the_pages_of_the_set_up_have_moodles_addresses_and_titles(golden: Path, admin: Browser) -> None:
    listed = PAGE.findall((golden.parent / "spec" / "admin-pages.md").read_text(encoding="utf-8"))
    assert len(listed) > 20
    wrong = {}
    for name, path, title in listed:
        page = admin.get(path)
        if (page.status, page.title) != (200, title):
            wrong[name] = (page.status, page.title)
    assert wrong == {}
