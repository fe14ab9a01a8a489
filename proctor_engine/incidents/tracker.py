"""From the signs of single moments to intervals: one rule's hysteresis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from proctor_engine.configuration import Hysteresis, IncidentSettings
from proctor_engine.incidents.sign import Sign

FEWEST_SIGHTINGS = 2
"""One frame alone never makes an incident, however long it stands for, unless its sign has itself looked back."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time in which a rule's sign was seen.

    `evidence` are the times of one sight from the middle, the strongest, the first and the last.
    """

    rule: str
    start: float
    end: float
    open: bool
    confidence: float
    evidence: tuple[float, ...]
    detail: str | None = None


@dataclass(slots=True)
class _Stretch:
    """Sightings that are, or may become, an interval. `fill` is the vessel of `default.toml`, 0 to 1."""

    start: float
    end: float
    first: float
    last: float
    middle: float
    strongest: float
    strongest_at: float
    confidence_sum: float = 0.0
    sightings: int = 0
    looks: int = 0
    looks_until_last: int = 0
    fill: float = 0.0
    open: bool = False


@dataclass(slots=True)
class _Doubt:
    """Looks that may turn out to be sightings: when they would have `begun`, the `first` and the `last` of them."""

    begun: float
    first: float
    last: float


class Tracker:
    """Feeds on signs in the order of time and yields an interval whenever one opens, goes on or closes."""

    def __init__(self, rule: str, hysteresis: Hysteresis, settings: IncidentSettings) -> None:
        self.rule = rule
        self._hysteresis = hysteresis
        self._settings = settings
        self._looked_at: float | None = None
        self._known_at: float | None = None
        self._doubt: _Doubt | None = None
        self._stretch: _Stretch | None = None

    def update(self, time: float, sign: Sign) -> Iterator[Interval]:
        """A sign that comes late, at or before the last one's time, is left out."""
        if self._looked_at is not None and time <= self._looked_at:
            return
        if self._known_at is not None and time - self._known_at > self._settings.forgets_after:
            yield from self._let_go()
        step = 0.0 if self._looked_at is None else min(time - self._looked_at, self._settings.longest_step)
        # It began, if it began, somewhere between the last look and this one.
        begun = time if self._looked_at is None else (self._looked_at + time) / 2
        self._looked_at = time
        if sign.seen is None:
            if sign.doubt:
                self._doubt = _Doubt(begun, time, time) if self._doubt is None else replace(self._doubt, last=time)
            return
        if sign.seen:
            yield from self._sight(time, step, begun, sign)
        else:
            yield from self._look_in_vain(step)
        self._known_at, self._doubt = time, None

    def finish(self, time: float) -> Iterator[Interval]:
        """The session ends: what was still seen at the last look lasts until then."""
        stretch = self._stretch
        if stretch and stretch.last == self._known_at and 0 < time - stretch.last <= self._settings.longest_step:
            stretch.end = time
        yield from self._let_go()

    def _sight(self, time: float, step: float, begun: float, sign: Sign) -> Iterator[Interval]:
        confidence = sign.confidence
        if self._stretch is None:
            self._stretch, step = self._begin(time, step, begun, sign)
        stretch = self._stretch
        stretch.fill = min(1.0, stretch.fill + step / self._hysteresis.opens_after)
        stretch.confidence_sum += confidence
        stretch.sightings += 1
        if stretch.sightings & (stretch.sightings - 1) == 0:
            # The second, fourth, eighth...: one from the middle says more than one from the edge.
            stretch.middle = time
        if confidence > stretch.strongest:
            stretch.strongest, stretch.strongest_at = confidence, time
        stretch.looks += 1
        stretch.looks_until_last = stretch.looks
        stretch.end = stretch.last = time
        enough = stretch.sightings >= FEWEST_SIGHTINGS or sign.lasts > 0
        stretch.open = stretch.open or (stretch.fill >= 1.0 and enough)
        if stretch.open:
            yield self._interval(stretch)

    def _begin(self, time: float, step: float, begun: float, sign: Sign) -> tuple[_Stretch, float]:
        """A stretch that this sight begins, and the seconds that the sight stands for."""
        doubt, confidence = self._doubt, sign.confidence
        if sign.lasts:
            return _Stretch(max(0.0, time - sign.lasts), time, time, time, time, confidence, time), sign.lasts
        if doubt is None or time - doubt.last > self._settings.forgets_after:
            return _Stretch(begun, time, time, time, time, confidence, time), step / 2
        stretch = _Stretch(doubt.begun, time, time, time, time, confidence, time)
        # What confirms a doubt is the second sight of it.
        stretch.sightings = stretch.looks = 1
        stretch.confidence_sum = confidence
        return stretch, min(time - doubt.first, self._settings.longest_step)

    def _look_in_vain(self, step: float) -> Iterator[Interval]:
        stretch = self._stretch
        if stretch is None:
            return
        stretch.looks += 1
        if stretch.last == self._known_at:
            # The sign may have lasted for half of the step.
            step /= 2
            stretch.end += step
        stretch.fill -= step / self._hysteresis.closes_after
        if stretch.fill <= 0:
            yield from self._let_go()

    def _let_go(self) -> Iterator[Interval]:
        stretch, self._stretch = self._stretch, None
        if stretch and stretch.open:
            stretch.open = False
            yield self._interval(stretch)

    def _interval(self, stretch: _Stretch) -> Interval:
        return Interval(
            self.rule,
            round(stretch.start, 3),
            round(stretch.end, 3),
            stretch.open,
            round(stretch.confidence_sum / stretch.looks_until_last, 3),
            tuple(dict.fromkeys((stretch.middle, stretch.strongest_at, stretch.first, stretch.last))),
        )

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "looked_at": self._looked_at,
            "known_at": self._known_at,
            "doubt": asdict(self._doubt) if self._doubt else None,
            "stretch": asdict(self._stretch) if self._stretch else None,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self._looked_at = state["looked_at"]
        self._known_at = state["known_at"]
        self._doubt = _Doubt(**state["doubt"]) if state["doubt"] else None
        self._stretch = _Stretch(**state["stretch"]) if state["stretch"] else None
