"""Heads laid aside: where the eyes are, and the face set upright where its landmarks go astray."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from proctor_engine.vision import embed
from proctor_engine.vision.blaze import tilt
from proctor_engine.vision.boxes import centre
from proctor_engine.vision.detection import detect_reference
from proctor_engine.vision.embedding import embed_chips, face_chip, mended_chip
from proctor_engine.vision.upright import is_upright


def laid_aside(picture, degrees):
    """The picture turned clockwise around its face, and where the face is."""
    box = detect_reference(picture)[0].box
    turn = cv2.getRotationMatrix2D(centre(box), -degrees, 1.0)
    size = picture.shape[1], picture.shape[0]
    return cv2.warpAffine(picture, turn, size, borderMode=cv2.BORDER_REPLICATE), box


@pytest.mark.parametrize("degrees", [-45, -20, 0, 20, 35])
def test_the_eyes_tell_how_a_head_lies(astronaut, degrees):
    assert tilt(*laid_aside(astronaut, degrees)) == pytest.approx(degrees, abs=5)


def test_a_picture_without_a_face_has_no_eyes(astronaut):
    _, box = laid_aside(astronaut, 0)
    assert tilt(np.full_like(astronaut, 128), box) is None


@pytest.mark.parametrize("degrees", [-35, 0, 20, 45])
def test_a_face_that_its_landmarks_set_upright_is_left_alone(hopper, degrees):
    picture, box = laid_aside(hopper, degrees)
    assert mended_chip(picture, box, tilt(picture, box)) is None


def test_a_face_whose_landmarks_go_astray_is_recognised_all_the_same(hopper):
    picture, box = laid_aside(hopper, -60)
    known, mended = embed(hopper), mended_chip(picture, box, tilt(picture, box))
    assert mended is not None
    astray, right = embed_chips([face_chip(picture, box), mended])
    assert np.linalg.norm(astray - known) > 0.6
    assert np.linalg.norm(right - known) < 0.3
    assert [is_upright(face_chip(picture, box)), is_upright(mended)] == [False, True]
