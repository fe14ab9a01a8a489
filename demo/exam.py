"""The student's exam, from the closed quiz to the attempt that is handed in."""

from __future__ import annotations

import json
from typing import Any

from contract import panel, wire
from demo import clip
from demo.browser import Browser
from demo.narration import DemoError, Narrator
from demo.people import QUIZ, STUDENT
from demo.student import Camera, Engine, chunks, sign_in

SENT_FRAMES_PER_SECOND = 2
SOUND_SECONDS = 5.0


class Exam:
    """One student's way; `sit` returns the engine's id of the session."""

    def __init__(self, narrator: Narrator, moodle: str, engine: str) -> None:
        self._step, self._say = narrator.step, narrator.say
        self._moodle, self._engine = moodle, engine
        self._student = Browser()

    def sit(self) -> str:
        with self._step("The student sees that the exam is closed to her"):
            self._is_closed()
        with self._step("She signs in to the engine through Moodle: real redirects, her consent"):
            for address in sign_in(self._student, self._engine, STUDENT):
                self._say(address.partition("?")[0])
        api = Engine(self._student, self._engine)
        with self._step("The engine asks Moodle for her exams and shows them"):
            exam = self._due(api)
        with self._step("She agrees to be recorded and shows her face"):
            session = api.post("/api/sessions", {"access_code": exam["access_code"], "consent": True})
            self._show_face(api, session["id"])
        with self._step("She opens the exam; the engine proves to Moodle that it is watching"):
            started = api.post(f"/api/sessions/{session['id']}/start")
            camera = Camera(self._engine, session["id"], session["token"])
            self._enter(started["entry_url"], camera)
        with self._step(f"She answers before the camera: {clip.duration():.0f} s of clip, sent faster than life"):
            self._film(camera)
            self._answer()
        with self._step("She hands in, and the engine ends the session"):
            self._hand_in()
            camera.finish()
        return str(session["id"])

    def _is_closed(self) -> None:
        self._student.open(f"{self._moodle}/login/index.php")
        self._student.submit("form:has(input[name=logintoken])", STUDENT.as_form())
        self._student.open(f"{self._moodle}/mod/quiz/view.php", id=QUIZ)
        if self._student.has("form[action*=startattempt]"):
            raise DemoError("The quiz can be started without proctoring.", "Is the restriction stored?")
        self._say(self._student.notice())

    def _due(self, api: Engine) -> Any:
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

    def _enter(self, entry_url: str, camera: Camera) -> None:
        self._student.open(entry_url)
        self._student.submit("form[action*=startattempt]")
        if self._student.has("form input[name=_qf__mod_quiz_form_preflight_check_form]"):
            self._student.submit("form:has([name=_qf__mod_quiz_form_preflight_check_form])", button="submitbutton")
        attempt = self._student.query("attempt")
        if self._student.has("#responseform"):
            raise DemoError("The questions are shown before anybody watches.", "The plugin should withhold them.")
        handover = f"{self._moodle}{wire.PLUGIN_PATH}/handover.php"
        key = {"attempt": attempt, "sesskey": self._student.sesskey()}
        ticket = self._student.ask(handover, key)
        proof = camera.prove(ticket["ticket"])
        answer = self._student.ask(handover, {**key, "proof": proof})
        if not answer.get("accepted"):
            raise DemoError(f"Moodle refused the proof: {json.dumps(answer)}", "See both logs.")
        self._say(f"ticket and proof exchanged ({panel.ALGORITHM}); the questions open for {answer['openfor']} s")
        self._student.open(f"{self._moodle}/mod/quiz/attempt.php", attempt=attempt)

    def _film(self, camera: Camera) -> None:
        sound = chunks(clip.room_noise().tobytes(), SOUND_SECONDS, clip.SAMPLE_RATE)
        heard, block = next(sound)
        for number, frame in enumerate(clip.frames(rate=SENT_FRAMES_PER_SECOND)):
            at = number / SENT_FRAMES_PER_SECOND
            camera.send("frames", at, clip.encode_jpeg(frame))
            if at >= heard + SOUND_SECONDS:
                camera.send("audio", heard, block)
                heard, block = next(sound, (float("inf"), b""))

    def _answer(self) -> None:
        self._student.submit("#responseform", self._student.answers({"radio": "1"}), button="next")
        self._student.submit("#responseform", self._student.answers({"text": "frog"}), button="next")

    def _hand_in(self) -> None:
        self._student.submit("form:has(input[name=finishattempt])")
        if self._student.has("#responseform"):
            raise DemoError("Moodle did not take the attempt.", self._student.text()[:300])
        self._say("the access code ends with the attempt: Moodle leads back to the course, where the exam is closed")
