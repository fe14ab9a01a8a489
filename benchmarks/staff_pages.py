"""What the staff's pages cost as the sessions behind them grow."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from statistics import median
from typing import Any

import requests
from sqlalchemy import insert, text

from benchmarks.crowd import exam
from benchmarks.engine import engine
from proctor_engine import clock
from proctor_engine.service import Service
from proctor_engine.store import admins
from proctor_engine.store.model import ExamSession, Person, State
from proctor_engine.web.app import create_app

LIVE = 500
"""Candidates of the exam that the wall shows; all others took theirs before."""
TRIES = 5


def costs(totals: Sequence[int], database: str = "") -> list[dict[str, float]]:
    """Milliseconds for the wall's snapshot of one exam, the queue's first page, and one course's page, also by name."""
    found = []
    with engine(database) as made:
        service = Service.open(made.settings)
        client = create_app(service).test_client()
        with service.database.begin() as db:
            admins.set_password(db, "load", "load")
        token = client.get("/admin/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
        client.post("/admin/sign-in", data={"name": "load", "password": "load", "csrf_token": token})
        known = 0
        for total in totals:
            _add(service, known, total)
            known = total
            found.append(
                {
                    "sessions": total,
                    "wall_ms": _timed(client, "/api/wall/1/1"),
                    "queue_ms": _timed(client, "/review"),
                    "course_ms": _timed(client, "/review/course/1"),
                    "course_by_name_ms": _timed(client, "/review/course/1?name=P+1"),
                }
            )
        service.close()
    return found


def _add(service: Service, first: int, last: int) -> None:
    at = clock.now()
    people = [
        {"id": n + 1, "email": f"{n}@x", "name": f"P {n}", "language": "en", "last_seen": at}
        for n in range(first, last)
    ]
    with service.database.begin() as db:
        db.execute(insert(Person), people)
        db.execute(insert(ExamSession), [_session(number, at) for number in range(first, last)])
        db.execute(text("ANALYZE"))  # As a server does by itself, but at once.


def _session(number: int, at: datetime) -> dict[str, Any]:
    live = number < LIVE
    return {
        "id": f"{number:032x}",
        "person_id": number + 1,
        "access_code": f"{number:032}",
        "course_id": 1 if number < 2 * LIVE else number // 1000,
        "cm_id": 1 if live else number // LIVE,
        "course_name": "Course",
        "exam_name": "Exam",
        "exam": exam(number),
        "state": State.RUNNING if live else State.PROPOSED,
        "created_at": at,
        "started_at": at,
        "score": number % 101,
        "evidence_until": at,
        "record_until": at,
    }


def _timed(client: Any, path: str) -> float:
    spent = []
    for _ in range(TRIES):
        at = time.perf_counter()
        answer = client.get(path)
        spent.append(1000 * (time.perf_counter() - at))
        if answer.status_code != requests.codes.ok:
            raise RuntimeError(f"{path} answered {answer.status_code}")
    return round(median(spent), 1)
