"""Plugins come as ZIPs: read, never run."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from mock.rest_client import ask
from mock_server import plugin_zip
from sqlalchemy import select, text

from mock_moodle.app import create_app
from mock_moodle.plugins import installed_version
from mock_moodle.plugins.errors import PluginError
from mock_moodle.plugins.install import from_zip
from mock_moodle.store.core import Capability, ExternalService
from mock_moodle.testing import MockMoodle
from mock_moodle.world.parts import WorldError

VERSION = """<?php
$plugin->component = 'local_grades';
$plugin->version = {version};
$plugin->requires = 2022112800;
$plugin->release = '1.0';
"""
SERVICES = """<?php
$functions = ['local_grades_list' => ['classname' => 'local_grades\\\\external', 'type' => 'read']];
$services = ['Grades' => ['functions' => ['local_grades_list'], 'enabled' => 1, 'shortname' => 'grades']];
"""
ACCESS = """<?php
$capabilities = ['local/grades:view' => [
    'captype' => 'read', 'contextlevel' => CONTEXT_COURSE, 'archetypes' => ['student' => CAP_ALLOW]]];
"""
TABLES = """<?xml version="1.0"?>
<XMLDB PATH="local/grades/db"><TABLES><TABLE NAME="local_grades"><FIELDS>
<FIELD NAME="id" TYPE="int" LENGTH="10" NOTNULL="true" SEQUENCE="true"/>
<FIELD NAME="userid" TYPE="int" LENGTH="10" NOTNULL="true" DEFAULT="0"/>
<FIELD NAME="note" TYPE="text" NOTNULL="false"/>
</FIELDS><INDEXES><INDEX NAME="userid" UNIQUE="false" FIELDS="userid"/></INDEXES></TABLE></TABLES></XMLDB>
"""
STRINGS = "<?php $string['pluginname'] = 'Grades'; $string['grades:view'] = 'View grades';"


def grades_zip(folder: Path, version: int = 2026010100, **changed: str) -> Path:
    files = {
        "version.php": VERSION.format(version=version),
        "db/services.php": SERVICES,
        "db/access.php": ACCESS,
        "db/install.xml": TABLES,
        "lang/en/local_grades.php": STRINGS,
    }
    path = folder / f"grades-{version}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**files, **changed}.items():
            archive.writestr(f"grades/{name}", content)
    return path


def test_a_zip_brings_capabilities_service_functions_and_tables(mock_moodle: MockMoodle, tmp_path: Path) -> None:
    with mock_moodle.control.database() as session:
        from_zip(grades_zip(tmp_path))
        capability = session.get_one(Capability, "local/grades:view")
        assert capability.title == "View grades"
        assert session.scalar(select(ExternalService.shortname).where(ExternalService.name == "Grades")) == "grades"
        session.execute(text("INSERT INTO local_grades (note) VALUES ('x')"))
        assert session.execute(text("SELECT id, userid FROM local_grades")).one() == (1, 0)


def test_a_plugins_function_is_listed_and_may_be_given_an_answer(mock_moodle: MockMoodle, tmp_path: Path) -> None:
    with mock_moodle.control.database():
        from_zip(grades_zip(tmp_path))
    token = mock_moodle.user("anna").token("grades")
    assert ask(mock_moodle, token, "local_grades_list")["errorcode"] == "invalidrecord"
    assert "local_grades_list" in mock_moodle.journal.find(function="local_grades_list")[0].notes[0]
    mock_moodle.answer("local_grades_list", [{"grade": 5}])
    assert ask(mock_moodle, token, "local_grades_list") == [{"grade": 5}]


def test_a_newer_zip_upgrades_and_an_older_one_is_refused(mock_moodle: MockMoodle, tmp_path: Path) -> None:
    with mock_moodle.control.database():
        from_zip(grades_zip(tmp_path, 2026010100))
        from_zip(grades_zip(tmp_path, 2026020200))
        assert installed_version("local_grades") == 2026020200
        with pytest.raises(PluginError, match="Moodle refuses downgrades"):
            from_zip(grades_zip(tmp_path, 2026010100))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"version.php": "<?php $plugin->version = 2026010100;"}, "component"),
        ({"version.php": "<?php $plugin->component = 'local_grades';"}, "version"),
        ({"version.php": "<?php // nothing"}, "version.php"),
        ({"db/install.xml": "<XMLDB"}, "install.xml"),
    ],
)
def test_a_zip_that_moodle_would_refuse_is_refused(
    mock_moodle: MockMoodle, tmp_path: Path, changed: dict[str, str], told: str
) -> None:
    with pytest.raises(PluginError, match=told), mock_moodle.control.database():
        from_zip(grades_zip(tmp_path, **changed))
    with mock_moodle.control.database():
        assert installed_version("local_grades") is None


def test_a_world_file_names_a_zip_beside_it(tmp_path: Path) -> None:
    grades_zip(tmp_path)
    file = tmp_path / "world.yaml"
    file.write_text(
        "site: {settings: {enablemobilewebservice: true}}\nplugins: [{zip: grades-2026010100.zip}]", encoding="utf-8"
    )
    with MockMoodle(file) as moodle:
        token = moodle.user("anna").token("grades")
        moodle.answer("local_grades_list", [])
        assert ask(moodle, token, "local_grades_list") == []


@pytest.mark.parametrize(
    ("plugin", "place", "mend"),
    [
        ({"zip": "none.zip"}, "plugins[0].zip", "none.zip"),
        ({"zip": 7}, "plugins[0].zip", "put it in quotes"),
        ({"zip": "world.json"}, "plugins[0].zip", "Rename the file"),
        ({"zip": "grades-2026010100.zip", "version": 1}, "plugins[0].version", "one of: zip"),
    ],
)
def test_a_zip_that_a_world_file_cannot_install_is_told(
    tmp_path: Path, plugin: dict[str, Any], place: str, mend: str
) -> None:
    grades_zip(tmp_path)
    file = tmp_path / "world.json"
    file.write_text(json.dumps({"plugins": [plugin]}), encoding="utf-8")
    with pytest.raises(WorldError) as told:
        create_app(file)
    assert str(told.value).startswith(f"{file}: {place}: ")
    assert mend in str(told.value)


def test_our_own_plugin_replaces_v08(tmp_path: Path) -> None:
    v08 = {"component": "availability_examus", "version": 2022040102, "release": "v0.8"}
    world = {"plugins": [v08], "services": [{"name": "Examus", "component": v08["component"], "functions": "plugin"}]}
    with MockMoodle(world) as moodle:
        with moodle.control.database() as session:
            before = session.scalar(select(ExternalService.id).where(ExternalService.name == "Examus"))
            from_zip(plugin_zip(tmp_path))
            row = session.scalars(select(ExternalService).where(ExternalService.name == "Examus")).one()
            assert row.id == before
            assert row.shortname == "availability_examus"
            version = installed_version("availability_examus")
        assert version is not None
        assert version > v08["version"]  # type: ignore[operator]
