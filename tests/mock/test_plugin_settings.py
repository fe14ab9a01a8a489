"""A plugin's settings page is what its ZIP says; what only PHP could tell is told on the page."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mock.campus import Browser, Campus, world
from mock.fuzzing import close
from mock.test_plugins import grades_zip
from mock_server import plugin_zip

from mock_moodle.plugins.settings import read_settings
from mock_moodle.store.core import Config

PAGE = "/admin/settings.php?section=availabilitysettingexamus"
FIELD = "s_availability_examus_"


@pytest.fixture(scope="module")
def _installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    campus = Campus(world(), plugins=[plugin_zip(tmp_path_factory.mktemp("plugin"))])
    yield campus
    close(campus.app)


@pytest.fixture
def site(_installed: Campus) -> Campus:
    _installed.site.reset()
    return _installed


@pytest.fixture
def admin(site: Campus) -> Browser:
    return site.sign_in("admin")


def setting(site: Campus, name: str) -> str | None:
    with site.site.visit() as visit:
        row = visit.session.get(Config, ("availability_examus", name))
        return row.value if row else None


def test_our_own_page_has_every_field_with_its_words_and_defaults(admin: Browser) -> None:
    page = admin.get(PAGE)
    assert page.title.startswith("Examus proctoring | Availability restrictions | Plugins | Administration")
    chosen = page.form(f"select[name={FIELD}wayin] option[selected]")
    assert (chosen["value"], chosen.get_text()) == ("panel", "Panel: Moodle carries a frame of the service")
    assert page.form(f"[name='{FIELD}codelifetime[v]']")["value"] == "30"
    assert page.form(f"[name='{FIELD}codelifetime[u]'] option[selected]").get_text() == "days"
    assert not page.form(f"input[type=checkbox][name={FIELD}pushenabled]").has_attr("checked")
    assert page.form(f"[name={FIELD}panelkeys]")["value"].startswith("k1:")
    assert "Quiz pages talk to its windows" in page.text
    assert "panelkeys: its default is made by availability_examus" in page.form("#unread").get_text()


def test_what_is_saved_is_what_the_plugin_reads(site: Campus, admin: Browser) -> None:
    values = {
        f"{FIELD}engineurl": "https://engine.example",
        f"{FIELD}codelifetime[v]": "2",
        f"{FIELD}codelifetime[u]": "3600",
        f"{FIELD}pushenabled": ["0", "1"],
    }
    assert "Changes saved" in admin.follow(admin.submit(admin.get(PAGE), "#adminsettings", values)).text
    assert setting(site, "engineurl") == "https://engine.example"
    assert setting(site, "codelifetime") == "7200"
    assert setting(site, "pushenabled") == "1"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("panelkeys", "k1:short"),
        ("engineurl", "somewhere"),
        ("origins", "nowhere"),
        ("codelifetime[v]", "a day"),
        ("wayin", "balcony"),
    ],
)
def test_settings_that_cannot_be_are_named(admin: Browser, field: str, value: str) -> None:
    refused = admin.submit(admin.get(PAGE), "#adminsettings", {FIELD + field: value})
    hint = f"#hint_{FIELD}{field.partition('[')[0]} .invalid-feedback"
    assert refused.soup.select_one(hint) is not None
    assert value not in admin.get(PAGE).form("#adminsettings").get_text()


def test_a_plugin_without_its_zip_says_so(campus: Campus) -> None:
    page = campus.sign_in("admin").get(PAGE)
    assert "declared without its ZIP" in page.text


def test_the_page_is_found_from_the_administration(admin: Browser) -> None:
    assert admin.get("/admin/search.php").form("a[href*=availabilitysettingexamus]").get_text() == "Examus proctoring"


STRINGS = {"pluginname": "Grades", "limit": "Limit", "limit_desc": "At most so many."}
HEAD = "<?php\nuse local_grades\\local\\limits as bounds;\n"


def fields(source: str, **files: str) -> tuple[list[dict[str, Any]], list[str]]:
    every = {"settings.php": HEAD + source, **files}
    page = read_settings("local_grades", {name: text.encode() for name, text in every.items()}, STRINGS)
    return page["fields"], page["unread"]


def made(arguments: str, kind: str = "text") -> str:
    return f"$settings->add(new admin_setting_config{kind}({arguments}));\n"


@pytest.mark.parametrize(
    ("default", "value"),
    [
        ("7", "7"),
        ("'seven'", "seven"),
        ("2 * DAYSECS", "172800"),
        ("true", "1"),
        ("$seven", "7"),
        ("'a' . 'b'", "ab"),
        ('"$seven days"', "7 days"),
        ("bounds::MOST", "50"),
        ("get_string('limit', 'local_grades')", "Limit"),
        ("new lang_string('limit', 'local_grades')", "Limit"),
    ],
)
def test_a_default_is_read_where_it_can_be(default: str, value: str) -> None:
    limits = "<?php namespace local_grades\\local; class limits { const MOST = 5 * 10; }"
    source = "$seven = 7;\n" + made(f"'local_grades/limit', get_string('limit', 'local_grades'), '', {default}")
    found, unread = fields(source, **{"classes/local/limits.php": limits})
    assert [field["default"] for field in found] == [value]
    assert unread == []


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (made("'local_grades/x', 'X', '', time()"), "Line 3: x: its default is computed."),
        (made("'local_grades/x', get_x(), '', 1"), "Line 3: x: its caption is computed."),
        (
            made("'local_grades/x', 'X', '', 1, get_choices()", "select"),
            "its choices are computed; any value is taken.",
        ),
        (made("$CFG->x, 'X', '', 1"), "Line 3: a setting whose name is computed."),
        ("foreach ([1, 2] as $n) {" + made("\"local_grades/x$n\", 'X', '', 1") + "}", "made in a loop"),
        ("$settings->add(new admin_setting_configcolourpicker('a/b', '', '', ''));", "which the mock does not have"),
    ],
)
def test_what_only_php_could_tell_is_told(source: str, told: str) -> None:
    _, unread = fields(source)
    assert len(unread) == 1
    assert told in unread[0]


def test_a_page_of_its_own_making_is_found_under_its_name(tmp_path: Path) -> None:
    source = (
        "<?php if ($hassiteconfig) {\n"
        "$settings = new admin_settingpage('local_grades', get_string('pluginname', 'local_grades'));\n"
        "$ADMIN->add('localplugins', $settings);\n" + made("'local_grades/limit', 'Limit', '', 3") + "}"
    )
    path = grades_zip(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("grades/settings.php", source)
    site = Campus(world(), plugins=[path])
    page = site.sign_in("admin").get("/admin/settings.php?section=local_grades")
    assert page.form("[name=s_local_grades_limit]")["value"] == "3"
    close(site.app)
