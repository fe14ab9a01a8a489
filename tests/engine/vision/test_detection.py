"""The detectors on faces whose place is known."""

from __future__ import annotations

import cv2
import dlib
import pytest

from proctor_engine.models.hog import frontal
from proctor_engine.vision.boxes import overlap
from proctor_engine.vision.detection import detect, detect_known
from proctor_engine.vision.dlib_models import near_detector

SITTER = ("astronaut", 320, 230, 140)


@pytest.mark.parametrize("width", [70, 110, 180])
def test_a_face_of_known_size_is_found_where_the_whole_detector_finds_it(scene, width):
    gray = cv2.cvtColor(scene(("astronaut", 320, 230, width)), cv2.COLOR_RGB2GRAY)
    whole = detect(gray, round(width * 80 / 82), -0.2)[0]
    assert overlap(whole.box, detect_known(gray, width, -0.2)[0].box) > 0.8


def test_a_tilted_head_is_left_to_the_whole_detector(scene):
    tilted = cv2.warpAffine(scene(SITTER), cv2.getRotationMatrix2D((320, 230), 30, 1), (640, 480))
    gray = cv2.cvtColor(tilted, cv2.COLOR_RGB2GRAY)
    assert not near_detector().run(cv2.resize(gray, None, fx=82 / 140, fy=82 / 140), 0, 0.3)[0]
    assert detect_known(gray, 140, -0.2)[0].score > 0


@pytest.mark.parametrize("stored", [b"", dlib.get_frontal_face_detector().__getstate__()[0][1:], bytes(3000)])
def test_another_detector_is_not_cut(stored):
    with pytest.raises(ValueError, match="not dlib's frontal"):
        frontal(stored, sizes=2)
