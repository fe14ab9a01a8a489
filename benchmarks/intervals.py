"""How sure a rate is that was counted: intervals of 95 %."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import TypeVar

import numpy as np

_Z = 1.96
_RESAMPLES = 1000

Range = tuple[float, float]
_Unit = TypeVar("_Unit")


def share(hits: int, total: int) -> Range:
    """Of a share, by Wilson."""
    if not total:
        return 0.0, 1.0
    rate, square = hits / total, _Z**2
    middle = rate + square / (2 * total)
    spread = _Z * sqrt(rate * (1 - rate) / total + square / (4 * total**2))
    return max(0.0, (middle - spread) / (1 + square / total)), min(1.0, (middle + spread) / (1 + square / total))


def count(events: int) -> Range:
    """Of how many were to be expected where so many came, by Byar's approximation to Poisson's distribution."""
    low = events * (1 - 1 / (9 * events) - _Z / (3 * sqrt(events))) ** 3 if events else 0.0
    high = (events + 1) * (1 - 1 / (9 * (events + 1)) + _Z / (3 * sqrt(events + 1))) ** 3
    return low, high


def resampled(units: Sequence[_Unit], figure: Callable[[Sequence[_Unit]], float], seed: int = 1) -> Range:
    """Of a figure over units (sessions, people) that were drawn at random, by the bootstrap."""
    rng = np.random.default_rng(seed)
    figures = [
        figure([units[number] for number in rng.integers(len(units), size=len(units))]) for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(figures, (0.025, 0.975))
    return float(low), float(high)
