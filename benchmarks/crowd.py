"""Candidates for the load benchmark: sessions that run, and uploads in real time."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice
from math import inf
from queue import SimpleQueue
from typing import Any

from sqlalchemy import select, update

from contract.condition import WARNING_KEYS
from proctor_engine import clock
from proctor_engine.lms.models import Exam
from proctor_engine.service import Service
from proctor_engine.store import chunks
from proctor_engine.store.model import ExamSession, Kind, Person, State
from proctor_engine.web import tokens
from proctor_engine.web.app import create_app

AWAY = "warning_change_active_window_on_computer"
POLL_SECONDS = 0.2
PATIENCE_SECONDS = 60
STRIDE = 7
"""Seconds of the clip between one candidate's place in it and the next one's."""


@dataclass(frozen=True)
class Delay:
    """Of one piece: from when it was `due`, by time.monotonic(), to its analysis; infinite where that never came."""

    due: float
    seconds: float


@dataclass(frozen=True)
class Seat:
    """A running session and what opens its uploads."""

    session_id: str
    token: str


def seat(service: Service, count: int, first: int = 0) -> list[Seat]:
    with service.database.begin() as db:
        rows = [make_session(number) for number in range(first, first + count)]
        db.add_all(rows)
        db.flush()
        ids = [row.id for row in rows]
    with create_app(service).app_context():
        return [Seat(session_id, tokens.issue_capture(session_id, None)) for session_id in ids]


def make_session(number: int) -> ExamSession:
    at = clock.now()
    return ExamSession(
        person=Person(email=f"{number}@example.org", name=f"Candidate {number}", last_seen=at),
        access_code=f"{number:032}",
        course_id=1,
        cm_id=1,
        course_name="Course",
        exam_name="Exam",
        exam=exam(number),
        state=State.RUNNING,
        created_at=at,
        started_at=at,
        seen_at=at,
        evidence_until=at + timedelta(days=1),
        record_until=at + timedelta(days=1),
    )


def exam(number: int) -> dict[str, Any]:
    made = Exam(
        id=number,
        name="Exam",
        url="http://127.0.0.1:9/",
        status="Started",
        course_name="Course",
        course_id=1,
        cm_id=1,
        accesscode=f"{number:032}",
        mode="olympics",
        scheduling_required=False,
        auto_rescheduling=False,
        warnings=dict.fromkeys(WARNING_KEYS, True),
        is_proctored=True,
        identification="skip",
        is_trial=False,
        auxiliary_camera=False,
    )
    return made.model_dump(mode="json")


def upload(
    service: Service, port: int, seats: Sequence[Seat], seconds: int, frames: Sequence[bytes], sound: Sequence[bytes]
) -> list[Delay]:
    """Lets all candidates upload in real time; returns what each piece waited, in the order in which they were due.

    Each is at another place of the clip: people do not all leave their chairs in the same second.
    """
    restart_clocks(service, seats)
    sent: SimpleQueue[tuple[tuple[str, int], float]] = SimpleQueue()
    threads = [
        threading.Thread(
            target=_sit,
            args=(port, who, seconds, turned(frames, index), turned(sound, index), index / len(seats), sent),
        )
        for index, who in enumerate(seats)
    ]
    for thread in threads:
        thread.start()
    due: dict[tuple[str, int], float] = {}
    delays: dict[tuple[str, int], float] = {}
    until = time.monotonic() + seconds + PATIENCE_SECONDS
    while time.monotonic() < until and (
        any(thread.is_alive() for thread in threads) or not sent.empty() or len(delays) < len(due)
    ):
        time.sleep(POLL_SECONDS)
        with service.database.read() as db:
            done = {row.id: row.next_sequence for row in db.execute(select(ExamSession.id, ExamSession.next_sequence))}
        at = time.monotonic()
        while not sent.empty():
            piece, since = sent.get()
            due[piece] = since
        for (key, sequence), since in due.items():
            if sequence < done[key]:
                delays.setdefault((key, sequence), at - since)
    return [Delay(since, delays.get(piece, inf)) for piece, since in sorted(due.items(), key=lambda item: item[1])]


def turned(pieces: Sequence[bytes], by: int) -> list[bytes]:
    first = by * STRIDE % len(pieces) if pieces else 0
    return [*pieces[first:], *pieces[:first]]


def restart_clocks(service: Service, seats: Sequence[Seat]) -> None:
    with service.database.begin() as db:
        ids = [who.session_id for who in seats]
        db.execute(update(ExamSession).where(ExamSession.id.in_(ids)).values(started_at=clock.now()))


def _sit(
    port: int,
    who: Seat,
    seconds: int,
    frames: Sequence[bytes],
    sound: Sequence[bytes],
    phase: float,
    sent: SimpleQueue[tuple[tuple[str, int], float]],
) -> None:
    """One browser: a frame a second, its second of sound if there is one, an event every ten. The bare client costs the
    machine least."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    began = time.monotonic() + phase
    sequence = 0
    for second, frame in enumerate(islice(cycle(frames), seconds)):
        time.sleep(max(0.0, began + second - time.monotonic()))
        at = second + phase
        pieces = [("frames", frame)]
        if sound:
            pieces.append(("audio", sound[second % len(sound)]))
        if second % 10 == 9:
            report = {"events": [{"type": AWAY, "start": second - 2.0, "end": float(second)}]}
            pieces.append(("events", json.dumps(report).encode()))
        for what, body in pieces:
            _post(connection, f"/api/sessions/{who.session_id}/{what}?sequence={sequence}&time={at:.3f}", who, body)
            sent.put(((who.session_id, sequence), began + second))
            sequence += 1


def send(port: int, seats: Sequence[Seat], frames: Sequence[bytes]) -> None:
    """Some frames of each at once, as fast as they are taken."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    for who in seats:
        for sequence, frame in enumerate(frames):
            _post(connection, f"/api/sessions/{who.session_id}/frames?sequence={sequence}&time={sequence}", who, frame)


def _post(connection: http.client.HTTPConnection, path: str, who: Seat, body: bytes) -> None:
    kind = "application/json" if "/events?" in path else "application/octet-stream"
    connection.request("POST", path, body, {"Authorization": f"Bearer {who.token}", "Content-Type": kind})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != http.client.ACCEPTED:
        raise RuntimeError(f"{path} answered {answer.status}: {content.decode(errors='replace')}")


def pile_up(service: Service, seats: Sequence[Seat], frames: Sequence[bytes], seconds: int) -> None:
    """Stores so many seconds of frames of each, and holds them back until `release`."""
    for index, who in enumerate(seats):
        with service.database.begin() as db:
            row = db.get_one(ExamSession, who.session_id)
            for second in range(seconds):
                arrival = chunks.Arrival(second, Kind.FRAME, float(second), frames[(second + index) % len(frames)])
                chunks.accept(db, service.evidence, service.vault, row, arrival, seconds + 1.0)
            row.pending_since = None


def release(service: Service) -> None:
    with service.database.begin() as db:
        db.execute(update(ExamSession).values(pending_since=clock.now()))
