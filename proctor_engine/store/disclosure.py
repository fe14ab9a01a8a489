"""A person's own data as one file: what the law calls access and portability."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from sqlalchemy import select
from sqlalchemy.inspection import inspect
from sqlalchemy.orm import Session

from proctor_engine.service import Service
from proctor_engine.store.model import Audit, Base, Booking, Evidence, ExamSession, Person, StaffCourse
from proctor_engine.store.retention import OF_A_SESSION
from proctor_engine.store.sessions import address_of

_OMITTED = {
    "sealed",
    "reference",
    "progress",
    "content",
    "busy_until",
    "generation",
    "analyst",
    "pending_since",
    "gaps",
    "settled_seconds",
}
"""Working state of ours that says nothing to a person, and the face's template, which is theirs to have erased."""


def disclose(service: Service, email: str) -> bytes | None:
    """A ZIP with `person.json`, a JSON a session and its pictures; None for somebody unknown.

    Of staff, who need no exam here, it holds what they did, and the courses that were assigned to them.
    """
    content = io.BytesIO()
    with service.database.read() as db, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        email = address_of(db, email)
        person = db.scalar(select(Person).where(Person.email == email))
        looked = db.scalars(select(Audit).where(Audit.actor == email).order_by(Audit.id)).all()
        if person is None and not looked:
            return None
        number = person.id if person else None
        booked = db.scalars(select(Booking).where(Booking.person_id == number).order_by(Booking.slot))
        assigned = db.scalars(select(StaffCourse.course_id).where(StaffCourse.email == email))
        told = {
            "bookings": [_values(row) for row in booked],
            "courses": list(assigned),
            "actions": [_values(row) for row in looked],
        }
        archive.writestr("person.json", _json({**(_values(person) if person else {"email": email}), **told}))
        for session in db.scalars(select(ExamSession).where(ExamSession.person_id == number)):
            archive.writestr(f"{session.id}/session.json", _json(_session(db, session)))
            for piece in db.scalars(select(Evidence).where(Evidence.session_id == session.id)):
                archive.writestr(piece.key, service.evidence.get(piece.key))
    return content.getvalue()


def _session(db: Session, session: ExamSession) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for table in OF_A_SESSION:
        rows = db.scalars(select(table).where(table.session_id == session.id))  # type: ignore[attr-defined]
        parts[table.__tablename__] = [_values(row) for row in rows]
    seen_by = db.scalars(select(Audit).where(Audit.session_id == session.id).order_by(Audit.id))
    return {**_values(session), **parts, "audit": [_values(row) for row in seen_by]}


def _values(row: Base) -> dict[str, Any]:
    return {
        column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs if column.key not in _OMITTED
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
