"""Head, eyes and mouth of the two known faces, turned and warped in ways whose answer is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from proctor_engine.measurements import Gaze, HeadPose
from proctor_engine.vision import eyes
from proctor_engine.vision.boxes import centre
from proctor_engine.vision.calibration import CalibrationState, calibrate, relative
from proctor_engine.vision.detection import detect
from proctor_engine.vision.emotion import EMOTIONS, EmotionState, read_emotion
from proctor_engine.vision.eyes import Eyes, UsualEyes, portrait_of_eyes, read_eyes
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


@pytest.mark.parametrize("aside", [(-180, 0), (180, 0), (0, -120), (0, 120)])
def test_a_head_that_moves_aside_and_shows_the_camera_the_same_face_has_not_turned(points, aside):
    before, after = head_pose(points, SIZE), head_pose(points + aside, SIZE)
    assert (after.yaw, after.pitch) == pytest.approx((before.yaw, before.pitch), abs=5)


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
    assert aside.eyes.x == pytest.approx(straight.eyes.x, abs=0.08)
    assert aside.eyes.opening == pytest.approx(straight.eyes.opening, rel=0.15)
    assert likeness(aside.portrait, straight.portrait) > 0.9


@pytest.mark.parametrize(("lies", "was", "looks"), [(20, 20, 1), (20, 16, 1), (20, 0, 2), (0, 20, 2), (4, 3, 1)])
def test_a_head_that_goes_on_lying_aside_is_looked_at_once(scene, lies, was, looks):
    picture = cv2.warpAffine(
        scene(("astronaut", 320, 230, 180)), cv2.getRotationMatrix2D((320.0, 230.0), -lies, 1.0), SIZE
    )
    frame, count = Frame.of_pixels(picture, 640, "frame"), []

    def find(gray, box):
        count.append(box)
        return dlib_landmarks(gray, box)

    box = detect(frame.gray)[0].box
    level = extract(frame, box, dlib_landmarks).tilt
    seen = extract(frame, box, find, tilt=was + level - lies)
    assert len(count) == looks
    assert abs(seen.tilt - level) < 4
    assert abs(seen.pose.roll - extract(frame, box, dlib_landmarks).pose.roll) < 6


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


def bent(gray, points, move):
    """Each eye redrawn: `move` says from where, in half eye widths around its middle, a place takes its pixel."""
    y, x = np.mgrid[0 : gray.shape[0], 0 : gray.shape[1]].astype(np.float32)
    drawn = gray
    for eye in (EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT):
        (mx, my), half = points[eye].mean(axis=0), np.ptp(points[eye, 0]) / 2
        across, down = move((x - mx) / half, (y - my) / half)
        drawn = cv2.remap(drawn, (across * half + mx).astype(np.float32), (down * half + my).astype(np.float32), 1)
    return drawn


def shut(across, down):
    """The skin above drawn down over the eye."""
    inside = (abs(across) < 1.1) & (down > -1.3) & (down < 0.35)
    return across, np.where(inside, -1.3 + (down + 1.3) * 0.55, down)


def aside(by):
    """What lies around the iris stretched and squeezed until it has moved."""

    def move(across, down):
        near = np.clip(1 - (across / 0.9) ** 2, 0, 1) * np.clip(1 - (down / 0.7) ** 2, 0, 1)
        return across - by * near, down

    return move


def test_shut_lids_close_the_eyes(gray, points):
    usual, lowered = read_eyes(gray, points), read_eyes(bent(gray, points, shut), points)
    assert lowered.opening < 0.7 * usual.opening


@pytest.mark.parametrize("by", [-0.5, 0.5])
def test_the_iris_is_seen_where_it_went(gray, points, by):
    usual, glancing = read_eyes(gray, points), read_eyes(bent(gray, points, aside(by)), points)
    assert (glancing.x - usual.x) / by > 0.3
    assert glancing.opening == pytest.approx(usual.opening, rel=0.2)


def test_eyes_of_a_few_pixels_tell_nothing(gray, points):
    assert read_eyes(cv2.resize(gray, None, fx=0.2, fy=0.2), points * 0.2) is None


@pytest.mark.parametrize("move", [shut, aside(-0.5), aside(0.5)])
def test_eyes_are_asked_only_where_they_do_not_look_as_usual(scene, gray, points, move):
    usual = UsualEyes(portrait_of_eyes(gray, points), read_eyes(gray, points))
    swayed = cv2.cvtColor(scene(("astronaut", 316, 233, 176), seed=1, light=0.9), cv2.COLOR_RGB2GRAY)
    assert usual.are_seen(portrait_of_eyes(swayed, dlib_landmarks(swayed, detect(swayed)[0].box)))
    assert not usual.are_seen(portrait_of_eyes(bent(gray, points, move), points))


@pytest.fixture
def looks(monkeypatch):
    """Which eyes the network was asked about, the left ones being mirrored."""
    asked, look = [], eyes._look

    def noted(gray, eye, *, mirrored):
        asked.append("left" if mirrored else "right")
        return look(gray, eye, mirrored=mirrored)

    monkeypatch.setattr(eyes, "_look", noted)
    return asked


def test_one_eye_at_rest_answers_for_both(scene, gray, points, looks):
    usual = UsualEyes(portrait_of_eyes(gray, points), read_eyes(gray, points))
    grained = cv2.cvtColor(scene(("astronaut", 320, 230, 180), seed=7), cv2.COLOR_RGB2GRAY)
    looks.clear()
    seen = read_eyes(grained, points, usual)
    assert len(looks) == 1
    assert seen[:3] == pytest.approx(read_eyes(grained, points)[:3], abs=0.07)


@pytest.mark.parametrize("move", [shut, aside(-0.5), aside(0.5)])
def test_eyes_that_are_not_at_rest_are_both_asked(gray, points, looks, move):
    usual = UsualEyes(portrait_of_eyes(gray, points), read_eyes(gray, points))
    moved = bent(gray, points, move)
    looks.clear()
    assert read_eyes(moved, points, usual) == read_eyes(moved, points)
    assert sorted(looks[:2]) == ["left", "right"]


def test_a_mouth_opens(points):
    opened = points.copy()
    opened[65:68, 1] += 15
    assert mouth_opening(opened) > mouth_opening(points) + 0.15


EYES_AT_REST = np.arange(8 * 48, dtype=np.uint8).reshape(8, 48)


def features(yaw=0.0, opening=0.3, x=0.1):
    """`opening` is None for eyes that look as usual."""
    seen = Eyes(x, 0.2, opening) if opening else None
    return Features(HeadPose(yaw, 12.0, 0.0), seen, seen is None, EYES_AT_REST, 0.0, np.zeros((24, 24), np.uint8))


def calibrated(sequence):
    return watched(sequence).rest


def watched(sequence):
    state = CalibrationState()
    for second, seen in enumerate(sequence):
        calibrate(seen, float(second), state, CalibrationSettings())
    return state


def test_nothing_is_told_before_the_rest_is_known():
    assert relative(features(), calibrated([features()] * 2)).pose is None
    assert relative(features(), calibrated([features()] * 3)).pose == HeadPose(0, 0, 0)


def test_a_glance_aside_in_the_first_seconds_does_not_move_the_rest():
    rest = calibrated([*[features(2)] * 7, *[features(40)] * 5, *[features(2)] * 8])
    assert relative(features(2), rest).pose.yaw == 0
    assert relative(features(2, opening=0.15), rest).eye_opening == pytest.approx(0.5)


def test_eyes_that_look_as_usual_are_at_rest_and_the_head_may_turn():
    told = relative(features(30, opening=None), calibrated([features()] * 20))
    assert (told.pose.yaw, told.gaze, told.eye_opening) == (30, Gaze(0, 0), 1)


def test_the_picture_of_usual_eyes_is_learnt_from_eyes_at_rest_once_the_rest_is_known():
    assert watched([features()] * 5).eyes is None
    assert np.array_equal(watched([features()] * 6).eyes, EYES_AT_REST)
    assert watched([*[features()] * 5, *[features(x=0.4)] * 4]).eyes is None


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
