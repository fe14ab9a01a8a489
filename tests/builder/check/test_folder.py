"""A folder is checked as the ZIP that would be made of it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from builder.crafted_zip import plugin
from hypothesis import given
from hypothesis import strategies as st

from plugin_builder.check import check_path
from plugin_builder.check.content import MOST_BYTES
from plugin_builder.check.folder import FolderBuffer
from plugin_builder.errors import BuildError


def write_plugin(folder: Path) -> Path:
    for entry in plugin(str(folder)):
        path = Path(str(entry.name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(entry.content)
    return folder


def test_it_is_a_zip_of_the_files_without_links(tmp_path: Path) -> None:
    folder = write_plugin(tmp_path / "demo")
    (folder / "пусто").touch()
    (folder / "link").symlink_to("/etc/passwd")
    buffer = FolderBuffer(folder)
    with zipfile.ZipFile(io.BytesIO(buffer[0 : len(buffer)])) as archive:
        assert archive.namelist() == ["demo/lang/en/local_demo.php", "demo/version.php", "demo/пусто"]
        for each in archive.infolist():
            assert each.file_size == (tmp_path / each.filename).stat().st_size
    assert check_path(folder).verdict == "pass"


def test_any_part_of_it(tmp_path: Path) -> None:
    buffer = FolderBuffer(write_plugin(tmp_path / "demo"))
    whole = buffer[0 : len(buffer)]

    @given(st.integers(-5, len(whole) + 5), st.integers(-5, len(whole) + 5))
    def check(start: int, stop: int) -> None:
        assert buffer[start:stop] == whole[start:stop]

    check()


def test_what_lies_beside_the_plugins_files_may_be_larger_than_memory(tmp_path: Path) -> None:
    folder = write_plugin(tmp_path / "demo")
    pack = folder / ".git" / "objects" / "pack"
    pack.parent.mkdir(parents=True)
    with pack.open("wb") as file:
        file.truncate(MOST_BYTES * 4)
    report = check_path(folder)
    assert report.validation.stage == "ok"
    assert {finding.code for finding in report.findings} == {"leftover", "toolarge"}


def test_more_than_a_zip_holds_is_named(tmp_path: Path) -> None:
    folder = write_plugin(tmp_path / "demo")
    with (folder / "video").open("wb") as file:
        file.truncate(2**32)
    with pytest.raises(BuildError, match="more than a ZIP of 4 GB holds; name the plugin's own folder"):
        check_path(folder)
