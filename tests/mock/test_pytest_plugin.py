"""The fixtures, as somebody else's suite meets them."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

SUITE = """
import requests

def info(moodle, token):
    form = {"wstoken": token, "wsfunction": "core_webservice_get_site_info", "moodlewsrestformat": "json"}
    return requests.post(f"{moodle.url}/webservice/rest/server.php", data=form, timeout=30).json()

def test_first(mock_moodle, moodle_world):
    anna = moodle_world.user("anna").enrolled_in("algebra")
    assert info(mock_moodle, anna.token())["userid"] == anna.id
    assert mock_moodle.journal.count(function="core_webservice_get_site_info") == 1

def test_second_starts_afresh(mock_moodle):
    assert [user["username"] for user in mock_moodle.control.export()["users"]] == ["guest", "admin"]
    assert mock_moodle.journal.count() == 0
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_fixtures_need_no_import_and_no_order(pytester: pytest.Pytester, workers: list[str]) -> None:
    pytester.makepyfile(SUITE)
    pytester.runpytest_subprocess(*workers).assert_outcomes(passed=2)


def test_options_are_overridden_in_conftest(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def mock_moodle_options():
            return {"moodle": "4.1", "world": {"users": [{"username": "bea"}]}}
        """
    )
    pytester.makepyfile(
        """
        def test_release(mock_moodle):
            assert mock_moodle.control.site.release.branch == "4.1"
            assert mock_moodle.user("bea").id == 3
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
