"""What a pattern is drawn on: the hash's digits, SVG elements, and numbers as PHP prints them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from mock_moodle.webservice.php import float_as_text

Number = int | float
Attributes = dict[str, "str | Number | dict[str, str | Number]"]

OUTLINE: Attributes = {"stroke": "#000", "stroke-opacity": "0.02"}


class Tile:
    def __init__(self, digits: list[int]) -> None:
        self.digits = digits
        self.elements: list[str] = []

    def scaled(self, place: int, low: Number, high: Number) -> float:
        """The digit at a place, stretched from 0..15 to low..high."""
        return scaled(self.digits[place], low, high)

    def cells(self) -> Iterator[tuple[int, int, int]]:
        """Six rows of six, each with its digit: x, y, digit."""
        for digit, (y, x) in zip(self.digits, product(range(6), repeat=2), strict=False):
            yield x, y, digit

    def rectangle(
        self, x: Number, y: Number, width: Number | str, height: Number | str, attributes: Attributes
    ) -> None:
        self._add("rect", {"x": x, "y": y, "width": width, "height": height, **attributes})

    def circle(self, x: Number, y: Number, radius: Number, attributes: Attributes) -> None:
        self._add("circle", {"cx": x, "cy": y, "r": radius, **attributes})

    def line(self, points: str, attributes: Attributes) -> None:
        self._add("polyline", {"points": points, **attributes})

    def path(self, steps: str, attributes: Attributes) -> None:
        self._add("path", {"d": steps, **attributes})

    def cross(self, arm: float, attributes: Attributes) -> None:
        """A plus sign of two bars."""
        self.elements.append(f"<g {written(attributes)}>")
        self.rectangle(arm, 0, arm, arm * 3, {})
        self.rectangle(0, arm, arm * 3, arm, {})
        self.elements.append("</g>")

    def _add(self, tag: str, attributes: Attributes) -> None:
        self.elements.append(f"<{tag} {written(attributes)}/>")


def written(attributes: Attributes) -> str:
    return "".join(f'{name}="{_value(value)}" ' for name, value in attributes.items())


def _value(value: str | Number | dict[str, str | Number]) -> str:
    if isinstance(value, dict):
        return "".join(f"{name}:{_value(inner)};" for name, inner in value.items())
    return value if isinstance(value, str) else float_as_text(value)


def numbers(separator: str, *values: Number) -> str:
    return separator.join(float_as_text(value) for value in values)


def at(x: Number, y: Number, more: str = "") -> Attributes:
    return {"transform": f"translate({numbers(', ', x, y)}){more}"}


def turned(angle: int, x: Number, y: Number) -> str:
    return f" rotate({angle}, {numbers(', ', x, y)})"


def scaled(digit: int, low: Number, high: Number) -> float:
    return digit * (high - low) / 15 + low


def shade(digit: int) -> str:
    return "#222" if digit % 2 else "#ddd"


def opacity(digit: int) -> float:
    return scaled(digit, 0.02, 0.15)


def filled(digit: int) -> Attributes:
    return {"fill": shade(digit), "fill-opacity": opacity(digit)}


def drawn(digit: int, width: float) -> Attributes:
    """An outline only, `width` pixels wide."""
    style: dict[str, str | Number] = {"opacity": opacity(digit), "stroke-width": f"{float_as_text(width)}px"}
    return {"fill": "none", "stroke": shade(digit), "style": style}


def tiled(x: int, y: int, end: int = 6) -> Iterator[tuple[int, int]]:
    """Where a cell is drawn: the first row and column are repeated behind the last."""
    yield x, y
    if x == 0:
        yield end, y
    if y == 0:
        yield x, end
    if x == y == 0:
        yield end, end
