"""Arithmetic of boxes."""

from __future__ import annotations

from proctor_engine.measurements import Box


def width(box: Box) -> int:
    return box.right - box.left


def area(box: Box) -> int:
    return max(0, box.right - box.left) * max(0, box.bottom - box.top)


def centre(box: Box) -> tuple[float, float]:
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2


def intersection(a: Box, b: Box) -> int:
    """Pixels that both cover."""
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.bottom, b.bottom) - max(a.top, b.top)
    return across * down if across > 0 and down > 0 else 0


def overlap(a: Box, b: Box) -> float:
    """Intersection over union, 0..1."""
    shared = intersection(a, b)
    return shared / (area(a) + area(b) - shared) if shared else 0.0


def coverage(inner: Box, outer: Box) -> float:
    """The share of `inner` that lies in `outer`, 0..1."""
    return intersection(inner, outer) / area(inner) if area(inner) else 0.0


def enclosing(a: Box, b: Box) -> Box:
    return Box(min(a.left, b.left), min(a.top, b.top), max(a.right, b.right), max(a.bottom, b.bottom))


def grown(box: Box, margin: float, size: tuple[int, int]) -> Box:
    """The box with `margin` times its width more on each side, within a picture of (width, height)."""
    return padded(box, round(margin * width(box)), size)


def padded(box: Box, more: int, size: tuple[int, int]) -> Box:
    """The box with that many pixels more on each side, within a picture of (width, height)."""
    return Box(
        max(0, box.left - more),
        max(0, box.top - more),
        min(size[0], box.right + more),
        min(size[1], box.bottom + more),
    )


def resized(box: Box, across: int) -> Box:
    """A square of that width around the box's centre."""
    x, y = centre(box)
    left, top = round(x - across / 2), round(y - across / 2)
    return Box(left, top, left + across, top + across)


def moved(box: Box, dx: int, dy: int) -> Box:
    return Box(box.left + dx, box.top + dy, box.right + dx, box.bottom + dy)


def scaled(box: Box, factor: float) -> Box:
    if factor == 1:
        return box
    return Box(round(box.left * factor), round(box.top * factor), round(box.right * factor), round(box.bottom * factor))
