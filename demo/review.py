"""The teacher's review, and what becomes of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from contract.condition import WARNINGS
from contract.entry import Status
from demo import clip
from demo.browser import Browser
from demo.narration import DemoError, Narrator
from demo.people import TEACHER
from demo.student import Engine, sign_in

TOLERANCE_SECONDS = 2.0
PATIENCE_SECONDS = 60.0
TITLES = {warning.key: warning.title.en for warning in WARNINGS}


class Review:
    """One reviewer's way through one session."""

    def __init__(self, narrator: Narrator, engine: str, session_id: str) -> None:
        self._say, self._engine, self._session_id = narrator.say, engine, session_id
        self._teacher = Browser()

    def conclude(self, report: Path) -> None:
        """Looks, confirms, concludes, and saves the report."""
        sign_in(self._teacher, self._engine, TEACHER)
        api = Engine(self._teacher, self._engine)
        facts = self._analysed(api)
        self._compare(facts["incidents"])
        page = f"/api/review/{self._session_id}"
        for incident in facts["incidents"]:
            api.post(f"{page}/incidents/{incident['number']}", {"decision": "confirmed"})
        verdict = {"conclusion": Status.RULES_VIOLATION.value, "comment": "All five signs seen on the recording."}
        done = api.post(f"{page}/conclusion", verdict)
        self._say(f"score {done['score']}, proposed {facts['proposal']}, concluded {done['conclusion']}")
        report.write_bytes(self._teacher.download(f"{self._engine}/review/{self._session_id}/report.html"))

    def _analysed(self, api: Engine) -> Any:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            facts = api.get(f"/api/review/{self._session_id}")
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
