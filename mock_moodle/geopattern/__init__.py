"""GeoPattern, by which Moodle draws a picture for a course that has none: a tile from the SHA-1 of the course's id.

The SVG is what Moodle's renderer gives, to the byte: the order of attributes, and numbers as PHP prints them.
"""

from __future__ import annotations

import math
from functools import lru_cache
from hashlib import sha1

from mock_moodle.geopattern.patterns import PATTERNS
from mock_moodle.geopattern.tile import Tile

COLOURS = (
    "#81ecec", "#74b9ff", "#a29bfe", "#dfe6e9", "#00b894", "#0984e3", "#b2bec3", "#fdcb6e", "#fd79a8", "#6c5ce7",
)  # fmt: skip
"""By the last digit of the id: Moodle's settings coursecolor1 to coursecolor10, as they are at first."""


@lru_cache(maxsize=512)
def picture_of(identifier: int) -> str:
    digits = [int(digit, 16) for digit in sha1(str(identifier).encode(), usedforsecurity=False).hexdigest()]
    tile = Tile(digits)
    red, green, blue = bytes.fromhex(COLOURS[identifier % 10].removeprefix("#"))
    tile.rectangle(0, 0, "100%", "100%", {"fill": f"rgb({red}, {green}, {blue})"})
    width, height = PATTERNS[digits[20]](tile)
    size = f'width="{math.floor(width)}" height="{math.floor(height)}"'
    return f'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(tile.elements)}</svg>'
