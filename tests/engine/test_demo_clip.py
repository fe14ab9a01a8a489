"""The demo's clip holds five incidents; the engine finds those five and nothing else."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import av
import pytest
from click.testing import CliRunner

from demo import clip
from proctor_engine.cli import main


@pytest.fixture(scope="module")
def outputs(demo_clip: Path, profile_picture: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("outputs")
    json_path, report = folder / "out.json", folder / "out.html"
    arguments = ["analyze", str(demo_clip), "--reference", str(profile_picture)]
    result = CliRunner().invoke(main, [*arguments, "--json", str(json_path), "--report", str(report)])
    assert result.exit_code == 0, result.output
    assert "5 incidents" in result.output
    return json_path, report


def test_the_five_incidents_are_found_within_two_seconds_and_nothing_else(outputs: tuple[Path, Path]) -> None:
    found = json.loads(outputs[0].read_text())["incidents"]
    expected = clip.labels()
    assert [incident["type"] for incident in found] == [label.warning for label in expected]
    for incident, label in zip(found, expected, strict=True):
        assert incident["start"] == pytest.approx(label.start, abs=2), label
        assert incident["end"] == pytest.approx(label.end, abs=4), label


def test_the_score_counts_all_but_the_covered_camera(outputs: tuple[Path, Path]) -> None:
    analysis = json.loads(outputs[0].read_text())
    unscored = [incident["type"] for incident in analysis["incidents"] if not incident["scored"]]
    assert unscored == ["warning_camera_no_picture"]
    assert {term["key"] for term in analysis["score"]["terms"]} == {"extra_user", "user_replaced", "absent_user"}
    assert analysis["conclusion"] == "Rules Violation"


def test_the_report_stands_alone_and_shows_each_incident(outputs: tuple[Path, Path]) -> None:
    page = outputs[1].read_text(encoding="utf-8")
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page
    assert page.count("<rect") == 5
    assert page.count('<tr id="incident-') == 5
    assert page.count("data:image/jpeg;base64,") >= 5
    assert page.count("<polyline") >= 5


def test_the_fake_camera_and_microphone_are_what_chromium_reads(tmp_path: Path) -> None:
    plan = (clip.Act(0.4, ("student",)), clip.Act(0.4))
    clip.write_fake_camera(tmp_path / "camera.y4m", plan)
    clip.write_fake_camera(tmp_path / "camera.mjpeg", plan)
    clip.write_fake_microphone(tmp_path / "microphone.wav", plan)
    for name in ("camera.y4m", "camera.mjpeg"):
        with av.open(str(tmp_path / name)) as container:
            frames = list(container.decode(video=0))
        assert (len(frames), frames[0].width, frames[0].height) == (8, 640, 480)
    with wave.open(str(tmp_path / "microphone.wav")) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getnframes()) == (16_000, 1, 12_800)


def test_two_compositions_are_the_same_to_the_pixel() -> None:
    plan = (clip.Act(0.5, ("student", "visitor")),)
    assert all((a == b).all() for a, b in zip(clip.frames(plan), clip.frames(plan), strict=True))
