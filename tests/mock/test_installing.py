"""A plugin's ZIP from the upload to the database, page by page, as an administrator sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mock.campus import Browser, Campus, Page, world
from mock.fuzzing import close
from mock.test_plugins import VERSION, grades_zip
from mock_server import plugin_zip

from mock_moodle.plugins import installed_version
from mock_moodle.store.core import Config

UPLOAD = "/admin/tool/installaddon/index.php"
GO_ON = ".continue form, .continuebutton form"


@pytest.fixture(scope="module")
def _empty() -> Iterator[Campus]:
    campus = Campus(world())
    yield campus
    close(campus.app)


@pytest.fixture
def site(_empty: Campus) -> Campus:
    _empty.site.reset()
    return _empty


@pytest.fixture
def admin(site: Campus) -> Browser:
    return site.sign_in("admin")


def upload(admin: Browser, path: Path) -> Page:
    with path.open("rb") as content:
        page = admin.submit(admin.get(UPLOAD), "form:has([name=zipfile])", {"zipfile": content}, press="submitbutton")
    return admin.follow(page)


def go_on(admin: Browser, page: Page, *steps: str) -> Page:
    """Presses the button of one page after the other, and looks at the titles of where it leads."""
    for title in steps:
        page = admin.follow(admin.submit(page, GO_ON))
        assert page.title.partition(" | ")[0] == title, page.text
    return page


def version(site: Campus, component: str = "local_grades") -> int | None:
    with site.site.visit():
        return installed_version(component)


def test_nothing_is_installed_before_the_database_is_upgraded(site: Campus, admin: Browser, tmp_path: Path) -> None:
    page = upload(admin, grades_zip(tmp_path))
    assert page.title.startswith("Install plugins | Plugins | Administration")
    said = page.form("pre.plugin-install-console").get_text()
    assert said.split("\n")[0] == "Validating local_grades ... OK"
    assert "Validation successful, installation can continue" in said
    page = go_on(admin, page, "Current release information")
    assert "Moodle 4.5.6 (Build: 20250811)" in page.text
    assert version(site) is None
    page = go_on(admin, page, "Plugins check")
    row = [cell.get_text(" ", strip=True) for cell in page.soup.select("#plugins-check tbody td")]
    assert row[:4] == ["Grades /local/grades", "", "2026010100", "Moodle 2022112800"]
    assert "To be installed" in row[4]
    assert version(site) is None
    page = go_on(admin, page, "Upgrading to new version")
    assert "local_grades Success" in page.text
    assert version(site) == 2026010100
    assert go_on(admin, page, "Notifications")  # this plugin brings no settings


def test_an_upgrade_says_from_where_to_where(site: Campus, admin: Browser, tmp_path: Path) -> None:
    steps = ("Current release information", "Plugins check", "Upgrading to new version")
    go_on(admin, upload(admin, grades_zip(tmp_path)), *steps)
    page = upload(admin, grades_zip(tmp_path, 2026020200))
    strong = [line.get_text(strip=True) for line in page.soup.select("pre strong")]
    assert strong == ["[Warning] Target location already exists and will be removed [grades]"]
    page = go_on(admin, page, *steps[:2])
    row = [cell.get_text(" ", strip=True) for cell in page.soup.select("#plugins-check tbody td")]
    assert row[1:3] == ["2026010100", "2026020200"]
    assert "To be upgraded" in row[4]
    assert "Cancel this installation" not in page.text
    go_on(admin, page, steps[2])
    assert version(site) == 2026020200


def test_a_downgrade_gets_no_button_to_go_on(site: Campus, admin: Browser, tmp_path: Path) -> None:
    steps = ("Current release information", "Plugins check", "Upgrading to new version")
    go_on(admin, upload(admin, grades_zip(tmp_path, 2026020200)), *steps)
    page = upload(admin, grades_zip(tmp_path, 2026010100))
    assert "[Error] A higher version of this plugin is already installed [2026020200]" in page.text
    assert "Installation aborted due to validation failure" in page.text
    assert not page.soup.select(GO_ON)
    assert version(site) == 2026020200


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"version.php": "<?php\n$plugin->component = 'local_grades';"}, "[Error] Plugin does not declare its version"),
        (
            {"version.php": VERSION.format(version=2026010100).replace("2022112800", "2099010100")},
            "[Error] Required Moodle version [2099010100]",
        ),
        (
            {"version.php": VERSION.format(version=2026010100).replace("local_grades", "local_marks")},
            "[Error] English language file name mismatch [The given plugin type is missing the expected English",
        ),
    ],
)
def test_the_validation_page_refuses(admin: Browser, tmp_path: Path, changed: dict[str, str], said: str) -> None:
    page = upload(admin, grades_zip(tmp_path, **changed))
    assert said in page.text
    assert page.form(".alert-danger").get_text().endswith(".")  # and how to mend it
    assert not page.soup.select(GO_ON)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"version.php": "<?php // nothing"}, "finds no component"),
        ({"db/install.xml": "<XMLDB"}, "db/install.xml: "),
    ],
)
def test_the_upload_form_comes_back(admin: Browser, tmp_path: Path, changed: dict[str, str], said: str) -> None:
    page = upload(admin, grades_zip(tmp_path, **changed))
    assert said in page.form("form:has([name=zipfile])").get_text()


def test_an_installation_is_cancelled_before_it_began(site: Campus, admin: Browser, tmp_path: Path) -> None:
    page = go_on(admin, upload(admin, grades_zip(tmp_path)), "Current release information", "Plugins check")
    page = admin.follow(admin.submit(page, ".cancelinstallone form"))
    assert "Cancelling installation of plugins" in page.text
    go_on(admin, page, "Notifications")
    assert version(site) is None


def test_confirming_wants_the_page_s_key(site: Campus, admin: Browser, tmp_path: Path) -> None:
    page = upload(admin, grades_zip(tmp_path))
    fields = {str(control["name"]): control["value"] for control in page.form(GO_ON).select("input")}
    assert admin.post(UPLOAD, **{**fields, "sesskey": "forged"}).status == 404
    assert admin.post("/admin/index.php", abortinstall="local_grades", sesskey="forged").title.startswith("Notific")
    assert version(site) is None


def test_new_settings_are_asked_for_once(site: Campus, admin: Browser, tmp_path: Path) -> None:
    page = upload(admin, plugin_zip(tmp_path))
    steps = ("Current release information", "Plugins check", "Upgrading to new version", "New settings")
    page = go_on(admin, page, *steps)
    assert "New settings - Examus proctoring" in page.text
    form, field = "#adminsettings", "s_availability_examus_engineurl"
    assert "begins with http" in admin.submit(page, form, {field: "nonsense"}).text
    page = admin.follow(admin.submit(page, form, {field: "https://engine.example"}))
    assert page.title.startswith("Notifications")
    with site.site.visit() as visit:
        assert visit.session.get_one(Config, ("availability_examus", "engineurl")).value == "https://engine.example"
    assert admin.follow(admin.get("/admin/upgradesettings.php")).title.startswith("Notifications")
