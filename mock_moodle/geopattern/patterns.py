"""The sixteen patterns. Each draws on a tile by its digits, and returns its width and height."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

from mock_moodle.geopattern.tile import (
    OUTLINE,
    Attributes,
    Tile,
    at,
    drawn,
    filled,
    numbers,
    opacity,
    shade,
    tiled,
    turned,
)
from mock_moodle.webservice.php import float_as_text


def octagons(tile: Tile) -> tuple[float, float]:
    side = tile.scaled(0, 10, 60)
    cut = side * 0.33
    rest = side - cut
    shape = numbers(",", cut, 0, rest, 0, side, cut, side, rest, rest, side, cut, side, 0, rest, 0, cut, cut, 0)
    for x, y, digit in tile.cells():
        tile.line(shape, filled(digit) | OUTLINE | at(x * side, y * side))
    return side * 6, side * 6


def overlapping_circles(tile: Tile) -> tuple[float, float]:
    radius = tile.scaled(0, 25, 200) / 2
    for x, y, digit in tile.cells():
        for column, row in tiled(x, y):
            look: Attributes = {"fill": shade(digit), "style": {"opacity": opacity(digit)}}
            tile.circle(column * radius, row * radius, radius, look)
    return radius * 6, radius * 6


def plus_signs(tile: Tile) -> tuple[float, float]:
    arm = tile.scaled(0, 10, 25)
    size = arm * 3
    for x, y, digit in tile.cells():
        look: Attributes = {"fill": shade(digit), **OUTLINE, "style": {"fill-opacity": opacity(digit)}}
        for column, row in tiled(x, y, end=4):
            left = column * size - x * arm + y % 2 * arm - arm
            tile.cross(arm, look | at(left, row * size - y * arm - size / 2))
    return arm * 12, arm * 12


def crosses(tile: Tile) -> tuple[float, float]:
    arm = tile.scaled(0, 10, 25)
    size = arm * 3 * 0.943
    for x, y, digit in tile.cells():
        lower = size / 4 if x % 2 else 0
        top = y * size - size * 0.5 + lower
        end = 6 * size - size / 2 + lower
        places = [(x, top - y * size / 2)]
        if x == 0:
            places.append((6, top - y * size / 2))
        if y == 0:
            places.append((x, end - 6 * size / 2))
        if y == 5:
            places.append((x, top - 11 * size / 2))
        if x == y == 0:
            places.append((6, end - 6 * size / 2))
        for column, down in places:
            look: Attributes = {"fill": shade(digit), "style": {"opacity": opacity(digit)}}
            tile.cross(arm, look | at(column * size / 2 - size / 2, down, turned(45, size / 2, size / 2)))
    return size * 3, size * 3


def sine_waves(tile: Tile) -> tuple[float, float]:
    period = math.floor(tile.scaled(0, 100, 400))
    height = math.floor(tile.scaled(1, 30, 100))
    width = math.floor(tile.scaled(2, 3, 30))
    lead = period / 4 * 0.7
    half, full, later = (_whole(period * part) for part in (0.5, 1, 1.5))
    half_led, full_led, later_led = (_whole(period * part - lead) for part in (0.5, 1, 1.5))
    wave = (
        f"M0 {height} C {float_as_text(lead)} 0, {half_led} 0, {half} {height} "
        f"S {full_led} {2 * height}, {full} {height} S {later_led} 0, {later}, {height}"
    )
    for row, digit in enumerate(tile.digits[:36]):
        for top in (width * row - height * 1.5, width * row - height * 1.5 + width * 36):
            tile.path(wave, drawn(digit, width) | {"transform": f"translate(-{numbers(', ', period / 4, top)})"})
    return period, width * 36


def _whole(value: float) -> int:
    return math.floor(round(value, 9) + 0.5)


def hexagons(tile: Tile) -> tuple[float, float]:
    side = tile.scaled(0, 8, 60)
    height, width = side * math.sqrt(3), side * 2
    half = math.sin(60 * math.pi / 180) * side
    right = side / 2 + side
    shape = numbers(",", 0, half, side / 2, 0, right, 0, width, half, right, half * 2, side / 2, half * 2, 0, half)
    for x, y, digit in tile.cells():
        look: Attributes = {**OUTLINE, "fill-opacity": opacity(digit), "fill": shade(digit)}
        for column, row in tiled(x, y):
            top = row * height + (height / 2 if x % 2 else 0) - height / 2
            if (column, row) == (6, 6):
                top = 5 * height + height / 2
            tile.line(shape, look | at(column * side * 1.5 - width / 2, top))
    return width * 3 + side * 3, height * 6


def overlapping_rings(tile: Tile) -> tuple[float, float]:
    size = tile.scaled(0, 10, 60)
    width = size / 4
    for x, y, digit in tile.cells():
        for column, row in tiled(x, y):
            tile.circle(column * size, row * size, size - width / 2, drawn(digit, width))
    return size * 6, size * 6


def plaid(tile: Tile) -> tuple[float, float]:
    """Nineteen stripes across and the same down: a gap, then a stripe, by two digits."""
    stripes: list[tuple[int, int, Attributes]] = []
    end = 0
    for gap, digit in zip(tile.digits[0:38:2], tile.digits[1:38:2], strict=True):
        stripes.append((end + gap + 5, digit + 5, {"opacity": opacity(digit), "fill": shade(digit)}))
        end += gap + 5 + digit + 5
    for start, width, look in stripes:
        tile.rectangle(0, start, "100%", width, look)
    for start, width, look in stripes:
        tile.rectangle(start, 0, width, "100%", look)
    return end, end


def triangles(tile: Tile) -> tuple[float, float]:
    side = tile.scaled(0, 15, 80)
    height = side / 2 * math.sqrt(3)
    shape = numbers(", ", side / 2, 0, side, height, 0, height, side / 2, 0)
    for x, y, digit in tile.cells():
        turn = turned(0 if (x + y) % 2 else 180, side / 2, height / 2)
        for column in (x, 6) if x == 0 else (x,):
            place = at(column * side * 0.5 - side / 2, height * y, turn)
            tile.line(shape, filled(digit) | OUTLINE | place)
    return side * 3, height * 6


def rotated_triangles(tile: Tile) -> tuple[float, float]:
    side = tile.scaled(0, 15, 80)
    width = side / 2 * math.sqrt(3)
    shape = numbers(", ", 0, 0, width, side / 2, 0, side, 0, 0)
    for x, y, digit in tile.cells():
        turn = turned(0 if (x + y) % 2 else 180, width / 2, side / 2)
        for row in (y, 6) if y == 0 else (y,):
            place = at(x * width, row * side * 0.5 - side / 2, turn)
            tile.line(shape, filled(digit) | OUTLINE | place)
    return width * 6, side * 3


def squares(tile: Tile) -> tuple[float, float]:
    side = tile.scaled(0, 10, 60)
    for x, y, digit in tile.cells():
        tile.rectangle(x * side, y * side, side, side, filled(digit) | OUTLINE)
    return side * 6, side * 6


def concentric_circles(tile: Tile) -> tuple[float, float]:
    size = tile.scaled(0, 10, 60)
    width = size / 5
    for (x, y, digit), inner in zip(tile.cells(), reversed(tile.digits), strict=False):
        left, top = (place * size + place * width + (size + width) / 2 for place in (x, y))
        tile.circle(left, top, size / 2, drawn(digit, width))
        tile.circle(left, top, size / 4, filled(inner))
    return (size + width) * 6, (size + width) * 6


def diamonds(tile: Tile) -> tuple[float, float]:
    width, height = tile.scaled(0, 10, 50), tile.scaled(1, 10, 50)
    shape = numbers(", ", width / 2, 0, width, height / 2, width / 2, height, 0, height / 2)
    for x, y, digit in tile.cells():
        aside = width / 2 if y % 2 else 0
        for column, row in tiled(x, y):
            place = at(column * width - width / 2 + aside, height / 2 * row - height / 2)
            tile.line(shape, filled(digit) | OUTLINE | place)
    return width * 6, height * 3


def nested_squares(tile: Tile) -> tuple[float, float]:
    width = tile.scaled(0, 4, 12)
    size = width * 7
    for (x, y, digit), inner in zip(tile.cells(), reversed(tile.digits), strict=False):
        left, top = (place * size + place * width * 2 + width / 2 for place in (x, y))
        tile.rectangle(left, top, size, size, drawn(digit, width))
        tile.rectangle(left + width * 2, top + width * 2, width * 3, width * 3, drawn(inner, width))
    whole = (size + width) * 6 + width * 6
    return whole, whole


def mosaic_squares(tile: Tile) -> tuple[float, float]:
    side = tile.scaled(0, 15, 50)
    shape = numbers(", ", 0, 0, side, side, 0, side, 0, 0)
    for place, (row, column) in enumerate(product(range(4), repeat=2)):
        x, y = column * side * 2, row * side * 2
        mid, right, low, bottom = x + side, x + side * 2, y + side, y + side * 2
        corners = [(x, low, "1, -1"), (right, low, "-1, -1"), (x, low, "1, 1"), (right, low, "-1, 1")]
        centre = [(mid, y, "-1, 1"), (mid, bottom, "1, -1"), (mid, bottom, "-1, -1"), (mid, y, "1, 1")]
        first, second = tile.digits[place], tile.digits[place + 1]
        outer = (row + column) % 2 == 0
        digits = [first] * 4 if outer else [first, first, second, second]
        for digit, (left, top, flip) in zip(digits, corners if outer else centre, strict=True):
            look: Attributes = {**OUTLINE, "fill-opacity": opacity(digit), "fill": shade(digit)}
            tile.line(shape, look | at(left, top, f" scale({flip})"))
    return side * 8, side * 8


def tessellation(tile: Tile) -> tuple[float, float]:
    """Squares and triangles about hexagons (3.4.6.4), a digit for each kind of place."""
    side = tile.scaled(0, 5, 40)
    half = side / 2
    peak = side / 2 * math.sqrt(3)
    hexagon = side * math.sqrt(3)
    width, height = side * 3 + peak * 2, hexagon * 2 + side * 2
    centre, last = side * 2 / 2 + peak, height / 2 - half
    near, far = width / 2 + half, width - width / 2 - half
    up, down = hexagon / 2, height - hexagon / 2
    turn = turned(0, half, peak / 2)
    shape = numbers(", ", 0, 0, peak, half, 0, side, 0, 0)
    standing: dict[int, list[tuple[float, float]]] = {
        0: [(-half, -half), (width - half, -half), (-half, height - half), (width - half, height - half)],
        1: [(centre, up)],
        2: [(-half, last), (width - half, last)],
        3: [(centre, hexagon * 1.5 + side)],
    }
    pointed: dict[int, list[tuple[float, float, str]]] = {
        4: [(half, -half, turn), (half, height + half, f"{turn} scale(1, -1)")],
        5: [(width - half, -half, f"{turn} scale(-1, 1)"), (width - half, height + half, f"{turn} scale(-1, -1)")],
        6: [(near, up, "")],
        7: [(far, up, " scale(-1, 1)")],
        8: [(near, down, " scale(1, -1)")],
        9: [(far, down, " scale(-1, -1)")],
        10: [(half, last, "")],
        11: [(width - half, last, " scale(-1, 1)")],
    }
    left, right = half, -width + half
    above, below = height / 2 - half - side, -height + height / 2 - half - side
    outer, inner = " rotate(-30, 0, 0)", f" rotate(30, 0, {float_as_text(side)})"
    tilted: dict[int, tuple[str, float, float, str]] = {
        12: ("", left, half, outer),
        13: ("scale(-1, 1) ", right, half, outer),
        14: ("", left, above, inner),
        15: ("scale(-1, 1) ", right, above, inner),
        16: ("scale(1, -1) ", left, below, inner),
        17: ("scale(-1, -1) ", right, below, inner),
        18: ("scale(1, -1) ", left, -height + half, outer),
        19: ("scale(-1, -1) ", right, -height + half, outer),
    }
    for place, digit in enumerate(tile.digits[:20]):
        look = OUTLINE | filled(digit) | {"stroke-width": 1}
        for x, y in standing.get(place, ()):
            tile.rectangle(x, y, side, side, look)
        for x, y, more in pointed.get(place, ()):
            tile.line(shape, look | at(x, y, more))
        if place in tilted:
            flip, x, y, more = tilted[place]
            tile.rectangle(0, 0, side, side, look | {"transform": f"{flip}translate({numbers(', ', x, y)}){more}"})
    return width, height


PATTERNS: tuple[Callable[[Tile], tuple[float, float]], ...] = (
    octagons,
    overlapping_circles,
    plus_signs,
    crosses,
    sine_waves,
    hexagons,
    overlapping_rings,
    plaid,
    triangles,
    squares,
    concentric_circles,
    diamonds,
    tessellation,
    nested_squares,
    mosaic_squares,
    rotated_triangles,
)
"""By a digit of the hash. The algorithm knows chevrons too, as seventeenth: a digit never comes to them."""
