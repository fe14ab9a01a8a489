"""The timeline picture: where each incident lies, as numbers that the template draws in SVG."""

from __future__ import annotations

from dataclasses import dataclass

from contract.titles import Language
from proctor_engine.incidents import Incident
from proctor_engine.report.document import titles_of

WIDTH = 960
_LABELS = 230
"""Width of the column of names, in the picture's units."""
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
    left: int
    row_height: int
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]


def timeline(incidents: list[Incident], duration: float, language: Language) -> Timeline:
    length = max(duration, *(incident.end for incident in incidents), 1.0) if incidents else max(duration, 1.0)
    scale = (WIDTH - _LABELS - 20) / length
    titles = titles_of(language)
    kinds = list(dict.fromkeys(incident.type for incident in incidents))
    rows = tuple(
        Row(
            _AXIS + number * _ROW,
            titles[kind],
            tuple(
                Bar(
                    round(_LABELS + incident.start * scale, 1),
                    round(max(_NARROWEST, incident.duration * scale), 1),
                    incident.number,
                    incident.scored,
                    f"{titles[kind]}, {clock(incident.start)} – {clock(incident.end)}",
                )
                for incident in incidents
                if incident.type == kind
            ),
        )
        for number, kind in enumerate(kinds)
    )
    step = next((step for step in _TICKS if length / step <= _MOST_TICKS), _TICKS[-1])
    ticks = tuple(Tick(round(_LABELS + second * scale, 1), clock(second)) for second in range(0, int(length) + 1, step))
    return Timeline(WIDTH, _AXIS + max(1, len(rows)) * _ROW + 6, _LABELS, _ROW, rows, ticks)


def clock(seconds: float) -> str:
    """1:02:03, or 2:03 within the first hour."""
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
