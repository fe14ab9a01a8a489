"""The tables. Times are UTC; seconds within a session count from its start."""

from __future__ import annotations

import secrets
from datetime import datetime, timezone
from enum import Enum
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy import Enum as Choice
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """A point in time, aware and in UTC on every database: SQLite forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(timezone.utc) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.replace(tzinfo=timezone.utc) if value and value.tzinfo is None else value


class State(str, Enum):
    """Where a session stands. `docs/service.md` draws the transitions; `sessions.ALLOWED` holds them."""

    PREPARED = "prepared"
    """Consented, not yet identified."""
    IDENTIFIED = "identified"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    """No more chunks are accepted; some may still wait to be analysed."""
    PROPOSED = "proposed"
    """All is analysed, and a conclusion is proposed to a person."""
    CONCLUDED = "concluded"
    """A person, or an explicit automatic mode, has concluded."""


class Kind(str, Enum):
    FRAME = "frame"
    AUDIO = "audio"
    EVENTS = "events"
    SCREEN = "screen"
    """A picture of the shared screen: kept for a person, not analysed."""


class Decision(str, Enum):
    UNDECIDED = "undecided"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class DeliveryState(str, Enum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class MessageKind(str, Enum):
    CHAT = "chat"
    WARN = "warn"
    NOTE = "note"
    """For staff only."""
    EVENT = "event"
    """What browser or service noticed, beside the plugin's warnings: for staff only, never scored. `text` is a
    `notices.Notice`, with its detail after a colon."""


class Purpose(str, Enum):
    """Why a piece of evidence exists: nothing is kept without one."""

    IDENTIFICATION = "identification"
    ANALYSIS = "analysis"
    """In transit: goes as soon as it is analysed, unless it shows an incident."""
    INCIDENT = "incident"
    SURROUNDINGS = "surroundings"
    """What the second camera or the shared screen showed, for a person to look at."""


def _choice(values: type[Enum]) -> Choice:
    return Choice(values, native_enum=False, length=20, values_callable=lambda items: [item.value for item in items])


def _identifier() -> str:
    return secrets.token_hex(16)


class Base(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012
        datetime: Instant,
        dict[str, Any]: JSON,
        list[dict[str, Any]]: JSON,
        list[str]: JSON,
        list[float]: JSON,
        list[list[int]]: JSON,
    }


class Person(Base):
    """A candidate or a member of staff, known by the e-mail address that Moodle vouches for."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    language: Mapped[str] = mapped_column(String(16), default="en")
    last_seen: Mapped[datetime]


