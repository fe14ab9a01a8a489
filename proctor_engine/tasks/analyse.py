"""One step of one session's analysis, exactly once in effect.

Chunks are analysed in the order of their sequence. A step reads what waits, works without holding the database, and
commits its results only if nobody else has committed a step since: then the whole step is void and done again from
the committed state. A worker killed at any moment therefore costs at most one step's work.
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from prometheus_client import Counter, Histogram
from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import Session

from proctor_engine import clock
from proctor_engine.analysis import SessionAnalysis
from proctor_engine.condition import ExamCondition
from proctor_engine.errors import MediaError
from proctor_engine.incidents import BrowserEvent
from proctor_engine.measurements import AudioMeasurement, FrameMeasurement
from proctor_engine.service import Service
from proctor_engine.store import incidents, sessions
from proctor_engine.store.model import AnalysisState, Chunk, ExamSession, Kind, Measurement, State
from proctor_engine.tasks import conclude, objects, trim
from proctor_engine.tasks.shed import keeps
from proctor_engine.tasks.tracks import track
from proctor_engine.vision import ImageError, Reference, decode_jpeg

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)
CHUNKS_PER_STEP = 40
"""Bounds what a killed worker costs, and how long one session keeps a worker from the others."""
REMEMBERED = 64
"""Analyses that a worker keeps warm, so that it need not load what it has just saved."""

FRAMES = Counter("proctor_frames", "Frames taken off the queue", ["outcome"])
DELAY = Histogram("proctor_analysis_delay_seconds", "From a chunk's arrival to its analysis", buckets=(1, 2, 5, 10, 30))


@dataclass
class _Work:
    """What one step has to do, read in one transaction."""

    row: ExamSession
    chunks: list[Chunk]
    missing: int
    last: bool
    state: AnalysisState | None
    objects: dict[str, Any]
    """What the object detector has seen lately."""
    tracks: dict[int, dict[str, Any]] = field(default_factory=dict)

    def remember(self, measurement: FrameMeasurement | AudioMeasurement) -> None:
        """For the review page: a second has one set of values."""
        self.tracks.setdefault(int(measurement.time), {}).update(track(measurement))


class Analyst:
    """Does steps. One for each worker thread or process: it keeps recent analyses warm."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._warm: OrderedDict[str, tuple[int, SessionAnalysis]] = OrderedDict()

    def next_session(self) -> str | None:
        """The session that was served longest ago, of those that have something to analyse and no worker."""
        return next(iter(self.waiting_sessions(1)), None)

    def waiting_sessions(self, limit: int = 1000) -> list[str]:
        """Those that have something to analyse and no worker, the one that was served longest ago first."""
        query = (
            select(ExamSession.id)
            .where(ExamSession.has_pending, or_(ExamSession.busy_until.is_(None), ExamSession.busy_until < clock.now()))
            .order_by(ExamSession.busy_until.asc().nulls_first())
            .limit(limit)
        )
        with self.service.database.begin() as db:
            return list(db.scalars(query))

    def step(self, session_id: str) -> bool:
        """Analyses the next chunks of a session; False where there was nothing to do or somebody else does it."""
        work = self._claim(session_id)
        if work is None:
            return False
        analysis = self._analysis(work)
        for chunk in work.chunks:
            self._feed(analysis, chunk, work)
        if work.last:
            analysis.finish(sessions.seconds_since_start(work.row))
        committed = self._commit(work, analysis)
        if committed:
            self._remember(work.row.id, work.row.generation + 1, analysis)
            trim.discard(self.service, work.row.id)
        return committed

    def _claim(self, session_id: str) -> _Work | None:
        limits = self.service.settings.limits
        with self.service.database.begin() as db:
            at = clock.now()
            leased = db.execute(
                update(ExamSession)
                .where(
                    ExamSession.id == session_id,
                    ExamSession.has_pending,
                    or_(ExamSession.busy_until.is_(None), ExamSession.busy_until < at),
                )
                .values(busy_until=at + LEASE)
            )
            if not leased.rowcount:  # type: ignore[attr-defined]
                return None
            row = db.get_one(ExamSession, session_id)
            over = row.state is State.FINISHED
            waiting = _waiting(db, row)
            chunks = list(_contiguous(waiting, row.next_sequence))
            missing = 0
            if waiting and not chunks:
                patience = timedelta(seconds=0 if over else limits.gap_seconds)
                if waiting[0].received_at + patience > at:
                    row.busy_until = at + timedelta(seconds=1)
                    return None
                missing = waiting[0].sequence - row.next_sequence
                chunks = list(_contiguous(waiting, waiting[0].sequence))
            last = over and len(chunks) == len(waiting) and len(waiting) < CHUNKS_PER_STEP
            state = db.get(AnalysisState, session_id)
            return _Work(row, chunks, missing, last, state, dict(state.objects) if state else {})

    def _analysis(self, work: _Work) -> SessionAnalysis:
        generation, warm = self._warm.pop(work.row.id, (None, None))
        if warm is not None and generation == work.row.generation:
            return warm
        vault, state = self.service.vault, work.state
        reference = Reference.loads(vault.unseal(state.reference)) if state and state.reference else None
        condition = ExamCondition.from_module(work.row.exam)
        if state is None or state.progress is None:
            return SessionAnalysis(self.service.configuration, condition, reference)
        return SessionAnalysis.load(self.service.configuration, condition, reference, vault.unseal(state.progress))

    def _feed(self, analysis: SessionAnalysis, chunk: Chunk, work: _Work) -> None:
        service = self.service
        DELAY.observe((clock.now() - chunk.received_at).total_seconds())
        if chunk.kind is Kind.EVENTS:
            for event in json.loads(service.vault.unseal(chunk.content or b"")):
                analysis.feed_event(BrowserEvent(event["type"], event["start"], event.get("end"), event.get("detail")))
            return
        content = service.evidence.get(chunk.evidence_key or "")
        if chunk.kind is Kind.AUDIO:
            for sound in analysis.listener.hear(content, chunk.time):
                analysis.feed_measurement(sound)
                work.remember(sound)
            return
        if not keeps(chunk.sequence, work.row, service.settings):
            chunk.shed = True
            FRAMES.labels("shed").inc()
            return
        try:
            measurement = analysis.measure_frame(content, chunk.time)
        except (MediaError, ImageError):
            FRAMES.labels("damaged").inc()
            log.warning("damaged frame", extra={"session": work.row.id, "sequence": chunk.sequence})
            return
        analysis.feed_measurement(measurement)
        work.remember(measurement)
        self._look_for_objects(analysis, content, chunk, work)
        FRAMES.labels("analysed").inc()

    def _look_for_objects(self, analysis: SessionAnalysis, content: bytes, chunk: Chunk, work: _Work) -> None:
        model = self.service.settings.detector
        if model is None:
            return
        sightings = objects.open_detector(model).look(decode_jpeg(content))
        for event in objects.follow(work.objects, sightings, chunk.time):
            analysis.feed_event(event)

    def _commit(self, work: _Work, analysis: SessionAnalysis) -> bool:
        """Writes the step's results in one transaction; False where another worker was first."""
        service, claimed = self.service, work.row
        with service.database.begin() as db:
            row = db.scalar(select(ExamSession).where(ExamSession.id == claimed.id).with_for_update(of=ExamSession))
            if row is None or row.generation != claimed.generation:
                log.info("step void", extra={"session": claimed.id})
                return False
            row.generation += 1
            row.busy_until = clock.now()
            row.chunks_missing += work.missing
            for chunk in work.chunks:
                stored = db.merge(chunk, load=True)
                stored.analysed, stored.content = True, None
                row.frames_shed += chunk.shed
                row.next_sequence = chunk.sequence + 1
                row.analysed_seconds = max(row.analysed_seconds, chunk.time)
            for second, values in work.tracks.items():
                known = db.get(Measurement, (row.id, second))
                db.merge(
                    Measurement(session_id=row.id, time=second, values={**(known.values if known else {}), **values})
                )
            incidents.synchronise(db, row.id, analysis.incidents())
            db.flush()
            row.score = incidents.weigh(incidents.of_session(db, row.id), row, service.configuration).value
            state = db.get(AnalysisState, row.id) or AnalysisState(session_id=row.id)
            state.progress = service.vault.seal(analysis.dump())
            state.objects = work.objects
            db.add(state)
            waits = db.scalar(select(exists().where(Chunk.session_id == row.id, ~Chunk.analysed)))
            trim.keep(db, row, service.settings, everything=work.last)
            if work.last:
                conclude.propose(db, service, row)
            row.has_pending = bool(waits) or (row.state is State.FINISHED)
        return True

    def _remember(self, session_id: str, generation: int, analysis: SessionAnalysis) -> None:
        self._warm[session_id] = (generation, analysis)
        while len(self._warm) > REMEMBERED:
            self._warm.popitem(last=False)


def _waiting(db: Session, row: ExamSession) -> list[Chunk]:
    query = select(Chunk).where(Chunk.session_id == row.id, ~Chunk.analysed).order_by(Chunk.sequence)
    return list(db.scalars(query.limit(CHUNKS_PER_STEP)))


def _contiguous(waiting: list[Chunk], first: int) -> list[Chunk]:
    """The chunks from `first` on, up to the first one that is missing."""
    run: list[Chunk] = []
    for chunk in waiting:
        if chunk.sequence != first + len(run):
            break
        run.append(chunk)
    return run


def queue_length(db: Session) -> int:
    """Chunks that wait: the signal to start or stop workers by."""
    return db.scalar(select(func.count()).where(~Chunk.analysed)) or 0
