"""A face that a hand hides half of is still there; an empty chair is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from benchmarks.expressions import turned
from benchmarks.scenes import photographs, place
from proctor_engine.measurements import Box
from proctor_engine.vision import FramePipeline, VisionSettings, scanning, tracking
from proctor_engine.vision.boxes import moved
from proctor_engine.vision.brow import brow, find_brow
from proctor_engine.vision.settings import DetectionSettings

AT = Box(250, 160, 390, 300)
"""Where the face of `SITTER` is."""
SITTER = ("astronaut", 320, 230, 140)


def gray(picture):
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def behind_a_hand(picture, x=320):
    return cv2.ellipse(picture.copy(), (x, 290), (70, 58), 0, 0, 360, (196, 150, 126), -1)


def test_a_face_is_recognised_by_its_upper_half_where_it_went(scene):
    strip = brow(gray(scene(SITTER)), AT)
    moved_on = behind_a_hand(scene(("astronaut", 345, 238, 140), seed=1), 345)
    place, correlation = find_brow(gray(moved_on), AT, strip)
    expected = moved(AT, 25, 8)
    assert np.allclose((place.left, place.top), (expected.left, expected.top), atol=6)
    assert correlation > 0.9


def test_it_is_not_recognised_in_the_empty_room_nor_in_another_face(scene):
    strip = brow(gray(scene(SITTER)), AT)
    assert find_brow(gray(scene(seed=1)), AT, strip) is None
    assert find_brow(gray(scene(("hopper", 320, 230, 140), seed=1)), AT, strip) is None
    assert find_brow(np.full((480, 640), 90, np.uint8), AT, strip) is None


@pytest.mark.parametrize(("places", "recognised"), [((-80,), True), ((-80, 80), False)])
def test_what_looks_so_in_several_places_is_no_face(scene, places, recognised):
    """As a wall of bricks does."""
    sitting, room = gray(scene(SITTER)), gray(scene(seed=1))
    for down in places:
        room[120 + down : 240 + down, 230:410] = sitting[120:240, 230:410]
    assert (find_brow(room, AT, brow(sitting, AT)) is not None) == recognised


@pytest.mark.parametrize("box", [Box(-40, 160, 100, 300), Box(250, 10, 390, 150), Box(600, 400, 740, 540)])
def test_a_face_that_leaves_the_picture_has_no_strip(scene, box):
    assert brow(gray(scene()), box) is None


@pytest.fixture
def blinded(reference, monkeypatch):
    """Watches these frames, a second apart; then no detector sees a face any more."""

    def watch(frames):
        pipeline = FramePipeline(VisionSettings(), reference)
        for time, frame in enumerate(frames):
            pipeline.measure(frame, float(time))
        blind = DetectionSettings(track_threshold=2, scan_threshold=2)
        monkeypatch.setattr(tracking, "recognise", lambda *_: None)
        monkeypatch.setattr(scanning, "survey", lambda *_: [])
        return FramePipeline.restore(VisionSettings(detection=blind), reference, pipeline.state())

    return watch


def test_nobody_is_lost_behind_a_hand_and_only_the_turn_is_read_in_the_face(scene, blinded):
    pipeline = blinded(scene(SITTER, seed=time) for time in range(4))
    for time in range(4, 12):
        [face] = pipeline.measure(behind_a_hand(scene(SITTER, seed=time)), float(time)).faces
        assert face.track == 1
        assert abs(face.pose.yaw) < 8
        assert (face.gaze, face.eye_opening, face.identity, face.mouth_opening) == (None, None, None, None)
    assert pipeline.measure(scene(seed=20), 12.0).faces == ()


@pytest.mark.parametrize("yaw", [-30, 30])
def test_a_head_that_turns_away_unseen_by_the_detectors_is_told_to_be_turned(scene, blinded, yaw):
    ahead = photographs()[0]
    away = turned(ahead, yaw)

    def sitting(photograph, time):
        return place(photograph, scene(seed=time), 140, (320, 230))

    pipeline = blinded(sitting(ahead, time) for time in range(4))
    for time in range(4, 8):
        [face] = pipeline.measure(sitting(away, time), float(time)).faces
        assert face.pose.yaw * yaw > 0
        assert 12 < abs(face.pose.yaw) < 40
