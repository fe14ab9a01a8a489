"""The play: set-up, the student's exam, the review, and what Moodle's log shows of it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import tomlkit

from contract import access, panel, webservice, wire
from contract.condition import WARNINGS
from contract.entry import Status
from demo import clip
from demo.administrator import REVIEWER_ROLE, SERVICE_ROLE, SERVICE_USER, Administrator
from demo.browser import Browser
from demo.narration import DemoError, Narrator
from demo.servers import running
from demo.student import Account, Camera, Engine, chunks, sign_in

HERE = Path(__file__).parent
MOODLE = "4.5"
QUIZ, COURSE_CONTEXT_NAME = 1, "Astronomy"
ADMIN = Account("admin", "Admin.1234")
STUDENT = Account("eileen", "Student.1234")
TEACHER = Account("tamara", "Teacher.1234")
CLIENT_ID = "proctor-engine"
REST_USE = "webservice/rest:use"
SENT_FRAMES_PER_SECOND = 2
SOUND_SECONDS = 5.0
TOLERANCE_SECONDS = 2.0
PATIENCE_SECONDS = 60.0
TITLES = {warning.key: warning.title.en for warning in WARNINGS}


class Demo:
    """Runs once; everything that it starts it also stops."""

    def __init__(self, narrator: Narrator, out: Path) -> None:
        self._narrator, self._out = narrator, out
        self._step, self._say = narrator.step, narrator.say

    def run(self, *, serve: bool = False) -> None:
        self._out.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="proctoring-demo-")))
            archive = self._build()
            with self._step("Start the mock Moodle: a fresh site, with local_oauth and without the plugin"):
                moodle = stack.enter_context(running(self._mock_command(work), self._out / "mock-moodle.log"))
                self._say(moodle)
            engine = f"http://127.0.0.1:{_free_port()}"
            settings = self._set_up(moodle, engine, archive, work)
            with self._step("Start the proctoring engine"):
                command = ["proctor-engine", "serve", "--port", engine.rpartition(":")[2], "--config", str(settings)]
                stack.enter_context(running(command, self._out / "proctor-engine.log"))
                self._say(engine)
            if serve:
                self._wait(moodle, engine)
            else:
                self._play(moodle, engine)

    def _build(self) -> Path:
        with self._step(f"Build the plugin's ZIPs from its templates, and take the one for Moodle {MOODLE}"):
            builder = Path(sys.executable).with_name("examus-build")
            done = subprocess.run(  # noqa: S603 - our own script, no shell
                [str(builder), "--out", str(self._out)], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise DemoError("The build failed.", done.stderr.strip())
            fitting = sorted(self._out.glob(f"*-{MOODLE}.zip"))
            if not fitting:
                raise DemoError(f"There is no ZIP for Moodle {MOODLE} in {self._out}.", "Run `python build.py`.")
            self._say(f"{fitting[0]}, checksum in {self._out / 'SHA256SUMS'}")
            return fitting[0]

    def _mock_command(self, work: Path) -> list[str]:
        world = Path(shutil.copy(HERE / "world.yaml", work))
        world.with_name("eileen.jpg").write_bytes(clip.profile_picture())
        return ["mock-moodle", "serve", "--port", "0", "--world", str(world)]

    def _set_up(self, moodle: str, engine: str, archive: Path, work: Path) -> Path:
        """Clicks through what the plugin's page asks for; returns the engine's settings file."""
        admin = Administrator(moodle, ADMIN.username, ADMIN.password)
        with self._step("Install the ZIP on Moodle's own page"):
            self._say(f"Moodle lists {admin.install_plugin(archive)}")
        with self._step("Switch on web services and the REST protocol"):
            admin.enable_web_services()
            admin.enable_rest()
        with self._step("Make the service's user, role and token; let the teacher review"):
            admin.add_service_user()
            admin.define_role(SERVICE_ROLE, "Proctoring service", (REST_USE, access.WEBSERVICE.full_name()))
            admin.assign_role(SERVICE_ROLE, "Proctoring Service")
            admin.authorise("Proctoring Service")
            token = admin.create_token("Proctoring Service")
            admin.define_role(REVIEWER_ROLE, "Proctoring reviewer", (access.REVIEWER_AUTH.full_name(),), course=True)
            admin.assign_role(REVIEWER_ROLE, "Tamara Teacher", admin.course_context(COURSE_CONTEXT_NAME))
            self._say(f"user {SERVICE_USER}, service {webservice.SERVICE_NAME}, token {token[:6]}...")
        with self._step("Register the engine as an OAuth client and tell the plugin where it is"):
            secret = admin.add_oauth_client(CLIENT_ID, f"{engine}/oauth/callback")
            admin.set_plugin(engineurl=engine, origins=engine)
            keys = admin.setting("panelkeys")
        with self._step("Restrict the quiz: only under proctoring"):
            admin.restrict(QUIZ)
        self._admin = admin
        settings = work / "engine.toml"
        connection: dict[str, Any] = {"url": moodle, "client_id": CLIENT_ID, "client_secret": secret, "token": token}
        connection["panel_keys"] = dict(line.split(":", 1) for line in keys.split())
        # The clip is sent faster than life, so its times run ahead of the clock.
        limits = {"clock_tolerance": 2 * clip.duration(), "chunks_per_minute": 6000}
        values = {"public_url": engine, "data": str(work / "engine"), "moodle": connection, "limits": limits}
        settings.write_text(tomlkit.dumps(values), encoding="utf-8")
        return settings

    def _play(self, moodle: str, engine: str) -> None:
        student = Browser()
        with self._step("The student sees that the exam is closed to her"):
            student.open(f"{moodle}/login/index.php")
            student.submit("form:has(input[name=logintoken])", STUDENT.as_form())
            student.open(f"{moodle}/mod/quiz/view.php", id=QUIZ)
            if student.has("form[action*=startattempt]"):
                raise DemoError("The quiz can be started without proctoring.", "Is the restriction stored?")
        with self._step("She signs in to the engine through Moodle: real redirects, her consent"):
            for address in sign_in(student, engine, STUDENT):
                self._say(address.partition("?")[0])
        api = Engine(student, engine)
        with self._step("The engine asks Moodle for her exams and shows them"):
            exam = self._due_exam(api)
        with self._step("She agrees to be recorded and shows her face"):
            session = api.post("/api/sessions", {"access_code": exam["access_code"], "consent": True})
            self._show_face(api, session["id"])
        with self._step("She opens the exam; the engine proves to Moodle that it is watching"):
            started = api.post(f"/api/sessions/{session['id']}/start")
            camera = Camera(engine, session["id"], session["token"])
            attempt = self._enter(student, moodle, started["entry_url"], camera)
        with self._step(f"She answers before the camera: {clip.duration():.0f} s of clip, sent faster than life"):
            self._film(camera)
            self._answer(student)
        with self._step("She hands in; the engine ends the session"):
            self._hand_in(student, moodle, attempt)
            camera.finish()
        with self._step("The teacher signs in to the engine, looks, and decides"):
            report = self._review(engine, session["id"])
        with self._step("The review arrives in Moodle's log"):
            row = self._arrived()
        self._close(report, row)

    def _due_exam(self, api: Engine) -> Any:
        exams = api.get("/api/exams")["exams"]
        if len(exams) != 1:
            raise DemoError(f"{len(exams)} exams are due, not one.", "See the engine's log.")
        self._say(f"{exams[0]['course']}: {exams[0]['name']}, {exams[0]['minutes']} minutes")
        return exams[0]

    def _show_face(self, api: Engine, session_id: str) -> None:
        face = clip.encode_jpeg(next(iter(clip.frames())))
        checked = api.post(f"/api/sessions/{session_id}/face", content=face)
        self._say(f"face against profile picture: {checked['decision']}, distance {checked['distance']:.2f}")
        if checked["decision"] != "same":
            raise DemoError(f"The face check said {checked['decision']}: {checked['reason']}", "See the engine's log.")

    def _enter(self, student: Browser, moodle: str, entry_url: str, camera: Camera) -> int:
        student.open(entry_url)
        student.submit("form[action*=startattempt]")
        attempt = student.query("attempt")
        if student.has("#responseform"):
            raise DemoError("The questions are shown before anybody watches.", "The plugin should withhold them.")
        handover = f"{moodle}{wire.PLUGIN_PATH}/handover.php"
        key = {"attempt": attempt, "sesskey": student.sesskey()}
        ticket = student.ask(handover, key)
        proof = camera.prove(ticket["ticket"])
        answer = student.ask(handover, {**key, "proof": proof})
        if not answer.get("accepted"):
            raise DemoError(f"Moodle refused the proof: {json.dumps(answer)}", "See both logs.")
        self._say(f"ticket and proof exchanged ({panel.ALGORITHM}); the questions open for {answer['openfor']} s")
        student.open(f"{moodle}/mod/quiz/attempt.php", attempt=attempt)
        return int(attempt)

    def _film(self, camera: Camera) -> None:
        every = clip.FRAMES_PER_SECOND // SENT_FRAMES_PER_SECOND
        sound = chunks(clip.room_noise().tobytes(), SOUND_SECONDS, clip.SAMPLE_RATE)
        heard, block = next(sound)
        for number, frame in enumerate(clip.frames()):
            if number % every:
                continue
            at = number / clip.FRAMES_PER_SECOND
            camera.send("frames", at, clip.encode_jpeg(frame))
            if at >= heard + SOUND_SECONDS - 1 / SENT_FRAMES_PER_SECOND:
                camera.send("audio", heard, block)
                heard, block = next(sound, (float("inf"), b""))

    def _answer(self, student: Browser) -> None:
        student.submit("#responseform", student.answers({"radio": "1"}), button="next")
        student.submit("#responseform", student.answers({"text": "frog"}), button="next")

    def _hand_in(self, student: Browser, moodle: str, attempt: int) -> None:
        student.submit("form:has(input[name=finishattempt])")
        student.open(f"{moodle}/mod/quiz/review.php", attempt=attempt)
        if "Finished" not in student.text():
            raise DemoError("Moodle does not show the attempt as finished.", student.text()[:300])

    def _review(self, engine: str, session_id: str) -> Path:
        teacher = Browser()
        sign_in(teacher, engine, TEACHER)
        api = Engine(teacher, engine)
        facts = self._analysed(api, session_id)
        self._compare(facts["incidents"])
        for incident in facts["incidents"]:
            api.post(f"/api/review/{session_id}/incidents/{incident['number']}", {"decision": "confirmed"})
        comment = "All five signs seen on the recording."
        done = api.post(
            f"/api/review/{session_id}/conclusion", {"conclusion": Status.RULES_VIOLATION.value, "comment": comment}
        )
        self._say(f"score {done['score']}, proposal {facts['proposal']}, conclusion {done['conclusion']}")
        report = self._out / "report.html"
        report.write_bytes(teacher.download(f"{engine}/review/{session_id}/report.html"))
        return report

    def _analysed(self, api: Engine, session_id: str) -> Any:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            facts = api.get(f"/api/review/{session_id}")
            if facts["state"] == "proposed":
                return facts
            time.sleep(0.2)
        raise DemoError(f"The analysis has not ended after {PATIENCE_SECONDS:.0f} s.", "See the engine's log.")

    def _compare(self, incidents: list[dict[str, Any]]) -> None:
        """Says what was found beside what the clip contains; raises if they are not the same."""
        expected = clip.labels()
        found = [incident["type"] for incident in incidents]
        for label, incident in zip(expected, incidents, strict=False):
            off = abs(incident["start"] - label.start)
            self._say(f"{TITLES[label.warning]}: begins at {label.start:.0f} s, found at {incident['start']:.1f} s")
            if incident["type"] != label.warning or off > TOLERANCE_SECONDS:
                raise DemoError(f"{label.warning} at {label.start} s was found as {incident}.", "Compare the clip.")
        if len(found) != len(expected):
            raise DemoError(f"{len(found)} incidents were found, not {len(expected)}: {found}", "Compare the clip.")

    def _arrived(self) -> dict[str, str]:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            for row in self._admin.log():
                if Status.RULES_VIOLATION.value.lower() in " ".join(row.values()).lower():
                    return row
            time.sleep(0.5)
        raise DemoError(f"No review in Moodle's log after {PATIENCE_SECONDS:.0f} s.", "See the engine's log.")

    def _close(self, report: Path, row: dict[str, str]) -> None:
        self._say("Moodle's log now shows:")
        for head, cell in row.items():
            if head and cell:
                self._say(f"  {head}: {cell}")
        self._say(f"The report: {report}")
        self._narrator.durations_table()

    def _wait(self, moodle: str, engine: str) -> None:
        self._say(f"Moodle: {moodle}    engine: {engine}    Ctrl+C stops both.")
        for role, account in (("administrator", ADMIN), ("student", STUDENT), ("teacher and reviewer", TEACHER)):
            self._say(f"{role}: {account.username} / {account.password}")
        while True:
            time.sleep(3600)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
