"""A course full of people, put into the engine's own store: for pages that only many make worth looking at."""

from __future__ import annotations

import random
from datetime import timedelta

from sqlalchemy import select

from contract.condition import WARNINGS
from contract.entry import Status
from demo import clip
from proctor_engine import clock
from proctor_engine.service import Service
from proctor_engine.store.model import Chunk, ExamSession, IncidentRow, Kind, Person, State

FIRST = ("Aiko", "Amir", "Anna", "Ben", "Chloe", "Daria", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jonas", "Lena")
LAST = ("Adeyemi", "Berg", "Costa", "Dupont", "Fischer", "Ivanova", "Kaya", "Kim", "Novak", "Okafor", "Rossi", "Sato")
SIGNS = tuple(warning.key for warning in WARNINGS if not warning.technical and warning.key != "warning_cheater")
PICTURES = (("student",), ("student", "visitor"), (), ("stranger",))


def fill(service: Service, count: int, *, state: State, seed: int = 1) -> None:
    """`count` candidates beside one who is there already, whose exam they take too."""
    chance = random.Random(seed)  # noqa: S311 - names and scores
    pictures = [clip.encode_jpeg(next(clip.frames((clip.Act(1, people),), rate=1))) for people in PICTURES]
    with service.database.begin() as db:
        pattern = db.scalars(select(ExamSession).limit(1)).one()
    for number in range(count):
        with service.database.begin() as db:
            name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
            person = Person(email=f"{state.value}{number}@example.com", name=name, last_seen=clock.now())
            db.add(person)
            db.flush()
            row = _session(pattern, person, state, chance)
            db.add(row)
            db.flush()
            _add_picture(service, db, row, chance.choices(pictures, (20, 2, 1, 1))[0])
            if chance.random() < 0.15:
                _add_incident(db, row, chance)


def _session(pattern: ExamSession, person: Person, state: State, chance: random.Random) -> ExamSession:
    now, live = clock.now(), state is State.RUNNING
    score = min(100, int(chance.expovariate(1 / 14)))
    begun = now - timedelta(minutes=chance.randint(5, 50))
    return ExamSession(
        person_id=person.id,
        access_code=f"{chance.getrandbits(128):032x}",
        course_id=pattern.course_id,
        cm_id=pattern.cm_id,
        course_name=pattern.course_name,
        exam_name=pattern.exam_name,
        exam=pattern.exam,
        state=state,
        created_at=begun,
        started_at=begun,
        seen_at=now + timedelta(hours=1) if live and chance.random() < 0.95 else begun,
        ended_at=None if live else now,
        identity=chance.choices(("same", "unsure", "person"), (12, 1, 1))[0],
        score=score,
        proposal=None if live else (Status.SUSPICIOUS if score >= 40 else Status.CLEAN).value,
        evidence_until=now + timedelta(days=90),
        record_until=now + timedelta(days=365),
    )


def _add_picture(service: Service, db: object, row: ExamSession, picture: bytes) -> None:
    key = f"{row.id}/00000000.jpg"
    service.evidence.put(key, picture)
    db.add(  # type: ignore[attr-defined]
        Chunk(session_id=row.id, sequence=0, kind=Kind.FRAME, time=1.0, received_at=clock.now(), evidence_key=key)
    )


def _add_incident(db: object, row: ExamSession, chance: random.Random) -> None:
    start = chance.uniform(10, 200)
    db.add(  # type: ignore[attr-defined]
        IncidentRow(
            session_id=row.id,
            number=1,
            type=chance.choice(SIGNS),
            rule="reported",
            start=start,
            end=start + 8,
            open=row.state is State.RUNNING,
            confidence=0.9,
            scored=True,
            evidence=[start],
        )
    )
