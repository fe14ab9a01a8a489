"""The detectors: on faces whose place is known, and over the whole frame."""

from __future__ import annotations

import subprocess
import sys

import cv2
import dlib
import numpy as np
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st

from proctor_engine.measurements import Box
from proctor_engine.models.hog import frontal
from proctor_engine.vision.blaze import parts, survey
from proctor_engine.vision.boxes import moved, overlap
from proctor_engine.vision.detection import detect, detect_known
from proctor_engine.vision.dlib_models import near_detector
from proctor_engine.vision.frame import Frame
from proctor_engine.vision.scanning import ScanState, scan
from proctor_engine.vision.settings import DetectionSettings

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


def test_a_survey_finds_the_small_and_the_masked_where_they_are(scene):
    picture = scene(("astronaut", 420, 250, 150), ("hopper", 90, 100, 55))
    cv2.rectangle(picture, (350, 275), (490, 340), (190, 205, 215), -1)
    masked, small = sorted(survey(picture, 50, 0.0), key=lambda detection: -detection.box.left)
    assert masked.box.left < 420 < masked.box.right
    assert masked.box.top < 250 < masked.box.bottom
    assert 110 < masked.box.right - masked.box.left < 200
    assert 40 < small.box.right - small.box.left < 75


def test_a_small_face_in_the_dim_with_a_quarter_hidden_is_found_by_a_scan(scene):
    """Blaze is all but sure that it is none; HOG, asked about that place, sees it."""
    state, settings = ScanState(), DetectionSettings()
    scan(Frame.of_pixels(scene(), 640, "empty"), 0.0, [], False, state, settings)
    picture = scene(("hopper", 200, 200, 62), light=0.3)
    picture[120:330, 215:365] = scene(light=0.3)[120:330, 215:365]
    [found] = scan(Frame.of_pixels(picture, 640, "hidden"), 4.0, [], False, state, settings).found
    assert found.box.left < 200 < found.box.right


def test_a_face_cut_off_all_around_is_found_before_the_frame_is_called_empty(astronaut):
    """No hair, no neck: Blaze sees no head. HOG, which costs as much as eight frames, is asked once a minute."""
    picture = cv2.resize(skimage.data.coffee(), (640, 480), interpolation=cv2.INTER_AREA)
    picture[180:225, 250:295] = cv2.resize(astronaut[76:166, 175:265], (45, 45), interpolation=cv2.INTER_AREA)
    frame, state, settings = Frame.of_pixels(picture, 640, "stamp"), ScanState(), DetectionSettings()
    [found] = scan(frame, 0.0, [], True, state, settings).found
    assert overlap(found.box, Box(250, 180, 295, 225)) > 0.6
    assert scan(frame, 30.0, [], True, state, settings).found == []
    assert scan(frame, 60.0, [], True, state, settings).found


def test_a_survey_of_an_empty_room_finds_nobody(scene):
    assert survey(scene(), 40, 0.0) == []


def test_a_survey_of_a_picture_of_any_shape_finds_the_same_face(scene):
    picture = scene(("astronaut", 320, 230, 90))
    whole = survey(picture, 60, 0.0)[0].box
    for part in (Box(200, 100, 440, 360), Box(170, 0, 640, 470), Box(240, 140, 400, 320)):
        found = survey(picture[part.top : part.bottom, part.left : part.right], 60, 0.0)
        assert overlap(moved(found[0].box, part.left, part.top), whole) > 0.7


@given(across=st.integers(16, 2000), down=st.integers(16, 2000), side=st.integers(100, 600), shared=st.integers(10, 60))
def test_the_parts_cover_the_picture_and_no_face_falls_between_two(across, down, side, shared):
    found = parts(across, down, side, shared)
    assert all(right - left <= side and bottom - top <= side for left, top, right, bottom in found)
    for length, spans in ((across, {(l, r) for l, _, r, _ in found}), (down, {(t, b) for _, t, _, b in found})):  # noqa: E741
        whole = np.arange(length - min(shared, length) + 1)
        inside = [(whole >= start) & (whole + min(shared, length) <= end) for start, end in spans]
        assert np.any(inside, axis=0).all()


MANY_AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from proctor_engine.vision.detection import detect, detect_reference

noise = np.random.default_rng(1)
pictures = [noise.integers(0, 255, (height, 320, 3), dtype=np.uint8) for height in (120, 240, 300, 480)] * 10
with ThreadPoolExecutor(4) as pool:
    for search in (detect, detect_reference):
        assert len(list(pool.map(search, pictures))) == len(pictures)
"""


def test_many_threads_may_search_at_once():
    """As a web process does when candidates check in together. In a process of its own, which dlib would end."""
    subprocess.run([sys.executable, "-c", MANY_AT_ONCE], check=True)
