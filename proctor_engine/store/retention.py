"""Deleting what has reached its end date, so that nothing of it is left: rows, files, previews and the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from proctor_engine import clock
from proctor_engine.service import Service
from proctor_engine.store.model import (
    AnalysisState,
    Audit,
    Base,
    Booking,
    Chunk,
    Consent,
    Delivery,
    Evidence,
    ExamSession,
    IncidentRow,
    Message,
    Person,
    ReviewRow,
    StaffCourse,
    Track,
    UsedToken,
)
from proctor_engine.store.sessions import LIVE, address_of

OF_A_SESSION: tuple[type[Base], ...] = (
    Delivery,
    ReviewRow,
    Message,
    Consent,
    Track,
    IncidentRow,
    Evidence,
    Chunk,
    AnalysisState,
)
"""Every table that refers to a session, those that refer to each other in the order in which they can go."""
BATCH = 100


@dataclass
class Purged:
    """How many of each went."""

    records: int = 0
    evidence: int = 0
    orphans: int = 0
    people: int = 0


def purge(service: Service) -> Purged:
    """Deletes what is due. Files go first: a crash between leaves a row that says what is to be done again."""
    gone = Purged()
    at = clock.now()
    while batch := _due(service, ExamSession.record_until < at):
        for session_id in batch:
            delete_session(service, session_id)
            gone.records += 1
    while batch := _due(service, ExamSession.evidence_until < at, ExamSession.has_evidence):
        for session_id in batch:
            delete_evidence(service, session_id)
            gone.evidence += 1
    with service.database.begin() as db:
        known = set(db.scalars(select(ExamSession.id)))
        db.execute(delete(UsedToken).where(UsedToken.expires_at < at))
        retention = service.settings.retention
        db.execute(delete(Audit).where(Audit.at < at - timedelta(days=retention.audit_days)))
        unfinished = at - timedelta(days=retention.unfinished_days)
        db.execute(delete(Booking).where(Booking.slot < unfinished))
        nobody = and_(
            ~select(ExamSession.id).where(ExamSession.person_id == Person.id).exists(),
            ~select(Booking.access_code).where(Booking.person_id == Person.id).exists(),
        )
        long_ago = Person.last_seen < unfinished
        gone.people = db.execute(delete(Person).where(nobody, long_ago)).rowcount  # type: ignore[attr-defined]
    for session_id in service.evidence.sessions():
        if session_id not in known:
            service.evidence.delete_session(session_id)
            gone.orphans += 1
    _forget_pages(service)
    return gone


def delete_session(service: Service, session_id: str) -> None:
    """Everything of one session, now."""
    with _files_first(service, session_id) as db:
        _delete_rows(db, OF_A_SESSION, session_id)
        db.execute(delete(ExamSession).where(ExamSession.id == session_id))


def delete_evidence(service: Service, session_id: str) -> None:
    """Pictures, sound, templates and measurements; the record of what was concluded stays."""
    with _files_first(service, session_id) as db:
        _delete_rows(db, (Track, Evidence, Chunk, AnalysisState), session_id)
        db.execute(update(ExamSession).where(ExamSession.id == session_id).values(has_evidence=False))


@contextmanager
def _files_first(service: Service, session_id: str) -> Iterator[Session]:
    """For deleting a session's rows: its files go before them, and after them whatever was written meanwhile."""
    service.evidence.delete_session(session_id)
    with service.database.begin() as db:
        db.execute(select(ExamSession.id).where(ExamSession.id == session_id).with_for_update())
        yield db
    service.evidence.delete_session(session_id)


def erase_person(service: Service, email: str) -> int:
    """Everything about one person; returns how many sessions that were. Moodle's own data are Moodle's to erase."""
    with service.database.read() as db:
        email = address_of(db, email)
        sessions = list(db.scalars(select(ExamSession.id).join(Person).where(Person.email == email)))
    for session_id in sessions:
        delete_session(service, session_id)
    with service.database.begin() as db:
        someone = select(Person.id).where(Person.email == email).scalar_subquery()
        db.execute(delete(Booking).where(Booking.person_id == someone))
        db.execute(delete(Person).where(Person.email == email))
        db.execute(delete(StaffCourse).where(StaffCourse.email == email))
        # That somebody did something stays provable; who it was does not.
        db.execute(update(Audit).where(Audit.actor == email).values(actor="erased"))
        named = or_(Audit.detail == email, Audit.detail.startswith(f"{email} ", autoescape=True))
        db.execute(update(Audit).where(named).values(detail=""))
        db.execute(update(ReviewRow).where(ReviewRow.reviewer == email).values(reviewer="erased"))
        db.execute(update(IncidentRow).where(IncidentRow.decided_by == email).values(decided_by="erased"))
        db.execute(update(Message).where(Message.author == email).values(author="erased"))
    _forget_pages(service)
    return len(sessions)


def erase_exams(service: Service, access_codes: Sequence[str]) -> int:
    """What is known of some exams, as Moodle asks after a privacy request; returns how many sessions that were.

    Whoever has no other exam here goes altogether. Repeating it is harmless.
    """
    with service.database.read() as db:
        query = select(ExamSession.id, Person.email).join(Person).where(ExamSession.access_code.in_(access_codes))
        found = db.execute(query).all()
        booked = select(Person.email).join(Booking, Booking.person_id == Person.id)
        people = {row.email for row in found} | set(db.scalars(booked.where(Booking.access_code.in_(access_codes))))
    for row in found:
        delete_session(service, row.id)
    with service.database.begin() as db:
        db.execute(delete(Booking).where(Booking.access_code.in_(access_codes)))
    for email in sorted(people):
        with service.database.read() as db:
            others = db.scalar(select(ExamSession.id).join(Person).where(Person.email == email).limit(1))
        if others is None:
            erase_person(service, email)
    _forget_pages(service)
    return len(found)


def _due(service: Service, *conditions: object) -> list[str]:
    """A session that still runs is never due."""
    query = select(ExamSession.id).where(*conditions, ExamSession.state.not_in(LIVE))  # type: ignore[arg-type]
    with service.database.begin() as db:
        return list(db.scalars(query.limit(BATCH)))


def _delete_rows(db: Session, tables: tuple[type[Base], ...], session_id: str) -> None:
    for table in tables:
        db.execute(delete(table).where(table.session_id == session_id))  # type: ignore[attr-defined]


def _forget_pages(service: Service) -> None:
    """SQLite's journal beside the database holds deleted pages until it is emptied."""
    if service.database.engine.dialect.name == "sqlite":
        connection = service.database.engine.raw_connection()
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