class ExamSession(Base):
    """One candidate's one exam."""

    __tablename__ = "exam_session"
    __table_args__ = (
        Index("exam_session_queue", "state", text("score DESC NULLS LAST"), "id").ddl_if(dialect="postgresql"),
        # SQLite has nulls last in this order anyway, and no words for it in an index.
        Index("exam_session_queue", "state", text("score DESC"), "id").ddl_if(dialect="sqlite"),
        Index("exam_session_course", "course_id", "cm_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=_identifier)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    access_code: Mapped[str] = mapped_column(String(255), unique=True)
    course_id: Mapped[int]
    cm_id: Mapped[int]
    course_name: Mapped[str] = mapped_column(Text)
    exam_name: Mapped[str] = mapped_column(Text)
    exam: Mapped[dict[str, Any]]
    """The module as Moodle gave it when the session was prepared: the condition cannot change half-way."""
    state: Mapped[State] = mapped_column(_choice(State), default=State.PREPARED)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    handed_in_at: Mapped[datetime | None]
    """When Moodle said that the attempt is over. The browser then sends what is left and ends the session."""
    seen_at: Mapped[datetime | None]
    """The last sign of life from the candidate's browser."""
    asked_at: Mapped[datetime | None]
    """When Moodle was last asked whether a silent browser's exam is handed in."""
    holder: Mapped[str | None] = mapped_column(String(32))
    """The name that the watching page has given itself; another browser must take over."""
    phone_seen_at: Mapped[datetime | None]
    """The last sign of life from the phone that is the second camera."""
    end_reason: Mapped[str | None] = mapped_column(String(32))
    next_sequence: Mapped[int] = mapped_column(default=0)
    """The first chunk that is not analysed yet."""
    generation: Mapped[int] = mapped_column(default=0)
    """Counts committed analysis steps: of two workers with the same step, one commits and the other's work is void."""
    busy_until: Mapped[datetime | None]
    """A worker's lease, past once it is done. It only saves work: correctness rests on `generation`."""
    analyst: Mapped[str | None] = mapped_column(String(32))
    """The worker that served this session last and has its analysis at hand; others leave it a moment to go on."""
    pending_since: Mapped[datetime | None] = mapped_column(index=True)
    """Since when something waits to be analysed; None where nothing does."""
    gaps: Mapped[list[list[int]]] = mapped_column(default=list)
    """First and last number of each run of chunks that was given up: what comes of them is late, not sent twice."""
    analysed_seconds: Mapped[float] = mapped_column(default=0.0)
    settled_seconds: Mapped[float] = mapped_column(default=0.0)
    """Until when it is decided which frames stay."""
    frames_received: Mapped[int] = mapped_column(default=0)
    frames_shed: Mapped[int] = mapped_column(default=0)
    chunks_missing: Mapped[int] = mapped_column(default=0)
    chunks_late: Mapped[int] = mapped_column(default=0)
    identity: Mapped[str | None] = mapped_column(String(16))
    """`same`, `different`, `unsure`, `skipped`, or `person` where a member of staff decided."""
    identity_attempts: Mapped[int] = mapped_column(default=0)
    score: Mapped[int | None]
    proposal: Mapped[str | None] = mapped_column(String(32))
    conclusion: Mapped[str | None] = mapped_column(String(32))
    has_evidence: Mapped[bool] = mapped_column(default=True)
    evidence_until: Mapped[datetime]
    record_until: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
    incidents: Mapped[list[IncidentRow]] = relationship(order_by="IncidentRow.start", viewonly=True)
    reviews: Mapped[list[ReviewRow]] = relationship(order_by="ReviewRow.id", viewonly=True)
    messages: Mapped[list[Message]] = relationship(order_by="Message.id", viewonly=True)


class AnalysisState(Base):
    """What a worker needs to go on where another stopped. Both are sealed: they hold the face's template."""

    __tablename__ = "analysis_state"

    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"), primary_key=True)
    reference: Mapped[bytes | None] = mapped_column(LargeBinary)
    progress: Mapped[bytes | None] = mapped_column(LargeBinary)
    objects: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Chunk(Base):
    """One acknowledged upload on its way: its row goes with its bytes, once it is settled what of it stays.

    The sequence runs over all kinds, so that a session has one order.
    """

    __tablename__ = "chunk"

    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(_choice(Kind))
    time: Mapped[float]
    received_at: Mapped[datetime]
    evidence_key: Mapped[str | None] = mapped_column(String(255))
    """Where a picture or the sound lies."""
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Events, sealed."""
    discard: Mapped[bool] = mapped_column(default=False)
    """It is to go; the mark is committed before the file is touched."""


class Evidence(Base):
    """A stored picture or document, with its purpose and its end date."""

    __tablename__ = "evidence"
    __table_args__ = (Index("evidence_session_time", "session_id", "time"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"))
    key: Mapped[str] = mapped_column(String(255), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    """`frame`, `reference`, `face`, `document`, `phone` or `screen`."""
    purpose: Mapped[Purpose] = mapped_column(_choice(Purpose))
    time: Mapped[float | None]
    delete_after: Mapped[datetime] = mapped_column(index=True)


class IncidentRow(Base):
    """An interval in which something was seen, and what a person made of it."""

    __tablename__ = "incident"

    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(64))
    rule: Mapped[str] = mapped_column(String(64))
    start: Mapped[float]
    end: Mapped[float]
    open: Mapped[bool]
    confidence: Mapped[float]
    scored: Mapped[bool]
    evidence: Mapped[list[float]]
    """Times of the frames that show it, strongest first."""
    detail: Mapped[str | None] = mapped_column(Text)
    decision: Mapped[Decision] = mapped_column(_choice(Decision), default=Decision.UNDECIDED)
    decided_by: Mapped[str | None] = mapped_column(String(255))
    decided_at: Mapped[datetime | None]


class Track(Base):
    """What the review page draws its tracks from: the moments that one step of the analysis saw."""

    __tablename__ = "track"

    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    """Of the step's first chunk."""
    moments: Mapped[list[dict[str, Any]]]
    """Each with its `time` in whole seconds; a second may be in two steps, by its picture and by its sound."""


class Consent(Base):
    """What the candidate agreed to, in the words they saw."""

    __tablename__ = "consent"

    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"), primary_key=True)
    given_at: Mapped[datetime]
    language: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    purposes: Mapped[list[str]]
    evidence_until: Mapped[datetime]
    record_until: Mapped[datetime]


class Message(Base):
    """Chat between candidate and proctor, the proctor's warnings, and notes."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[MessageKind] = mapped_column(_choice(MessageKind))
    from_staff: Mapped[bool]
    author: Mapped[str] = mapped_column(String(255))
    text: Mapped[str] = mapped_column(Text)


class ReviewRow(Base):
    """One person's conclusion; a second reviewer's follows the first's."""

    __tablename__ = "review"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"), index=True)
    at: Mapped[datetime]
    reviewer: Mapped[str] = mapped_column(String(255))
    """An e-mail address, or `automatic`."""
    conclusion: Mapped[str] = mapped_column(String(32))
    comment: Mapped[str] = mapped_column(Text)
    score: Mapped[int]


class Delivery(Base):
    """A review on its way to Moodle: written in the same transaction as the conclusion, sent until it arrives."""

    __tablename__ = "delivery"
    __table_args__ = (Index("delivery_due", "state", "next_try"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"), index=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), unique=True)
    state: Mapped[DeliveryState] = mapped_column(_choice(DeliveryState), default=DeliveryState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try: Mapped[datetime]
    error: Mapped[str | None] = mapped_column(Text)
    delivered_at: Mapped[datetime | None]


class StaffCourse(Base):
    """A course that a proctor or reviewer works in, as the local administrator assigned it."""

    __tablename__ = "staff_course"

    email: Mapped[str] = mapped_column(String(255), primary_key=True)
    course_id: Mapped[int] = mapped_column(primary_key=True)


class Audit(Base):
    """Who looked at what and who did what. Names a session, never what was seen in it."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(255), index=True)
    action: Mapped[str] = mapped_column(String(64))
    session_id: Mapped[str | None] = mapped_column(String(32), index=True)
    detail: Mapped[str] = mapped_column(Text, default="")


class Booking(Base):
    """A time slot that a candidate chose. Moodle stores it too, but does not tell it."""

    __tablename__ = "booking"

    access_code: Mapped[str] = mapped_column(String(255), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    course_id: Mapped[int]
    cm_id: Mapped[int]
    slot: Mapped[datetime] = mapped_column(index=True)
    moved_from: Mapped[datetime | None] = mapped_column(index=True)
    """The slot before, held until Moodle has agreed to this one."""
    booked_at: Mapped[datetime]


class LocalAdmin(Base):
    """The administrator for first set-up, before Moodle's own access rules are there."""

    __tablename__ = "local_admin"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(255))


class UsedToken(Base):
    """A one-time token that was spent, or a sign-in that was ended; kept until it would have expired anyway."""

    __tablename__ = "used_token"

    token_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
