"""A person's conclusion, and the review that follows from it to Moodle."""

from __future__ import annotations

from sqlalchemy.orm import Session

from contract.condition import WARNINGS
from contract.entry import CONCLUSIONS
from contract.titles import LANGUAGES
from proctor_engine import clock
from proctor_engine.configuration import Configuration
from proctor_engine.lms.models import Review, ReviewThreshold, ReviewWarning
from proctor_engine.store import incidents, sessions
from proctor_engine.store.model import Decision, Delivery, ExamSession, ReviewRow, State

_TITLES: dict[str, dict[str, str]] = {
    warning.key: {str(language): warning.title.in_language(language) for language in LANGUAGES} for warning in WARNINGS
}


class SecondReviewerError(sessions.ConflictError):
    """The same person cannot be the second reviewer of their own review."""


def conclude(
    db: Session,
    configuration: Configuration,
    row: ExamSession,
    reviewer: str,
    conclusion: str,
    comment: str,
    *,
    second_review: bool = False,
) -> ReviewRow:
    """Stores a conclusion. With `second_review`, only the second person's goes to Moodle.

    Raises `ValueError` for a conclusion that Moodle does not know, `WrongStateError` before the analysis has ended,
    `SecondReviewerError` where one person would review twice.
    """
    if conclusion not in {status.value for status in CONCLUSIONS}:
        raise ValueError(f"conclusion: {conclusion!r} is none of {', '.join(status.value for status in CONCLUSIONS)}")
    earlier = list(row.reviews)
    if row.state is State.CONCLUDED:
        sessions.move(row, State.CONCLUDED)
    elif row.state is not State.PROPOSED:
        raise sessions.WrongStateError("the session is {state}, so this cannot be done", state=row.state.value)
    first_of_two = second_review and not earlier
    if second_review and earlier and row.state is State.PROPOSED and earlier[-1].reviewer == reviewer:
        raise SecondReviewerError("the second review must be another person's")
    score = incidents.weigh(incidents.of_session(db, row.id), row, configuration).value
    review = ReviewRow(
        session_id=row.id,
        at=clock.now(),
        reviewer=reviewer,
        conclusion=conclusion,
        comment=comment,
        score=score,
    )
    db.add(review)
    db.flush()
    row.score = score
    if not first_of_two:
        row.state, row.conclusion = State.CONCLUDED, conclusion
        db.add(Delivery(session_id=row.id, review_id=review.id, next_try=clock.now()))
    return review


def as_review(
    db: Session, configuration: Configuration, row: ExamSession, review: ReviewRow, review_link: str
) -> Review:
    """What Moodle is told: dismissed incidents are left out, as they were nothing."""
    rows = incidents.of_session(db, row.id)
    weighed = incidents.weigh(rows, row, configuration)
    standing = [incident for incident in rows if incident.decision is not Decision.DISMISSED]
    start = int(row.started_at.timestamp()) if row.started_at else None
    return Review(
        accesscode=row.access_code,
        status=review.conclusion,
        review_link=review_link,
        comment=review.comment or None,
        score=review.score,
        threshold=ReviewThreshold(attention=weighed.attention, rejected=weighed.rejected),
        session_start=start,
        session_end=int(row.ended_at.timestamp()) if row.ended_at else None,
        warnings=tuple(
            ReviewWarning(
                type=incident.type, start=(start or 0) + int(incident.start), end=(start or 0) + int(incident.end)
            )
            for incident in standing
        ),
        warning_titles={kind: _TITLES[kind] for kind in sorted({incident.type for incident in standing})},
    )
