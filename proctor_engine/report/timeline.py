"""The timeline picture: where each incident lies, as numbers that the template draws in SVG."""

from __future__ import annotations

from dataclasses import dataclass

from contract.titles import Language
from proctor_engine.incidents import Incident
from proctor_engine.report.document import titles_of

WIDTH = 960
_LABELS = 230
"""Width of the column of names, in the picture's units."""
_MARGIN = 20
_ROW = 30
_AXIS = 26
_NARROWEST = 3.0
_TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_MOST_TICKS = 12


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    width: float
    number: int
    scored: bool
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    y: int
    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """All in the picture's units, `width` by `height`; rows are in the order of the first incident."""

    width: int
    height: int
    row_height: int
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    seconds: float

    def x(self, time: float) -> float:
        """Where a time in seconds lies."""
        return _x(time, self.seconds)


def timeline(incidents: list[Incident], duration: float, language: Language) -> Timeline:
    seconds = max([duration, 1.0, *(incident.end for incident in incidents)])
    titles = titles_of(language)
    kinds = list(dict.fromkeys(incident.type for incident in incidents))
    rows = tuple(
        Row(
            _AXIS + number * _ROW,
            titles[kind],
            tuple(_bar(incident, titles[kind], seconds) for incident in incidents if incident.type == kind),
        )
        for number, kind in enumerate(kinds)
    )
    step = next((step for step in _TICKS if seconds / step <= _MOST_TICKS), _TICKS[-1])
    ticks = tuple(Tick(_x(second, seconds), clock(second)) for second in range(0, int(seconds) + 1, step))
    return Timeline(WIDTH, _AXIS + max(1, len(rows)) * _ROW + 6, _ROW, rows, ticks, seconds)


def _bar(incident: Incident, title: str, seconds: float) -> Bar:
    start, end = _x(incident.start, seconds), _x(incident.end, seconds)
    label = f"{title}, {clock(incident.start)} – {clock(incident.end)}"
    return Bar(start, round(max(_NARROWEST, end - start), 1), incident.number, incident.scored, label)


def _x(time: float, seconds: float) -> float:
    return round(_LABELS + time / seconds * (WIDTH - _LABELS - _MARGIN), 1)


def clock(seconds: float) -> str:
    """1:02:03, or 2:03 within the first hour, to the nearest second."""
    whole = int(seconds + 0.5)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
