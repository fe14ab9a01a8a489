"""The play: set-up, the student's exam, the review, and what Moodle's log shows of it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from contract.entry import Status
from demo import clip
from demo.administrator import Administrator
from demo.exam import Exam
from demo.narration import DemoError, Narrator
from demo.people import ADMIN, MOODLE, STUDENT, TEACHER
from demo.review import PATIENCE_SECONDS, Review
from demo.servers import running
from demo.setup import connect

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Site:
    """Both servers' addresses, and whoever may do everything at Moodle."""

    moodle: str
    engine: str
    admin: Administrator


def play(narrator: Narrator, out: Path, *, serve: bool = False) -> None:
    """Runs the demo, or with `serve` only sets it up and waits. Whatever it starts, it also stops."""
    with site(narrator, out) as place:
        if serve:
            _wait(narrator, place.moodle, place.engine)
        session_id = Exam(narrator, place.moodle, place.engine).sit()
        report = out / "report.html"
        with narrator.step("The teacher signs in to the engine, looks at the evidence, and decides"):
            Review(narrator, place.engine, session_id).conclude(report)
        with narrator.step("The review arrives in Moodle's log"):
            row = _arrived(place.admin)
        narrator.say("Moodle's log now shows:")
        for head, cell in row.items():
            if head and cell:
                narrator.say(f"  {head}: {cell}")
        narrator.say(f"The report: {report}")
        narrator.durations_table()


@contextmanager
def site(narrator: Narrator, out: Path, *options: str) -> Iterator[Site]:
    """Both servers, connected and running, the mock with more `options`; ZIPs and logs go to `out`."""
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="proctoring-demo-")))
        with narrator.step(f"Build the plugin's ZIPs from its templates, and take the one for Moodle {MOODLE}"):
            archive = _build(out)
            narrator.say(f"{archive}, checksum in {out / 'SHA256SUMS'}")
        with narrator.step("Start the mock Moodle: a fresh site, with local_oauth and without the plugin"):
            moodle = stack.enter_context(running([*_mock_command(work), *options], out / "mock-moodle.log"))
            narrator.say(moodle)
        engine, settings = f"http://127.0.0.1:{_free_port()}", work / "engine.toml"
        admin = Administrator(moodle, ADMIN.username, ADMIN.password)
        connect(narrator, admin, archive, engine, settings)
        with narrator.step("Start the proctoring engine"):
            command = ["proctor-engine", "serve", "--port", engine.rpartition(":")[2], "--config", str(settings)]
            stack.enter_context(running(command, out / "proctor-engine.log"))
            narrator.say(engine)
        yield Site(moodle, engine, admin)


def _build(out: Path) -> Path:
    builder = Path(sys.executable).with_name("examus-build")
    command = [str(builder), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    if done.returncode:
        raise DemoError("The build failed.", done.stderr.strip())
    fitting = sorted(out.glob(f"*-{MOODLE}.zip"))
    if not fitting:
        raise DemoError(f"There is no ZIP for Moodle {MOODLE} in {out}.", "Run `python build.py`.")
    return fitting[0]


def _mock_command(work: Path) -> list[str]:
    world = Path(shutil.copy(HERE / "world.yaml", work))
    world.with_name("eileen.jpg").write_bytes(clip.profile_picture())
    return ["mock-moodle", "serve", "--port", "0", "--world", str(world)]


def _free_port() -> int:
    """Both sides must know the engine's address before it starts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _arrived(admin: Administrator) -> dict[str, str]:
    wanted = Status.RULES_VIOLATION.value.lower()
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        for row in admin.log():
            if wanted in " ".join(row.values()).lower():
                return row
        time.sleep(0.5)
    raise DemoError(f"No review in Moodle's log after {PATIENCE_SECONDS:.0f} s.", "See the engine's log.")


def _wait(narrator: Narrator, moodle: str, engine: str) -> None:
    narrator.say(f"Moodle: {moodle}    engine: {engine}    Ctrl+C stops both.")
    for role, account in (("administrator", ADMIN), ("student", STUDENT), ("teacher and reviewer", TEACHER)):
        narrator.say(f"{role}: {account.username} / {account.password}")
    while True:
        time.sleep(3600)
