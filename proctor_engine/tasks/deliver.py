"""Reviews on their way to Moodle: each arrives once, however often it must be tried."""

from __future__ import annotations

import logging
from datetime import timedelta

from prometheus_client import Counter
from sqlalchemy import select

from proctor_engine import clock
from proctor_engine.lms import LmsError, RefusedError
from proctor_engine.service import Service
from proctor_engine.store import reviews
from proctor_engine.store.model import Delivery, DeliveryState, ExamSession, ReviewRow

log = logging.getLogger(__name__)

PAUSES = (10, 30, 120, 600, 1800, 3600)
"""Seconds between tries; the last one repeats."""
GIVE_UP_AFTER = timedelta(days=7)

DELIVERIES = Counter("proctor_deliveries", "Tries to send a review to Moodle", ["outcome"])


def deliver_due(service: Service) -> int:
    """Tries every delivery whose time has come; returns how many arrived."""
    with service.database.begin() as db:
        query = select(Delivery.id).where(Delivery.state == DeliveryState.PENDING, Delivery.next_try <= clock.now())
        due = list(db.scalars(query.order_by(Delivery.id)))
    return sum(_deliver(service, delivery_id) for delivery_id in due)


def _deliver(service: Service, delivery_id: int) -> bool:
    """The row stays locked while Moodle is asked, so that no two processes send the same review."""
    with service.database.begin() as db:
        query = select(Delivery).where(Delivery.id == delivery_id, Delivery.state == DeliveryState.PENDING)
        delivery = db.scalar(query.with_for_update(skip_locked=True))
        if delivery is None:
            return False
        row = db.get_one(ExamSession, delivery.session_id)
        review = db.get_one(ReviewRow, delivery.review_id)
        link = f"{service.settings.public_url}/review/{row.id}"
        uncertain = delivery.error is not None
        delivery.attempts += 1
        try:
            # v0.8 makes a fresh access code each time that a review comes for an entry without attempt: after a try
            # whose answer was lost, look before sending again.
            if not (uncertain and _arrived(service, row, review)):
                service.moodle.submit(reviews.as_review(db, service.configuration, row, review, link))
        except LmsError as error:
            _postpone(delivery, review, error)
            log.warning("review not delivered: %s", error, extra={"session": row.id})
            return False
        delivery.state, delivery.delivered_at, delivery.error = DeliveryState.DELIVERED, clock.now(), None
        DELIVERIES.labels("delivered").inc()
        return True


def _arrived(service: Service, row: ExamSession, review: ReviewRow) -> bool:
    exam = service.moodle.exam(row.access_code)
    return exam is not None and exam.status == review.conclusion


def _postpone(delivery: Delivery, review: ReviewRow, error: LmsError) -> None:
    delivery.error = str(error)
    unknown_code = isinstance(error, RefusedError) and error.errorcode == "notdone"
    if unknown_code or clock.now() - review.at > GIVE_UP_AFTER:
        delivery.state = DeliveryState.FAILED
        DELIVERIES.labels("failed").inc()
        return
    delivery.next_try = clock.now() + timedelta(seconds=PAUSES[min(delivery.attempts, len(PAUSES)) - 1])
    DELIVERIES.labels("postponed").inc()
