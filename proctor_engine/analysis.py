"""One session's analysis: pictures, sound and reports go in as they come, incidents and a score come out.

The whole state can be saved after any call and loaded elsewhere; going on from there gives exactly what would have
come without the break. The same input gives the same output to the byte.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from contract.condition import BROWSER_SIGNS
from contract.entry import Status
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import Configuration
from proctor_engine.coverage import Coverage
from proctor_engine.errors import StateError
from proctor_engine.incidents import BrowserEvent, Incident, Watch
from proctor_engine.incidents.rules import SUM_OF_SIGNS
from proctor_engine.measurements import AudioMeasurement, FrameMeasurement
from proctor_engine.scoring import Score, score

if TYPE_CHECKING:
    from proctor_engine.audio import Listener
    from proctor_engine.vision import FramePipeline, Reference

_FORMAT = 3


class SessionAnalysis:
    """`reference` is the candidate's enrolled face, None where nobody is to be recognised.

    Times are seconds since the session's start. Each `feed_*` returns the incidents that it opened, closed or changed;
    an open incident that merely goes on is not repeated.
    """

    def __init__(
        self, configuration: Configuration, condition: ExamCondition, reference: Reference | None = None
    ) -> None:
        self.configuration = configuration
        self.condition = condition
        self.reference = reference
        self.coverage = Coverage()
        self._watch = Watch(configuration, condition)
        self._pipeline: FramePipeline | None = None
        self._listener: Listener | None = None

    def feed_frame(self, frame: bytes | NDArray[np.uint8], time: float) -> list[Incident]:
        """`frame` is a JPEG or RGB of shape (height, width, 3).

        A frame that is no later than the last one is left out. Raises vision's ImageError for a picture that cannot be
        decoded; the analysis then stands as before.
        """
        return self.feed_measurement(self.measure_frame(frame, time)) if self._watch.is_new(time) else []

    def feed_audio(self, pcm: bytes, time: float) -> list[Incident]:
        """`pcm` is signed 16-bit little-endian mono sound at 16 kHz that begins at `time`."""
        changed: dict[int, Incident] = {}
        for measurement in self.listener.hear(pcm, time):
            changed.update((incident.number, incident) for incident in self.feed_measurement(measurement))
        return list(changed.values())

    def feed_event(self, event: BrowserEvent) -> list[Incident]:
        """Raises ValueError for a type that is none of the plugin's warnings."""
        return self._watch.note(event)

    def end_browsers_signs(self, time: float) -> list[Incident]:
        """What the candidate's browser has told the beginning of ends: another browser goes on."""
        return self._watch.end_reports(time, BROWSER_SIGNS.values())

    def feed_measurement(self, measurement: FrameMeasurement | AudioMeasurement) -> list[Incident]:
        """What was measured elsewhere, for instance by another machine."""
        if isinstance(measurement, FrameMeasurement):
            self.coverage.see(measurement)
            return self._watch.see(measurement)
        self.coverage.hear(measurement)
        return self._watch.hear(measurement)

    def measure_frame(self, frame: bytes | NDArray[np.uint8], time: float) -> FrameMeasurement:
        """The first half of `feed_frame`, for those who want the measurement itself."""
        if isinstance(frame, bytes):
            return self.pipeline.measure_jpeg(frame, time)
        return self.pipeline.measure(frame, time)

    def finish(self, time: float | None = None) -> list[Incident]:
        """Closes what is still open, at the session's end."""
        return self._watch.finish(time)

    def incidents(self) -> list[Incident]:
        """All of them, in the order of their start; the last may be `warning_cheater`, which sums up the others."""
        found = self._watch.incidents()
        level = self.condition.cheater_level
        reached = None if level is None else self._reached(level, found)
        return [*found, reached] if reached else found

    def _reached(self, level: int, found: list[Incident]) -> Incident | None:
        """The moment from which the score stands at the condition's `cheater_level`. Number 0: it is no sign itself."""
        total = self.score()
        if total.value < level or not found:
            return None
        by_end = sorted(found, key=lambda incident: incident.end)
        crossed = next(
            (
                incident
                for count, incident in enumerate(by_end, start=1)
                if score(by_end[:count], self.condition, self.configuration.scoring).value >= level
            ),
            by_end[-1],
        )
        return Incident(
            number=0,
            type="warning_cheater",
            rule=SUM_OF_SIGNS,
            start=crossed.end,
            end=crossed.end,
            open=False,
            confidence=total.value / 100,
            scored=False,
            detail="; ".join(str(term) for term in total.terms),
        )

    def score(self) -> Score:
        """Of what was seen so far, explained term by term."""
        return score(self._watch.incidents(), self.condition, self.configuration.scoring)

    def conclusion(self) -> Status:
        """One of `contract.entry.CONCLUSIONS`: a proposal, never a verdict."""
        return self.score().conclusion

    @property
    def pipeline(self) -> FramePipeline:
        """Made at the first picture: an analysis of sound alone loads no vision model."""
        if self._pipeline is None:
            from proctor_engine.vision import FramePipeline

            self._pipeline = FramePipeline(self.configuration.vision_settings(), self.reference)
        return self._pipeline

    @property
    def listener(self) -> Listener:
        if self._listener is None:
            from proctor_engine.audio import Listener

            self._listener = Listener()
        return self._listener

    def dump(self) -> bytes:
        """The whole state, without the configuration, the condition and the reference."""
        state = {
            "format": _FORMAT,
            "coverage": self.coverage.state(),
            "watch": self._watch.state(),
            "pipeline": self._pipeline.state().decode() if self._pipeline else None,
            "listener": self._listener.state().decode() if self._listener else None,
        }
        # Saved after every step of a session: packing it smaller would cost more than it saves.
        return zlib.compress(json.dumps(state, sort_keys=True, separators=(",", ":")).encode(), zlib.Z_BEST_SPEED)

    @classmethod
    def after(
        cls,
        configuration: Configuration,
        condition: ExamCondition,
        reference: Reference | None,
        found: Iterable[Incident],
    ) -> SessionAnalysis:
        """Begins anew behind incidents that are known, where what was saved cannot be loaded.

        Nothing counts twice; what was learnt about this face and this room is learnt again.
        """
        analysis = cls(configuration, condition, reference)
        analysis._watch.know(found)
        return analysis

    @classmethod
    def load(
        cls, configuration: Configuration, condition: ExamCondition, reference: Reference | None, data: bytes
    ) -> SessionAnalysis:
        """Goes on from `dump`. Raises StateError where `data` is damaged or of another version."""
        analysis = cls(configuration, condition, reference)
        state = _understood(lambda: json.loads(zlib.decompress(data)))
        if not isinstance(state, dict) or state.get("format") != _FORMAT:
            raise StateError(f"the saved analysis is not of format {_FORMAT}: begin the session's analysis anew")
        analysis._watch = _understood(lambda: Watch.restore(configuration, condition, state["watch"]))
        analysis.coverage = _understood(lambda: Coverage(**state["coverage"]))
        if state["pipeline"] is not None:
            from proctor_engine.vision import FramePipeline

            settings, saved = configuration.vision_settings(), state["pipeline"].encode()
            analysis._pipeline = _understood(lambda: FramePipeline.restore(settings, reference, saved))
        if state["listener"] is not None:
            from proctor_engine.audio import Listener

            analysis._listener = _understood(lambda: Listener.restore(state["listener"].encode()))
        return analysis


_Read = TypeVar("_Read")


def _understood(read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateError("the saved analysis is damaged: begin the session's analysis anew") from error
