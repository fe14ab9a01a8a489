"""Reports held against labels: what was found, what was missed, and what was reported for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from benchmarks.sessions import WARNINGS, Label

ROWS = {
    "absent": ("absent",),
    "extra person": ("extra", "behind"),
    "substituted": ("substituted",),
    "dark": ("dark",),
    "covered": ("covered",),
    "frozen": ("frozen",),
    "looking away": ("head_turned", "glancing"),
    "eyes closed": ("eyes_closed",),
    "talking": ("talking",),
    "photograph": ("photograph",),
}
"""Kinds of labels that are counted together."""
_ROW_OF_KIND = {kind: row for row, kinds in ROWS.items() for kind in kinds}
_ROW_OF_RULE = {
    "absent": "absent",
    "extra_person": "extra person",
    "other_person": "substituted",
    "still_photograph": "photograph",
    "camera_dark": "dark",
    "camera_covered": "covered",
    "camera_frozen": "frozen",
    "looking_away": "looking away",
    "eyes_closed": "eyes closed",
    "mouth_and_voice": "talking",
    "mouth": "talking",
}
OTHER = "other"
"""The row of reports that no kind asks for, such as a voice without a mouth."""


class Report(NamedTuple):
    """`rule` is empty where the pipeline knows none."""

    warning: str
    rule: str
    start: float
    end: float


@dataclass
class Tally:
    """Of one row. `errors` are seconds from the true start to the reported one, `false` what matches no label."""

    events: int = 0
    found: int = 0
    false: int = 0
    errors: list[float] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / self.events if self.events else 0.0

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.false) if self.found + self.false else 0.0

    @property
    def f1(self) -> float:
        wrong = self.events - self.found + self.false
        return 2 * self.found / (2 * self.found + wrong) if self.found + wrong else 0.0


@dataclass
class Outcome:
    """Of one session: a tally a row, how many false reports lay in calm time, and what went wrong in words."""

    rows: dict[str, Tally]
    calm_alarms: int
    remarks: list[str]


def judge(labels: Sequence[Label], reports: Iterable[Report]) -> Outcome:
    """Matches each label with the report of its warning that overlaps it most, by a third of the longer at least.

    A report that matches no label counts against the row of its rule, wherever it lies.
    """
    outcome = Outcome({row: Tally() for row in (*ROWS, OTHER)}, 0, [])
    free = list(reports)
    for label in labels:
        tally = outcome.rows[_ROW_OF_KIND[label.kind]]
        tally.events += 1
        alike = [report for report in free if report.warning == label.warning]
        best = max(alike, key=lambda report: _overlap(label, report), default=None)
        if best is None or _overlap(label, best) < 1 / 3:
            outcome.remarks.append(f"missed: {label.kind} {label.start:.1f}-{label.end:.1f}")
            continue
        free.remove(best)
        tally.found += 1
        tally.errors.append(best.start - label.start)
    for report in free:
        outcome.rows[_row_of(report)].false += 1
        during = [label.kind for label in labels if report.start < label.end and label.start < report.end]
        outcome.calm_alarms += not during
        cause = report.rule or report.warning
        outcome.remarks.append(f"false: {cause} {report.start:.1f}-{report.end:.1f} in {during or 'calm time'}")
    return outcome


def total(outcomes: Iterable[Outcome]) -> dict[str, Tally]:
    sums = {row: Tally() for row in (*ROWS, OTHER)}
    for outcome in outcomes:
        for row, tally in outcome.rows.items():
            into = sums[row]
            into.events += tally.events
            into.found += tally.found
            into.false += tally.false
            into.errors += tally.errors
    return sums


def _row_of(report: Report) -> str:
    if report.rule:
        return _ROW_OF_RULE.get(report.rule, OTHER)
    kinds = [kind for kind, warning in WARNINGS.items() if warning == report.warning]
    return _ROW_OF_KIND[kinds[0]] if kinds else OTHER


def _overlap(label: Label, report: Report) -> float:
    shared = min(label.end, report.end) - max(label.start, report.start)
    return shared / max(label.end - label.start, report.end - report.start, 0.001)
