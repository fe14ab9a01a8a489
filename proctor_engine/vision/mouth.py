"""How far the mouth is open."""

from __future__ import annotations

import math

from proctor_engine.vision.landmarks import INNER_LIPS, Points


def mouth_opening(points: Points) -> float:
    """Height over width between the inner lips: 0 shut. A smile is open too, so talking shows in the variation."""
    lips = points[INNER_LIPS]
    across = math.dist(lips[0], lips[4])
    if not across:
        return 0.0
    return sum(math.dist(lips[upper], lips[lower]) for upper, lower in ((1, 7), (2, 6), (3, 5))) / (3 * across)
