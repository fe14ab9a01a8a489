from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from proctor_engine.measurements import Box
from proctor_engine.vision.boxes import coverage
from proctor_engine.vision.change import Searched, everything, news, note

WALL = np.full((60, 80), 140, np.uint8)
GRAIN = np.random.default_rng(0)


def searched(picture):
    state = Searched()
    note(picture, everything(picture), 0.0, state)
    return state


def grained(picture):
    return np.clip(picture + GRAIN.normal(0, 0.6, picture.shape), 0, 255).astype(np.uint8)


def test_what_was_never_searched_is_searched_whole():
    assert news(WALL, [], 60, Searched()) == [Box(0, 0, 640, 480)]


def test_grain_is_no_news_and_neither_is_a_lamp():
    assert news(grained(WALL), [], 60, searched(WALL)) == []
    assert news(grained(WALL + 25), [], 60, searched(WALL)) == []


@settings(max_examples=60, deadline=None)
@given(x=st.integers(0, 72), y=st.integers(0, 52), luma=st.sampled_from([40, 90, 200]))
def test_whatever_appears_is_inside_a_searched_part(x, y, luma):
    now = WALL.copy()
    now[y : y + 8, x : x + 8] = luma
    face = Box(x * 8, y * 8, x * 8 + 64, y * 8 + 64)
    assert any(coverage(face, region) == 1 for region in news(grained(now), [], 60, searched(WALL)))


def test_two_news_are_searched_at_once_where_that_is_less_work():
    near, far = WALL.copy(), WALL.copy()
    near[10:20, 10:20] = near[10:20, 34:44] = 60
    far[10:20, 2:12] = far[10:20, 66:76] = 60
    assert len(news(near, [], 60, searched(WALL))) == 1
    assert len(news(far, [], 60, searched(WALL))) == 2


def test_a_part_is_news_once():
    now = WALL.copy()
    now[10:20, 10:20] = 60
    state = searched(WALL)
    note(now, news(now, [], 60, state), 1.0, state)
    assert news(now, [], 60, state) == []
    assert news(WALL, [], 60, state) != []


def test_somebody_who_sways_is_no_news():
    sitting = WALL.copy()
    sitting[20:60, 30:50] = 80
    swayed = np.roll(sitting, 1, axis=1)
    face = Box(280, 160, 360, 240)
    assert news(swayed, [face], 60, searched(sitting)) == []


def test_another_resolution_begins_anew():
    assert news(np.full((45, 80), 140, np.uint8), [], 60, searched(WALL)) == [Box(0, 0, 640, 360)]
