"""Bad input to `analyze`: one line that names the thing, exit code 2, nothing written."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from demo import clip
from proctor_engine.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "text.mp4").write_text("not a film")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "playlist.mp4").write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n")
    (tmp_path / "nothing").mkdir()
    Image.new("RGB", (300, 300), "white").save(tmp_path / "blank.png")
    face = Image.open(io.BytesIO(clip.profile_picture()))
    two = Image.new("RGB", (600, 300))
    two.paste(face, (0, 0))
    two.paste(face, (300, 0))
    two.save(tmp_path / "two.png")
    face.save(tmp_path / "face.png")
    (tmp_path / "damaged.jpg").write_bytes(clip.profile_picture()[:900])
    (tmp_path / "percent.toml").write_text("[scoring]\nattention = 160\n")
    (tmp_path / "typing.toml").write_text("[incidents.absent]\nopens_afterwards = 1\n")
    (tmp_path / "broken.toml").write_text("[incidents\n")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "number.json").write_text('{"rules": 5}')
    (tmp_path / "other.json").write_text('{"rulez": {}}')
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("absent.mp4", "absent.mp4: no such file"),
        ("text.mp4", "text.mp4: not a video"),
        ("empty.mp4", "empty.mp4: not a video"),
        ("playlist.mp4", "playlist.mp4: not a video"),
        ("nothing", "nothing: no picture in the folder"),
        ("damaged.jpg", "damaged.jpg: damaged"),
        ("face.png --reference absent.jpg", "absent.jpg: No such file"),
        ("face.png --reference blank.png", "blank.png: no face found"),
        ("face.png --reference two.png", "two.png: 2 faces found"),
        ("face.png --reference text.mp4", "text.mp4: not a picture"),
        ("face.png --reference list.json", "list.json: not a picture"),
        ("face.png --configuration percent.toml", "percent.toml: scoring.attention"),
        ("face.png --configuration typing.toml", "typing.toml: incidents.absent.opens_afterwards"),
        ("face.png --configuration broken.toml", "broken.toml: not a TOML file"),
        ("face.png --configuration absent.toml", "absent.toml: No such file"),
        ("face.png --condition list.json", "list.json: not a condition"),
        ("face.png --condition number.json", "rules is no object of keys and values"),
        ("face.png --condition other.json", "rules, warnings and scoring: it has none of them"),
        ("face.png --report nowhere/out.html", "nowhere: no such folder"),
        ("--camera 99", "camera 99: cannot be opened"),
    ],
)
def test_one_line_and_nothing_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, named: str
) -> None:
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    result = CliRunner().invoke(main, ["analyze", *arguments.split(), "--json", "out.json"])
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert named in result.output
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
    assert sorted(folder.iterdir()) == before


def test_a_file_and_a_camera_at_once_are_refused() -> None:
    result = CliRunner().invoke(main, ["analyze", "film.mp4", "--camera", "0"])
    assert result.exit_code == 2
    assert "or else --camera" in result.output
