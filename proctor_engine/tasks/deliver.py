"""Reviews on their way to Moodle: each arrives once, however often it must be tried."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import Counter
from sqlalchemy import select

from proctor_engine import clock
from proctor_engine.lms import LmsError, RefusedError, Review
from proctor_engine.service import Service
from proctor_engine.store import reviews
from proctor_engine.store.model import Delivery, DeliveryState, ExamSession, ReviewRow

log = logging.getLogger(__name__)

PAUSES = (10, 30, 120, 600, 1800, 3600)
"""Seconds between tries; the last one repeats."""
LEASE = timedelta(seconds=120)
"""Longer than Moodle is ever waited for: so long nobody else tries the same delivery."""
UNANSWERED = "Moodle was asked, and its answer is not known"
GIVE_UP_AFTER = timedelta(days=7)

DELIVERIES = Counter("proctor_deliveries", "Tries to send a review to Moodle", ["outcome"])


@dataclass(frozen=True)
class _Try:
    delivery_id: int
    session_id: str
    review: Review
    concluded_at: datetime
    is_first: bool


def deliver_due(service: Service) -> int:
    """Tries every delivery whose time has come; returns how many arrived."""
    with service.database.read() as db:
        query = select(Delivery.id).where(Delivery.state == DeliveryState.PENDING, Delivery.next_try <= clock.now())
        due = list(db.scalars(query.order_by(Delivery.id)))
    return sum(_deliver(service, delivery_id) for delivery_id in due)


def _deliver(service: Service, delivery_id: int) -> bool:
    """Asks Moodle without holding the database: a Moodle that is slow must not make us slow."""
    tried = _begin(service, delivery_id)
    if tried is None:
        return False
    try:
        # v0.8 makes a fresh access code each time that a review comes for an entry without attempt: after a try
        # whose answer was lost, look before sending again.
        if tried.is_first or not _arrived(service, tried.review):
            service.moodle.submit(tried.review)
    except LmsError as error:
        log.warning("review not delivered: %s", error.logged, extra={"session": tried.session_id})
        _postpone(service, tried, error)
        return False
    with service.database.begin() as db:
        delivery = db.get(Delivery, delivery_id)
        if delivery is not None:  # Else its person was erased meanwhile.
            delivery.state, delivery.delivered_at, delivery.error = DeliveryState.DELIVERED, clock.now(), None
    DELIVERIES.labels("delivered").inc()
    return True


def _begin(service: Service, delivery_id: int) -> _Try | None:
    """Takes the delivery for a while, and writes down that its fate is uncertain from now on."""
    with service.database.begin() as db:
        at = clock.now()
        query = select(Delivery).where(
            Delivery.id == delivery_id, Delivery.state == DeliveryState.PENDING, Delivery.next_try <= at
        )
        delivery = db.scalar(query.with_for_update(skip_locked=True))
        if delivery is None:
            return None
        row, review = db.get_one(ExamSession, delivery.session_id), db.get_one(ReviewRow, delivery.review_id)
        link = f"{service.settings.public_url}/review/{row.id}"
        told = reviews.as_review(db, service.configuration, row, review, link)
        tried = _Try(delivery.id, row.id, told, review.at, is_first=delivery.error is None)
        delivery.attempts, delivery.next_try, delivery.error = delivery.attempts + 1, at + LEASE, UNANSWERED
        return tried


def _arrived(service: Service, review: Review) -> bool:
    exam = service.moodle.exam(review.accesscode)
    return exam is not None and exam.status == review.status


def _postpone(service: Service, tried: _Try, error: LmsError) -> None:
    with service.database.begin() as db:
        delivery = db.get(Delivery, tried.delivery_id)
        if delivery is None:
            return
        delivery.error = str(error)
        unknown_code = isinstance(error, RefusedError) and error.errorcode == "notdone"
        if unknown_code or clock.now() - tried.concluded_at > GIVE_UP_AFTER:
            delivery.state = DeliveryState.FAILED
            DELIVERIES.labels("failed").inc()
            return
        delivery.next_try = clock.now() + timedelta(seconds=PAUSES[min(delivery.attempts, len(PAUSES)) - 1])
        DELIVERIES.labels("postponed").inc()
