"""Measurements as curves, under the timeline and on its axis of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from proctor_engine.configuration import Configuration
from proctor_engine.report.timeline import Timeline
from proctor_engine.traces import Points, Traces

HEIGHT = 64
_MARGIN = 6
_COLUMNS = 480
"""A curve has two points at most in each of so many columns: its lowest and its highest."""
_GAP = 4.0
"""Seconds without a value over which no line is drawn."""


@dataclass(frozen=True, slots=True)
class Plot:
    """`name` is a key of the report's words, `lines` are SVG points, `limits` the heights of what decides."""

    name: str
    top: str
    bottom: str
    lines: tuple[str, ...]
    limits: tuple[float, ...]


def plots(traces: Traces, axis: Timeline, configuration: Configuration) -> list[Plot]:
    """Those for which there is anything to draw."""
    gaze = configuration.signs.gaze
    same_below = configuration.vision_settings().identity.same_below
    every = [
        _plot("distance", traces.distance, axis, (0.0, 1.0), (same_below,)),
        _plot("turn", traces.turn, axis, (-60.0, 60.0), (-gaze.yaw, gaze.yaw)),
        _plot("light", traces.light, axis, (0.0, 255.0), ()),
        _plot("level", traces.level, axis, (-100.0, 0.0), ()),
        _plot("voice", traces.voice, axis, (0.0, 1.0), (configuration.signs.sound.voice,)),
    ]
    return [plot for plot in every if plot.lines]


def _plot(name: str, points: Points, axis: Timeline, span: tuple[float, float], limits: tuple[float, ...]) -> Plot:
    def height(value: float) -> float:
        share = (min(max(value, span[0]), span[1]) - span[0]) / (span[1] - span[0])
        return round(HEIGHT - _MARGIN - share * (HEIGHT - 2 * _MARGIN), 1)

    lines = tuple(
        " ".join(f"{axis.x(time)},{height(value)}" for time, value in _thinned(stretch, axis))
        for stretch in _stretches(points)
    )
    return Plot(name, f"{span[1]:g}", f"{span[0]:g}", lines, tuple(height(limit) for limit in limits))


def _thinned(points: Points, axis: Timeline) -> Points:
    kept: Points = []
    for _, group in groupby(points, key=lambda point: int(point[0] / axis.seconds * _COLUMNS)):
        column = list(group)
        extremes = {min(column, key=lambda point: point[1]), max(column, key=lambda point: point[1])}
        kept += sorted(extremes)
    return kept


def _stretches(points: Points) -> Iterator[Points]:
    stretch: Points = []
    for point in points:
        if stretch and point[0] - stretch[-1][0] > _GAP:
            yield stretch
            stretch = []
        stretch.append(point)
    if stretch:
        yield stretch
