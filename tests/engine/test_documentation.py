"""docs/engine.md shows what is so: its examples run, its names and commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import proctor_engine
from demo import clip
from proctor_engine.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "engine.md").read_text(encoding="utf-8")
RECORDED, LIVE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_examples_run(
    demo_clip: Path,
    profile_picture: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "exam.mp4").symlink_to(demo_clip)
    (tmp_path / "student.jpg").symlink_to(profile_picture)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(RECORDED, "docs/engine.md", "exec"), names)  # noqa: S102  # that is what is tested
    assert len(capsys.readouterr().out.splitlines()) == len(clip.labels())
    assert (tmp_path / "exam.json").exists()
    names |= {
        "condition": proctor_engine.ExamCondition(),
        "BrowserEvent": proctor_engine.BrowserEvent,
        "analysis": proctor_engine.SessionAnalysis(
            proctor_engine.default_configuration(), proctor_engine.ExamCondition()
        ),
        "jpeg": clip.encode_jpeg(next(clip.frames())),
        "pcm": bytes(32_000),
    }
    exec(compile(LIVE, "docs/engine.md", "exec"), names)  # noqa: S102
    assert [incident.type for incident in names["changed"]] == ["warning_extra_display"]  # type: ignore[attr-defined]


def test_every_public_name_is_there_and_documented() -> None:
    table = PAGE.split("## In Python")[1]
    for name in proctor_engine.__all__:
        assert getattr(proctor_engine, name).__name__ == name
        assert f"`{name}`" in table


def test_every_command_is_documented_and_the_other_way_round() -> None:
    documented = set(re.findall(r"^\| `([a-z]+)[ `]", PAGE.split("## What becomes")[0], re.MULTILINE))
    own = {
        name
        for name in main.list_commands(None)  # type: ignore[attr-defined]
        if main.get_command(None, name).callback.__module__.startswith("proctor_engine.commands")  # type: ignore
    }
    assert documented == own
