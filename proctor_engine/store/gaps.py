"""Numbers that were given up, as runs `[first, last]`: a long gap costs no more than a short one."""

from __future__ import annotations

from collections.abc import Sequence

Runs = Sequence[Sequence[int]]


def holds(runs: Runs, number: int) -> bool:
    return any(first <= number <= last for first, last in runs)


def without(runs: Runs, number: int) -> list[list[int]]:
    """The same runs but for one number, which came after all."""
    left: list[list[int]] = []
    for first, last in runs:
        parts = [[first, number - 1], [number + 1, last]] if first <= number <= last else [[first, last]]
        left += [part for part in parts if part[0] <= part[1]]
    return left
