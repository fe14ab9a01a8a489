"""Addresses that a web server with PHP understands, and clients send."""

from __future__ import annotations

import pytest
import requests
from mock.campus import STUDENT_TOKEN, Campus

from mock_moodle.testing import MockMoodle

REST = "/webservice/rest/server.php"


@pytest.mark.parametrize("path", [REST, f"/{REST}", "//webservice//rest/server.php", f"{REST}/", f"{REST}/core/v1"])
def test_what_follows_a_script_and_doubled_slashes_do_not_count(mock_moodle: MockMoodle, path: str) -> None:
    """A client that joins "https://moodle.example/" and "/webservice/…" is answered, not redirected."""
    form = {
        "wstoken": mock_moodle.user("anna").token(),
        "wsfunction": "core_webservice_get_site_info",
        "moodlewsrestformat": "json",
    }
    sent = requests.post(mock_moodle.url + path, data=form, allow_redirects=False, timeout=30)
    assert (sent.status_code, sent.json()["username"]) == (200, "anna")


@pytest.mark.parametrize("path", ["/login/", "/login/index.php", "/login/index.php/anything"])
def test_a_folder_is_its_index(campus: Campus, path: str) -> None:
    assert campus.visitor().get(path).title == "Log in to the site | campus"


def test_a_scripts_own_path_is_left_to_it(campus: Campus) -> None:
    assert "No valid arguments" in campus.visitor().get("/webservice/pluginfile.php", token=STUDENT_TOKEN).text
    missing = campus.visitor().get("/webservice/pluginfile.php/1/mod_page/content/0/x.txt", token=STUDENT_TOKEN)
    assert (missing.status, missing.response.json["errorcode"]) == (404, "filenotfound")
