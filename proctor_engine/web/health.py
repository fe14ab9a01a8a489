"""For machines that watch this one: is it alive, is it ready, how much work waits."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from proctor_engine.store.model import Delivery, DeliveryState, ExamSession
from proctor_engine.store.sessions import LIVE
from proctor_engine.tasks.claim import longest_wait, queue_length
from proctor_engine.web.current import service

pages = Blueprint("health", __name__)

WAITING = Gauge("proctor_chunks_waiting", "Chunks that are not analysed yet: scale workers by this")
LONGEST = Gauge("proctor_longest_wait_seconds", "For how long some session has waited for its analysis")
RUNNING = Gauge("proctor_sessions_running", "Sessions that run or are paused")
UNDELIVERED = Gauge("proctor_reviews_undelivered", "Reviews that Moodle has not taken yet")


@pages.get("/health/live")
def live() -> ResponseReturnValue:
    return jsonify({"alive": True})


@pages.get("/health/ready")
def ready() -> ResponseReturnValue:
    """Ready means that the database answers; a Moodle that is down must not take us down with it."""
    try:
        with service().database.read() as db:
            db.execute(select(1))
    except OperationalError:
        return jsonify({"ready": False, "error": "the database does not answer"}), 503
    return jsonify({"ready": True, "object_detector": "on" if service().settings.detector else "off"})


@pages.get("/metrics")
def metrics() -> ResponseReturnValue:
    with service().database.read() as db:
        WAITING.set(queue_length(db))
        LONGEST.set(longest_wait(db))
        RUNNING.set(db.scalar(select(func.count()).where(ExamSession.state.in_(LIVE))) or 0)
        UNDELIVERED.set(db.scalar(select(func.count()).where(Delivery.state != DeliveryState.DELIVERED)) or 0)
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
