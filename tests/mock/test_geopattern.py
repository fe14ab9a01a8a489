"""The generated pictures, held against what a real Moodle 4.5.6 drew for the same courses."""

from __future__ import annotations

from hashlib import sha1

import pytest

from mock_moodle.geopattern import picture_of
from mock_moodle.webservice.php import float_as_text

DRAWN = {
    "octagons": (5, "c369414faa7e42a5"),
    "overlapping_circles": (16, "98be9cbffb3f3e8d"),
    "plus_signs": (6, "d2c2bc31bffe29ac"),
    "crosses": (27, "d774d02d0a81cc4f"),
    "sine_waves": (23, "95b4c91faf5f52fb"),
    "hexagons": (9, "44373038528a010a"),
    "overlapping_rings": (2, "4e2f2910ecc0ad1d"),
    "plaid": (4, "b988400cb5c9d8e4"),
    "triangles": (3, "a14d54310344ad22"),
    "squares": (14, "46dbe4ad0cc8d2b8"),
    "concentric_circles": (25, "099cb2de864accdc"),
    "diamonds": (18, "f69188da0d4c9230"),
    "tessellation": (8, "b7c431a40dbd9cbf"),
    "nested_squares": (12, "dca38be4d9b35923"),
    "mosaic_squares": (20, "94185f7d06141f95"),
    "rotated_triangles": (66, "dc432df182ce7052"),
}
"""By pattern: a course's id, and the first half of the SHA-1 of its SVG."""
DRAWN_UP_TO_1200 = "2a14c7a42576cd92cd0bd13db828c2ab94e4ee69"


@pytest.mark.parametrize("pattern", DRAWN)
def test_each_pattern_is_drawn_as_moodle_draws_it(pattern: str) -> None:
    course, digest = DRAWN[pattern]
    assert sha1(picture_of(course).encode(), usedforsecurity=False).hexdigest().startswith(digest)


def test_twelve_hundred_courses_have_the_pictures_that_moodle_gives_them() -> None:
    """Every pattern in every one of its sixteen sizes is among them."""
    pictures = "".join(picture_of(course) for course in range(1201))
    assert sha1(pictures.encode(), usedforsecurity=False).hexdigest() == DRAWN_UP_TO_1200


def test_numbers_are_written_as_php_prints_floats() -> None:
    written = [float_as_text(value) for value in (46.666666666666664, 280.0, 0, -0.0, 1.5e-15, 1e-15, 1e15)]
    assert written == ["46.666666666667", "280", "0", "-0", "1.5E-15", "1.0E-15", "1.0E+15"]
