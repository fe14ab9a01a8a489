"""enroll, compare, models, bench, batch and configuration, as one would type them."""

from __future__ import annotations

import io
import json
import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from demo import clip
from proctor_engine.cli import main
from proctor_engine.configuration import load_configuration
from proctor_engine.report import AnalysisDocument


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    portrait = clip.profile_picture()
    (folder / "student.jpg").write_bytes(portrait)
    mirrored = np.asarray(Image.open(io.BytesIO(portrait)))[:, ::-1]
    Image.fromarray(mirrored).save(folder / "mirrored.png")
    hopper = files("matplotlib").joinpath("mpl-data/sample_data/grace_hopper.jpg").read_bytes()
    (folder / "stranger.jpg").write_bytes(hopper)
    Image.new("RGB", (300, 300), "white").save(folder / "blank.png")
    return folder


def test_what_is_enrolled_serves_as_reference(folder: Path, tmp_path: Path) -> None:
    reference = tmp_path / "student.json"
    enrolled = run("enroll", folder / "student.jpg", folder / "mirrored.png", "--out", reference)
    assert enrolled.exit_code == 0
    assert "2 photographs" in enrolled.output
    assert reference.stat().st_mode & 0o077 == 0
    out = tmp_path / "out.json"
    assert run("analyze", folder / "mirrored.png", "--reference", reference, "--json", out).exit_code == 0
    assert json.loads(out.read_text())["coverage"]["recognised"] == 1.0


def test_photographs_of_two_people_are_not_enrolled(folder: Path, tmp_path: Path) -> None:
    refused = run("enroll", folder / "student.jpg", folder / "stranger.jpg", "--out", tmp_path / "both.json")
    assert refused.exit_code == 2
    assert "do not look like one person" in refused.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("other", "decision"), [("mirrored.png", "same"), ("stranger.jpg", "different"), ("blank.png", "unsure")]
)
def test_compare_says_same_different_or_why_not(folder: Path, other: str, decision: str) -> None:
    result = run("compare", folder / "student.jpg", folder / other, "--json")
    answer = json.loads(result.output)
    assert answer["decision"] == decision
    assert (answer["distance"] is None) == (decision == "unsure")
    assert any("no face" in reason for reason in answer["reasons"]) == (decision == "unsure")
    assert run("compare", folder / "student.jpg", folder / other).output.startswith(decision)


def test_models_tell_their_licences_and_that_they_are_whole() -> None:
    listed = {model["name"]: model for model in json.loads(run("models", "--verify", "--json").output)}
    assert all(model["problem"] is None for model in listed.values())
    assert not listed["landmarks-68"]["commercial_use"]
    assert "not for commercial use" in run("models").output


def test_bench_measures_this_machine() -> None:
    result = json.loads(run("bench", "--json").output)
    assert result["frames"] == 60
    assert result["candidates_per_core"] >= 1


def test_the_printed_configuration_is_a_file_to_give_back(tmp_path: Path) -> None:
    printed = tmp_path / "own.toml"
    printed.write_text(run("configuration").output)
    assert load_configuration(printed).scoring.attention == 60


def test_a_batch_reports_each_session_and_goes_on_after_a_bad_one(folder: Path, tmp_path: Path) -> None:
    sessions, out = tmp_path / "sessions", tmp_path / "out"
    (sessions / "frames").mkdir(parents=True)
    for number, picture in enumerate(clip.frames((clip.Act(5, ("student",)), clip.Act(6)), rate=1)):
        (sessions / "frames" / f"{number}.jpg").write_bytes(clip.encode_jpeg(picture))
    shutil.copy(folder / "student.jpg", sessions / "frames.jpg")
    (sessions / "broken.mp4").write_text("no film")
    result = run("batch", sessions, "--out", out, "--jobs", 2)
    assert result.exit_code == 2
    lines = {line["session"]: line for line in map(json.loads, result.stdout.splitlines())}
    assert "not a video" in lines["broken"]["error"]
    assert (lines["frames"]["incidents"], lines["frames"]["reference"]) == (1, "frames.jpg")
    assert sorted(path.name for path in out.iterdir()) == ["frames.html", "frames.json"]
    analysis = AnalysisDocument.model_validate_json((out / "frames.json").read_text())
    assert [incident.type for incident in analysis.incidents] == ["warning_no_user_in_frame"]


def test_dlib_itself_says_the_same_of_a_recording(folder: Path, tmp_path: Path) -> None:
    frames = tmp_path / "frames"
    frames.mkdir()
    acts = (clip.Act(3, ("student",)), clip.Act(5), clip.Act(6, ("stranger",)))
    for number, picture in enumerate(clip.frames(acts, rate=1)):
        (frames / f"{number}.jpg").write_bytes(clip.encode_jpeg(picture))
    told = {}
    for backend in ("onnx", "dlib"):
        arguments = ("analyze", frames, "--reference", folder / "student.jpg", "--backend", backend)
        assert run(*arguments, "--json", tmp_path / f"{backend}.json").exit_code == 0
        told[backend] = json.loads((tmp_path / f"{backend}.json").read_text())
    types = [incident["type"] for incident in told["dlib"]["incidents"]]
    assert types == ["warning_no_user_in_frame", "warning_substitution_user"]
    for ours, theirs in zip(told["onnx"]["incidents"], told["dlib"]["incidents"], strict=True):
        assert (ours["type"], ours["start"], ours["end"]) == (theirs["type"], theirs["start"], theirs["end"])
        assert ours["confidence"] == pytest.approx(theirs["confidence"], abs=0.01)


def test_a_batch_of_nothing_is_refused(tmp_path: Path) -> None:
    refused = run("batch", tmp_path, "--out", tmp_path / "out")
    assert refused.exit_code == 2
    assert "no session in it" in refused.output
    assert list(tmp_path.iterdir()) == []


def test_importing_the_package_loads_no_model() -> None:
    import subprocess
    import sys

    heavy = "import proctor_engine, proctor_engine.cli, sys; print({'dlib', 'cv2', 'onnxruntime'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "set()"
