"""Marks into grades."""

from __future__ import annotations

from collections.abc import Sequence

HIGHEST, AVERAGE, FIRST, LAST = 1, 2, 3, 4
"""`quiz.grademethod`."""


def rescale(mark: float | None, sumgrades: float, maximum: float) -> float | None:
    """A mark out of `sumgrades` as a grade out of `maximum`; None stays None."""
    if mark is None:
        return None
    return mark * maximum / sumgrades if sumgrades > 0.000005 else 0.0


def final_mark(marks: Sequence[float | None], method: int) -> float | None:
    """One mark out of all finished attempts, in the order of the attempts; ungraded ones do not count."""
    known = [mark for mark in marks if mark is not None]
    if method == FIRST:
        return marks[0] if marks else None
    if method == LAST:
        return marks[-1] if marks else None
    if not known:
        return None
    return sum(known) / len(known) if method == AVERAGE else max(known)
