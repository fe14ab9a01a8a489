"""The session's incidents: intervals of one type that touch become one, numbered in the order of opening.

What counts towards the score and what does not stay apart: weak evidence must not make a strong incident longer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from proctor_engine.incidents.incident import Incident
from proctor_engine.incidents.rules import is_scored
from proctor_engine.incidents.tracker import Interval

_MOST_EVIDENCE = 6
_LONGEST_DETAIL = 500
"""Characters."""


@dataclass(slots=True)
class _Entry:
    """An incident in the making: all the intervals, of one rule or several, that it is made of."""

    number: int
    type: str
    scored: bool
    members: list[Interval] = field(default_factory=list)

    def incident(self) -> Incident:
        strongest = max(self.members, key=lambda member: member.confidence)
        evidence = dict.fromkeys((*strongest.evidence, *(time for member in self.members for time in member.evidence)))
        details = dict.fromkeys(member.detail for member in self.members if member.detail)
        return Incident(
            number=self.number,
            type=self.type,
            rule=self.members[0].rule,
            start=min(member.start for member in self.members),
            end=max(member.end for member in self.members),
            open=any(member.open for member in self.members),
            confidence=strongest.confidence,
            scored=self.scored,
            evidence=tuple(evidence)[:_MOST_EVIDENCE],
            detail="; ".join(details)[:_LONGEST_DETAIL] or None,
        )


class Log:
    """Takes intervals as they change and tells which incidents that changes."""

    def __init__(self, merges_within: float) -> None:
        self._merges_within = merges_within
        self._entries: list[_Entry] = []

    def record(self, warning: str, interval: Interval) -> Incident | None:
        """The incident that the interval belongs to, or None if it only goes on."""
        entry = self._belongs_to(warning, interval)
        if entry is None:
            number = self._entries[-1].number + 1 if self._entries else 1
            entry = _Entry(number, warning, is_scored(warning, interval.rule))
            self._entries.append(entry)
            before = None
        else:
            before = entry.incident()
        entry.members = [member for member in entry.members if not _same(member, interval)] + [interval]
        after = entry.incident()
        goes_on = before is not None and _only_goes_on(before, after)
        return None if goes_on else after

    def _belongs_to(self, warning: str, interval: Interval) -> _Entry | None:
        """The entry that holds an earlier state of the interval, else the latest one that it touches."""
        kind = warning, is_scored(warning, interval.rule)
        alike = [entry for entry in reversed(self._entries) if (entry.type, entry.scored) == kind]
        for entry in alike:
            if any(_same(member, interval) for member in entry.members):
                return entry
        latest = next(iter(alike), None)
        if latest is None:
            return None
        incident = latest.incident()
        touches = incident.open or interval.start - incident.end <= self._merges_within
        return latest if touches else None

    def incidents(self) -> list[Incident]:
        """In the order of their start."""
        return sorted((entry.incident() for entry in self._entries), key=lambda found: (found.start, found.number))

    def know(self, found: Iterable[Incident]) -> None:
        """Goes on behind incidents of an earlier log. What was open is closed until it is seen again."""
        for one in sorted(found, key=lambda incident: incident.number):
            whole = Interval(one.rule, one.start, one.end, False, one.confidence, one.evidence, one.detail)
            self._entries.append(_Entry(one.number, one.type, one.scored, [whole]))

    def state(self) -> list[dict[str, Any]]:
        """As JSON can hold it."""
        return [asdict(entry) for entry in self._entries]

    def restore(self, state: list[dict[str, Any]]) -> None:
        self._entries = [
            _Entry(
                entry["number"],
                entry["type"],
                entry["scored"],
                [Interval(**{**member, "evidence": tuple(member["evidence"])}) for member in entry["members"]],
            )
            for entry in state
        ]


def _same(one: Interval, other: Interval) -> bool:
    return one.rule == other.rule and one.start == other.start


def _only_goes_on(before: Incident, after: Incident) -> bool:
    return before.open and before == replace(
        after, end=before.end, confidence=before.confidence, evidence=before.evidence
    )
