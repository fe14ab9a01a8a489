"""Files that appear whole or not at all, and refusals of one line."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, NoReturn

import pytest

from proctor_engine.commands import outputs
from proctor_engine.errors import MediaError


def full(*_: Any, **__: Any) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_folder_that_takes_no_file_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs.check_writable(tmp_path / "out.json")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(outputs.tempfile, "TemporaryFile", full)
    with pytest.raises(MediaError, match="may not be written to"):
        outputs.check_writable(tmp_path / "out.json")


def test_a_full_disk_leaves_the_old_file_and_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.json"
    outputs.write_whole(path, "old")
    monkeypatch.setattr(outputs.os, "fdopen", full)
    with pytest.raises(MediaError, match=r"out\.json: cannot be written: No space left"):
        outputs.write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_written_through_and_stays_one(tmp_path: Path) -> None:
    """As /dev/stdout is."""
    target, link = tmp_path / "target", tmp_path / "link"
    target.touch()
    link.symlink_to(target)
    outputs.check_writable(link)
    outputs.write_whole(link, "text")
    assert link.is_symlink()
    assert target.read_text() == "text"
