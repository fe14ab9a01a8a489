"""Head, eyes and mouth of the two known faces, turned and warped in ways whose answer is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from proctor_engine.measurements import Gaze, HeadPose
from proctor_engine.vision.boxes import centre
from proctor_engine.vision.calibration import CalibrationState, calibrate, relative
from proctor_engine.vision.detection import detect
from proctor_engine.vision.emotion import EMOTIONS, EmotionState, read_emotion
from proctor_engine.vision.eyes import eye_opening, gaze
from proctor_engine.vision.features import Features, extract
from proctor_engine.vision.frame import Frame
from proctor_engine.vision.landmarks import EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT, dlib_landmarks
from proctor_engine.vision.likeness import likeness
from proctor_engine.vision.mouth import mouth_opening
from proctor_engine.vision.pose import head_pose
from proctor_engine.vision.settings import CalibrationSettings, EmotionSettings

SIZE = (640, 480)


@pytest.fixture(scope="module")
def gray(scene):
    return cv2.cvtColor(scene(("astronaut", 320, 230, 180)), cv2.COLOR_RGB2GRAY)


@pytest.fixture(scope="module")
def points(gray):
    return dlib_landmarks(gray, detect(gray)[0].box)


def turned(points, degrees):
    matrix = cv2.getRotationMatrix2D((320.0, 230.0), -degrees, 1.0)
    return points @ matrix[:, :2].T + matrix[:, 2]


def mirrored(points):
    """As a mirror would show the face, points in their own order again."""
    order = [*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31]
    order += [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40]
    order += [54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65]
    return np.stack([SIZE[0] - points[order, 0], points[order, 1]], axis=1)


def test_a_tilted_head_rolls_by_that_much_clockwise(points):
    straight = head_pose(points, SIZE)
    tilted = head_pose(turned(points, 20), SIZE)
    assert tilted.roll - straight.roll == pytest.approx(20, abs=3)


@pytest.mark.parametrize("degrees", [-28, 28])
def test_a_head_that_lies_aside_is_read_as_if_it_were_upright(scene, degrees):
    upright = scene(("astronaut", 320, 230, 180))
    box = detect(cv2.cvtColor(upright, cv2.COLOR_RGB2GRAY))[0].box
    turn = cv2.getRotationMatrix2D(centre(box), -degrees, 1.0)
    tilted = cv2.warpAffine(upright, turn, SIZE, borderMode=cv2.BORDER_REPLICATE)
    straight, aside = (
        extract(Frame.of_pixels(picture, 640, "frame"), box, dlib_landmarks) for picture in (upright, tilted)
    )
    assert aside.pose.roll - straight.pose.roll == pytest.approx(degrees, abs=4)
    assert (aside.pose.yaw, aside.pose.pitch) == pytest.approx((straight.pose.yaw, straight.pose.pitch), abs=5)
    assert aside.gaze.x == pytest.approx(straight.gaze.x, abs=0.08)
    assert aside.eye_opening == pytest.approx(straight.eye_opening, rel=0.15)
    assert likeness(aside.portrait, straight.portrait) > 0.9


def test_a_mirror_turns_yaw_and_roll_and_not_pitch(points):
    seen, other = head_pose(points, SIZE), head_pose(mirrored(points), SIZE)
    assert (other.yaw, other.pitch, other.roll) == pytest.approx((-seen.yaw, seen.pitch, -seen.roll), abs=1)


def test_features_shifted_within_the_face_turn_the_head(points):
    """The nose towards the image's right is a turn to the person's left; towards the top it is a look upwards."""
    rest = head_pose(points, SIZE)
    aside, above = points.copy(), points.copy()
    aside[27:36, 0] += 10
    above[27:36, 1] -= 10
    assert head_pose(aside, SIZE).yaw > rest.yaw + 5
    assert head_pose(above, SIZE).pitch > rest.pitch + 3


def test_shut_lids_close_the_eyes(points):
    shut = points.copy()
    for eye in (EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT):
        shut[eye, 1] = shut[eye, 1].mean()
    assert eye_opening(points) > 0.2
    assert eye_opening(shut) < 0.05


@pytest.mark.parametrize(("shift", "sign"), [(-6, -1), (6, 1)])
def test_the_iris_is_where_it_is_drawn(points, shift, sign):
    drawn = np.full(SIZE[::-1], 210, np.uint8)
    for eye in (EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT):
        x, y = points[eye].mean(axis=0)
        cv2.circle(drawn, (round(x) + shift, round(y)), 4, 20, -1)
    assert gaze(drawn, points).x * sign > 0.2


def test_an_iris_behind_shut_lids_is_not_guessed(gray, points):
    shut = points.copy()
    for eye in (EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT):
        shut[eye, 1] = shut[eye, 1].mean()
    assert gaze(gray, shut) is None


def test_a_mouth_opens(points):
    opened = points.copy()
    opened[65:68, 1] += 15
    assert mouth_opening(opened) > mouth_opening(points) + 0.15


def features(yaw=0.0, opening=0.3):
    return Features(HeadPose(yaw, 12.0, 0.0), Gaze(0.1, 0.5), opening, 0.0, np.zeros((24, 24), np.uint8))


def calibrated(sequence):
    state = CalibrationState()
    for second, seen in enumerate(sequence):
        calibrate(seen, float(second), state, CalibrationSettings())
    return state.rest


def test_nothing_is_told_before_the_rest_is_known():
    assert relative(features(), calibrated([features()] * 2)).pose is None
    assert relative(features(), calibrated([features()] * 3)).pose == HeadPose(0, 0, 0)


def test_a_glance_aside_in_the_first_seconds_does_not_move_the_rest():
    rest = calibrated([*[features(2)] * 7, *[features(40)] * 5, *[features(2)] * 8])
    assert relative(features(2), rest).pose.yaw == 0
    assert relative(features(2, opening=0.15), rest).eye_opening == pytest.approx(0.5)


def test_who_looks_aside_for_minutes_does_not_make_that_the_rest():
    rest = calibrated([*[features(0)] * 20, *[features(35)] * 600])
    assert relative(features(35), rest).pose.yaw == pytest.approx(35)


def test_a_new_posture_becomes_the_rest_slowly():
    soon = calibrated([*[features(0)] * 20, *[features(8)] * 20])
    late = calibrated([*[features(0)] * 20, *[features(8)] * 1500])
    assert relative(features(8), soon).pose.yaw > 6
    assert abs(relative(features(8), late).pose.yaw) < 1


def test_emotions_are_off_and_come_at_their_time(scene):
    frame = Frame.of_pixels(scene(("astronaut", 320, 230, 180)), 640, "frame")
    box, state = detect(frame.gray)[0].box, EmotionState()
    assert read_emotion(frame, box, 0.0, state, EmotionSettings()) is None
    on = EmotionSettings(enabled=True)
    first = read_emotion(frame, box, 0.0, state, on)
    assert sum(first) == pytest.approx(1, abs=1e-5)
    assert EMOTIONS[int(np.argmax(first))] == "happy"
    assert read_emotion(frame, box, 1.0, state, on) is None
    assert read_emotion(frame, box, 2.0, state, on) == first
