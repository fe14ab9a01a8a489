"""One turn of the analysis: the next chunks of a few sessions, exactly once in effect.

Chunks of a session are analysed in the order of their sequence. A turn claims what has waited longest, works without
holding the database, and commits each session's results only if nobody else has committed a step of it since: then
that step is void and done again from the committed state. A worker killed at any moment therefore costs at most one
turn's work. Reading and writing is done for all sessions of a turn at once; that makes it cheap.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections import OrderedDict
from typing import Any

from prometheus_client import Counter, Histogram

from proctor_engine import clock
from proctor_engine.analysis import SessionAnalysis
from proctor_engine.condition import ExamCondition
from proctor_engine.errors import MediaError, StateError
from proctor_engine.incidents import BrowserEvent
from proctor_engine.service import Service
from proctor_engine.store import incidents, places
from proctor_engine.store.model import Kind
from proctor_engine.store.notices import Notice
from proctor_engine.store.vault import UnknownKeyError, VaultError
from proctor_engine.tasks import claim, commit, objects, trim
from proctor_engine.tasks.shed import keeps
from proctor_engine.tasks.step import Carried, Done, Step, Stored, Waiting
from proctor_engine.vision import ImageError, Reference, decode_jpeg

log = logging.getLogger(__name__)

REMEMBERED = 200
"""Analyses that a worker keeps warm, so that it need not load what it has just saved."""

FRAMES = Counter("proctor_frames", "Frames taken off the queue", ["outcome"])
DELAY = Histogram("proctor_analysis_delay_seconds", "From a chunk's arrival to its analysis", buckets=(1, 2, 5, 10, 30))


class Analyst:
    """Takes turns. One for each worker thread or process: it keeps recent analyses warm."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.name = secrets.token_hex(8)
        self._warm: OrderedDict[str, tuple[int, Carried]] = OrderedDict()

    def turn(self, only: str | None = None) -> bool:
        """Analyses the next chunks of some sessions, or of one; False where nothing was to be done.

        What somebody else has committed meanwhile is done again, next time.
        """
        if only is None:
            with self.service.database.read() as db:
                if not claim.anything_waits(db, self.name):
                    return False
        steps, known = self._claim(only)
        done = [result for step in steps if (result := self._try(step, known)) is not None]
        committed = commit.write(self.service, done)
        for result in committed:
            self._remember(result)
        if settled := [result.step.session_id for result in committed if trim.is_due(result)]:
            trim.discard(self.service, settled)
        return bool(steps)

    def _claim(self, only: str | None) -> tuple[list[Step], dict[str, Carried | Stored]]:
        """The steps, and what each goes on from: what this worker has at hand, or else what is stored."""
        with self.service.database.begin() as db:
            steps = claim.claim(db, self.name, self.service.settings.limits, only)
            known: dict[str, Carried | Stored] = {}
            for step in steps:
                generation, carried = self._warm.pop(step.session_id, (None, None))
                if carried is not None and generation == step.generation:
                    known[step.session_id] = carried
            cold = [step.session_id for step in steps if step.session_id not in known]
            known.update(claim.stored(db, cold) if cold else {})
        return steps, known

    def _try(self, step: Step, known: dict[str, Carried | Stored]) -> Done | None:
        """None where this session cannot be analysed: it keeps its lease for a while, and the others go on."""
        try:
            carried = known[step.session_id]
            done = Done(step, carried if isinstance(carried, Carried) else self._load(step.session_id, carried))
            for chunk in step.chunks:
                self._feed(done, chunk)
            if step.last:
                done.carried.analysis.finish(step.elapsed)
        except Exception:
            log.exception("a step failed; it will be tried again", extra={"session": step.session_id})
            return None
        return done

    def _load(self, session_id: str, stored: Stored) -> Carried:
        vault, configuration = self.service.vault, self.service.configuration
        condition = ExamCondition.from_module(stored.exam)
        reference, renewed = None, False
        if stored.reference is not None:
            reference = Reference.loads(vault.unseal(stored.reference, places.reference(session_id)))
        if stored.progress is None:
            analysis = SessionAnalysis(configuration, condition, reference)
        else:
            saved = vault.unseal(stored.progress, places.progress(session_id))
            try:
                analysis = SessionAnalysis.load(configuration, condition, reference, saved)
            except StateError:
                # Of another release, most likely. Waiting for it would leave the exam without any analysis.
                log.warning("a saved analysis cannot be taken up; it begins anew", extra={"session": session_id})
                with self.service.database.read() as db:
                    found = incidents.analysed(db, session_id)
                analysis, renewed = SessionAnalysis.after(configuration, condition, reference, found), True
        is_stored = stored.reference is not None or stored.progress is not None
        return Carried(analysis, stored.objects, is_stored=is_stored, renewed=renewed)

    def _feed(self, done: Done, chunk: Waiting) -> None:
        if chunk.kind is Kind.EVENTS:
            self._feed_events(done.carried.analysis, chunk)
            return
        if chunk.kind is Kind.SCREEN:
            return
        if chunk.kind is Kind.FRAME and not keeps(chunk.sequence, done.step.waited, self.service.settings):
            done.shed += 1
            FRAMES.labels("shed").inc()
            return
        try:
            content = self.service.evidence.get(chunk.evidence_key or "")
        except UnknownKeyError:
            raise  # The key may be on its way to this machine: nothing is given up for that.
        except (FileNotFoundError, VaultError) as error:
            # One lost or damaged file must not keep the rest of the exam from being analysed.
            log.error("a chunk cannot be read: %s", error, extra=_about(chunk))
            return
        if chunk.kind is Kind.AUDIO:
            for sound in done.carried.analysis.listener.hear(content, chunk.time):
                done.carried.analysis.feed_measurement(sound)
                done.tracks.add(sound)
        else:
            self._feed_frame(done, chunk, content)

    def _feed_events(self, analysis: SessionAnalysis, chunk: Waiting) -> None:
        content = self.service.vault.unseal(chunk.content or b"", places.events(chunk.session_id, chunk.sequence))
        for event in json.loads(content):
            if event["type"] == Notice.TAKEN_OVER:
                analysis.end_browsers_signs(event["start"])
                continue
            analysis.feed_event(BrowserEvent(event["type"], event["start"], event.get("end"), event.get("detail")))

    def _feed_frame(self, done: Done, chunk: Waiting, content: bytes) -> None:
        analysis = done.carried.analysis
        try:
            measurement = analysis.measure_frame(content, chunk.time)
        except (MediaError, ImageError):
            FRAMES.labels("damaged").inc()
            log.warning("damaged frame", extra=_about(chunk))
            return
        analysis.feed_measurement(measurement)
        done.tracks.add(measurement)
        if (model := self.service.settings.detector) is not None:
            sightings = objects.open_detector(model).look(decode_jpeg(content))
            for event in objects.follow(done.carried.objects, sightings, chunk.time):
                analysis.feed_event(event)
        FRAMES.labels("analysed").inc()

    def _remember(self, done: Done) -> None:
        step, at = done.step, clock.now()
        for chunk in step.chunks:
            DELAY.observe((at - chunk.received_at).total_seconds())
        self._warm[step.session_id] = (step.generation + 1, done.carried)
        while len(self._warm) > REMEMBERED:
            self._warm.popitem(last=False)


def _about(chunk: Waiting) -> dict[str, Any]:
    return {"session": chunk.session_id, "sequence": chunk.sequence}
