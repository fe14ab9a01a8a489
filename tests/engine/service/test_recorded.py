"""A folder of recorded sessions on the service's Celery workers."""

from __future__ import annotations

import json
import shutil
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from servers import Redis, until
from test_crew import at_work, crew

from demo import clip
from proctor_engine.cli import main
from proctor_engine.commands.job import Job, jobs_in
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import default_configuration
from proctor_engine.report import AnalysisDocument
from proctor_engine.tasks import recorded


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """`june` holds a session whose candidate leaves after five seconds, and a file that is no film."""
    june = tmp_path / "recordings" / "june"
    (june / "ann").mkdir(parents=True)
    for number, picture in enumerate(clip.frames((clip.Act(5, ("student",)), clip.Act(6)), rate=1)):
        (june / "ann" / f"{number}.jpg").write_bytes(clip.encode_jpeg(picture))
    (june / "ann.jpg").write_bytes(clip.profile_picture())
    (june / "broken.mp4").write_text("no film")
    return tmp_path / "recordings"


def batch(folder: Path, out: Path, broker: str) -> Result:
    return CliRunner().invoke(main, ["batch", str(folder), "--out", str(out), "--broker", broker])


def jobs(recordings: Path) -> list[Job]:
    out = recordings / "reports"
    out.mkdir()
    return jobs_in(recordings / "june", default_configuration(), ExamCondition(rules={"allow_voices": True}), out)


def test_workers_analyse_what_lies_in_their_folder_and_touch_nothing_else(
    recordings: Path, redis: Redis, tmp_path: Path
) -> None:
    elsewhere, numbers = tmp_path / "elsewhere", count()
    shutil.copytree(recordings / "june" / "ann", elsewhere / "ann")
    with crew(tmp_path, broker=redis.url, recordings=str(recordings)) as (_, service):
        until(lambda: bool(at_work(service, next(numbers))), "a worker is at work", 120)
        inside = batch(recordings / "june", recordings / "reports", redis.url)
        outside = batch(elsewhere, recordings / "others", redis.url)
    lines = {line["session"]: line for line in map(json.loads, inside.stdout.splitlines())}
    assert inside.exit_code == 2
    assert "not a video" in lines["broken"]["error"]
    assert (lines["ann"]["incidents"], lines["ann"]["reference"]) == (1, "ann.jpg")
    assert sorted(path.name for path in (recordings / "reports").iterdir()) == ["ann.html", "ann.json"]
    analysis = AnalysisDocument.model_validate_json((recordings / "reports" / "ann.json").read_text())
    assert [incident.type for incident in analysis.incidents] == ["warning_no_user_in_frame"]
    assert "nothing else may be read" in json.loads(outside.stdout)["error"]
    assert [*(recordings / "others").iterdir()] == []


def test_without_a_worker_the_command_says_so_at_once(recordings: Path, redis: Redis) -> None:
    refused = batch(recordings / "june", recordings / "reports", redis.url)
    assert refused.exit_code == 2
    assert "no worker listens" in refused.output
    assert (
        "the broker does not answer" in batch(recordings / "june", recordings / "reports", "redis://127.0.0.1:9").output
    )


def test_exams_that_run_come_before_a_recording(recordings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "NEWS_EVERY", 0.0)
    waits = ["exam"] * 7
    told: list[float] = []

    def turn() -> bool:
        if len(told) == 5:
            raise ConnectionError("the database is away")
        return bool(waits and waits.pop())

    line = recorded.analyse(recorded._stored(jobs(recordings)[0]), recordings, turn, told.append)
    assert line["incidents"] == 1
    assert waits == []
    assert told[0] == 0.0


def test_what_is_asked_for_comes_to_the_worker_whole(recordings: Path) -> None:
    job = jobs(recordings)[0]
    sent = json.loads(json.dumps(recorded._stored(job)))
    assert recorded._restored(sent, recordings) == job


class Silent:
    """A task that a worker began and never ended."""

    state = recorded.AT_WORK
    info = {"second": 3.0}  # noqa: RUF012
    forgotten = False


class App:
    def send_task(self, _name: str, _arguments: list[Any]) -> Silent:
        return Silent()


def test_a_worker_that_falls_silent_costs_its_session_and_no_other(
    recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded, "connect", lambda _broker: App())
    monkeypatch.setattr(recorded, "_check", lambda _app: None)
    monkeypatch.setattr(recorded, "SILENT", 0.0)
    lines = list(recorded.distribute("redis://somewhere", jobs(recordings)))
    assert [line["session"] for line in lines] == ["ann", "broken"]
    assert all("has fallen silent: call batch again" in line["error"] for line in lines)
