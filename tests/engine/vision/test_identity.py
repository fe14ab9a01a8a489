from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor_engine.measurements import Box, Face, HeadPose, Sameness
from proctor_engine.vision.doubt import doubt
from proctor_engine.vision.identity import IdentityState, decide, is_due, is_stranger
from proctor_engine.vision.likeness import likeness
from proctor_engine.vision.settings import IdentitySettings

SETTINGS = IdentitySettings()
SHARP = np.random.default_rng(0).integers(60, 200, (150, 150, 3), np.uint8)
FACE = Face(Box(0, 0, 120, 120), 1.0, 1, pose=HeadPose(0, 0, 0))


def decisions(distances, doubts=None, track=1):
    state = IdentityState()
    doubts = doubts or [None] * len(distances)
    return [
        decide(track, None, float(i), distance, doubtful, state, SETTINGS).sameness
        for i, (distance, doubtful) in enumerate(zip(distances, doubts, strict=True))
    ]


def test_one_unlike_look_is_not_enough():
    assert decisions([0.9, 0.9]) == [Sameness.UNSURE] * 2
    assert decisions([0.9, 0.9, 0.9])[-1] is Sameness.DIFFERENT


def test_a_likeness_in_between_begins_anew():
    assert decisions([0.9, 0.9, 0.4, 0.9, 0.9])[-1] is Sameness.UNSURE


def test_between_like_and_unlike_only_time_tells():
    found = decisions([0.645] * 20)
    assert found[:14] == [Sameness.UNSURE] * 14
    assert found[14:] == [Sameness.DIFFERENT] * 6
    assert Sameness.DIFFERENT not in decisions([0.62] * 60)


def test_a_difference_stands_until_a_likeness():
    assert decisions([0.9, 0.9, 0.9, 0.61, 0.61, 0.3])[3:] == [Sameness.DIFFERENT, Sameness.DIFFERENT, Sameness.SAME]


def test_a_new_track_is_judged_anew():
    state = IdentityState()
    for second in range(4):
        decide(1, None, second, 0.9, None, state, SETTINGS)
    assert decide(2, None, 5.0, 0.9, None, state, SETTINGS).sameness is Sameness.UNSURE


@given(st.lists(st.tuples(st.floats(0, 1.4), st.sampled_from([None, "the face is too dark"])), max_size=40))
def test_what_is_seen_badly_is_never_called_different(looks):
    state = IdentityState()
    for second, (distance, doubtful) in enumerate(looks):
        before = state.last
        result = decide(1, None, float(second), distance, doubtful, state, SETTINGS)
        assert (result.sameness is Sameness.SAME) == (distance <= SETTINGS.same_below)
        if result.sameness is Sameness.UNSURE:
            assert result.reason
        if doubtful and result.sameness is Sameness.DIFFERENT:
            assert before is not None
            assert before.sameness is Sameness.DIFFERENT
        assert is_stranger(state) or result.sameness is not Sameness.DIFFERENT


def test_a_known_face_is_looked_at_seldom_and_an_altered_one_at_once():
    face = np.random.default_rng(1).integers(0, 256, (24, 24), np.uint8)
    other = np.random.default_rng(2).integers(0, 256, (24, 24), np.uint8)
    assert likeness(face, face) > 0.99
    state = IdentityState()
    assert is_due(1, face, 0.0, state, SETTINGS)
    decide(1, face, 0.0, 0.3, None, state, SETTINGS)
    assert not is_due(1, face, 5.0, state, SETTINGS)
    assert is_due(1, other, 1.0, state, SETTINGS)
    assert is_due(1, face, 10.0, state, SETTINGS)
    assert is_due(2, face, 0.5, state, SETTINGS)


def test_a_face_that_looks_as_at_an_earlier_look_is_not_altered():
    rng = np.random.default_rng(3)
    ways = [rng.integers(0, 256, (24, 24), np.uint8) for _ in range(6)]
    state = IdentityState()
    for second, way in enumerate(ways[:5]):
        decide(1, way, float(second), 0.3, None, state, SETTINGS)
    due = [is_due(1, way, 5.0, state, SETTINGS) for way in ways]
    assert due == [True, False, False, False, False, True]  # the first of five is forgotten, the last never seen
    decide(1, ways[5], 6.0, 0.9, None, state, SETTINGS)
    assert is_due(1, ways[4], 7.0, state, SETTINGS)  # what was known of the candidate is not known of somebody else


def test_a_doubtful_face_says_why():
    assert doubt(SHARP, FACE, 0.7, SETTINGS) is None
    assert "dark" in (doubt(SHARP // 30, FACE, 0.7, SETTINGS) or "")
    assert "blurred" in (doubt(np.full_like(SHARP, 120), FACE, 0.7, SETTINGS) or "")
    assert "30 pixels" in (doubt(SHARP, Face(Box(0, 0, 30, 30), 1.0, 1), 0.7, SETTINGS) or "")
    turned = Face(FACE.box, 1.0, 1, pose=HeadPose(40, 0, 0))
    assert "turned" in (doubt(SHARP, turned, 0.7, SETTINGS) or "")
    assert "turned" in (doubt(SHARP, turned, 0.7, SETTINGS, HeadPose(0, 35, 0)) or "")
    assert "hidden" in (doubt(SHARP, Face(FACE.box, -0.1, 1), 0.7, SETTINGS) or "")
    assert "aside" in (doubt(SHARP, FACE, 0.95, SETTINGS, upright=False) or "")


@pytest.mark.parametrize(("roll", "good"), [(-20, True), (36, False), (-36, False)])
def test_a_face_that_lies_aside_is_no_good_look(roll, good):
    aside = Face(FACE.box, 1.0, 1, pose=HeadPose(0, 0, roll))
    assert (doubt(SHARP, aside, 0.76, SETTINGS) is None) == good


def test_a_face_that_is_nobody_elses_even_when_turned_is_seen_well_enough():
    turned = Face(FACE.box, 1.0, 1, pose=HeadPose(40, 0, 0))
    assert doubt(SHARP, turned, 0.93, SETTINGS) is None


def test_another_persons_rest_is_not_held_to_the_candidates():
    """Who looks straight into the camera is seen well, however far that is from where the candidate's head rests."""
    stranger = Face(FACE.box, 1.0, 1, pose=HeadPose(0, 37, 0))
    assert doubt(SHARP, stranger, 0.7, SETTINGS, HeadPose(2, 5, 0)) is None


def test_a_face_that_is_surely_nobody_elses_may_be_half_hidden():
    hidden = Face(FACE.box, -0.1, 1)
    assert doubt(SHARP, hidden, 0.8, SETTINGS) is None
