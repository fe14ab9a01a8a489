"""A session's life: what may follow what, and the questions that pages ask."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contract.condition import Identification
from proctor_engine import clock
from proctor_engine.lms.models import Exam, Profile
from proctor_engine.settings import Retention
from proctor_engine.store.model import Consent, ExamSession, Person, State

ALLOWED: dict[State, frozenset[State]] = {
    State.PREPARED: frozenset({State.IDENTIFIED}),
    State.IDENTIFIED: frozenset({State.RUNNING}),
    State.RUNNING: frozenset({State.PAUSED, State.FINISHED}),
    State.PAUSED: frozenset({State.RUNNING, State.FINISHED}),
    State.FINISHED: frozenset({State.PROPOSED}),
    State.PROPOSED: frozenset({State.CONCLUDED}),
    State.CONCLUDED: frozenset({State.CONCLUDED}),
}
LIVE = frozenset({State.RUNNING, State.PAUSED})
CLOCK_STEP = timedelta(seconds=60)
"""Between two machines' clocks there is less; what is more was set."""
ALIVE = timedelta(seconds=15)
"""A browser that was heard of more recently is there."""


class ConflictError(Exception):
    """What was asked for does not go with what is. `text` has places for `values`, so that it can be translated."""

    def __init__(self, text: str, **values: str) -> None:
        super().__init__(text.format(**values))
        self.text = text
        self.values = values


class WrongStateError(ConflictError):
    """The session cannot do this now; the message says where it stands."""


class ElsewhereError(ConflictError):
    """Another browser watches this exam."""


def move(row: ExamSession, state: State) -> None:
    """Raises `WrongStateError` for a step that `ALLOWED` does not hold."""
    if state not in ALLOWED[row.state]:
        raise WrongStateError("the session is {state}, so this cannot be done", state=row.state.value)
    row.state = state


def remember(db: Session, profile: Profile) -> Person:
    """The person behind a profile, with the name that Moodle has for them today."""
    person = db.scalar(select(Person).where(Person.email == profile.email))
    if person is None:
        person = Person(email=profile.email)
        db.add(person)
    person.name, person.language, person.last_seen = profile.name, profile.lang, clock.now()
    db.flush()
    return person


def address_of(db: Session, email: str) -> str:
    """An address as Moodle writes it: whoever types it may use other capitals."""
    return db.scalar(select(Person.email).where(func.lower(Person.email) == email.lower())) or email


def prepare(db: Session, person: Person, exam: Exam, consent: Consent, retention: Retention) -> ExamSession:
    """A new session, or the one that this access code already has: going back to the list loses nothing.

    Raises `WrongStateError` where the access code's session is over, or belongs to somebody else.
    """
    row = by_access_code(db, exam.accesscode)
    if row is not None:
        if row.person_id != person.id:
            raise WrongStateError("this access code is somebody else's")
        if row.state not in {State.PREPARED, State.IDENTIFIED, *LIVE}:
            raise WrongStateError("this exam's session is over")
        return row
    at = clock.now()
    skipped = exam.identification is Identification.SKIP
    unfinished = at + timedelta(days=retention.unfinished_days)
    row = ExamSession(
        person_id=person.id,
        access_code=exam.accesscode,
        course_id=exam.course_id,
        cm_id=exam.cm_id,
        course_name=exam.course_name,
        exam_name=exam.name,
        exam=exam.model_dump(mode="json"),
        state=State.IDENTIFIED if skipped else State.PREPARED,
        identity="skipped" if skipped else None,
        created_at=at,
        evidence_until=unfinished,
        record_until=unfinished,
    )
    db.add(row)
    db.flush()
    consent.session_id = row.id
    db.add(consent)
    db.flush()
    return row


def start(row: ExamSession, retention: Retention) -> None:
    """Starts the clock; a session that runs already goes on, as after a reload."""
    if row.state in LIVE:
        return
    move(row, State.RUNNING)
    row.started_at = row.seen_at = clock.now()
    row.evidence_until, row.record_until = end_dates(row.started_at, retention)


def hold(row: ExamSession, holder: str | None, *, take_over: bool = False) -> bool:
    """Gives a running session to the page that calls itself `holder`; True where another one had it.

    A page that was reloaded keeps its name, and what nobody has named is free. Raises `ElsewhereError` while another
    one is alive, unless it is to be taken over: of two cameras one must be believed.
    """
    if row.holder in {None, holder}:
        row.holder = holder
        return False
    if row.seen_at is not None and clock.now() - row.seen_at < ALIVE and not take_over:
        raise ElsewhereError("this exam is being watched in another browser")
    row.holder = holder
    return True


def seen(row: ExamSession) -> None:
    """Notes a sign of life. Where our clock was set back, the session's own clock goes on as if nothing had been."""
    at = clock.now()
    if row.seen_at is not None and row.started_at is not None and row.seen_at - at > CLOCK_STEP:
        row.started_at -= row.seen_at - at
    row.seen_at = at


def finish(row: ExamSession, reason: str) -> None:
    """Ends the session, once; a second call changes nothing."""
    if row.state not in LIVE:
        if row.started_at is None:
            raise WrongStateError("the session has not started")
        return
    move(row, State.FINISHED)
    row.ended_at, row.end_reason = clock.now(), reason
    row.pending_since = row.pending_since or clock.now()  # For the final step, even where no chunk waits.


def end_dates(end: datetime, retention: Retention) -> tuple[datetime, datetime]:
    """When a session's evidence and when its record must be gone."""
    evidence = end + timedelta(days=retention.evidence_days)
    return evidence, max(evidence, end + timedelta(days=retention.record_days))


def by_access_code(db: Session, access_code: str, *, lock: bool = False) -> ExamSession | None:
    query = select(ExamSession).where(ExamSession.access_code == access_code)
    return db.scalar(query.with_for_update(of=ExamSession) if lock else query)


def started(row: ExamSession) -> datetime:
    """Raises `WrongStateError` for a session that has not."""
    if row.started_at is None:
        raise WrongStateError("the session has not started")
    return row.started_at


def seconds_since_start(row: ExamSession) -> float:
    return ((row.ended_at or clock.now()) - started(row)).total_seconds()


def exam_of(row: ExamSession) -> Exam:
    return Exam.model_validate(row.exam)
