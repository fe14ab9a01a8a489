from __future__ import annotations

from proctor_engine.vision.liveness import LivenessState, live
from proctor_engine.vision.settings import LivenessSettings

SETTINGS = LivenessSettings()


def scores(openings, fps=5.0):
    state = LivenessState()
    return [live(opening, i / fps, state, SETTINGS) for i, opening in enumerate(openings)]


def test_nothing_is_said_of_somebody_quiet():
    assert set(scores([1.0] * 5 * 30)) == {None}


def test_a_blink_speaks_for_life_and_wears_off():
    told = scores([1.0] * 10 + [0.3] + [1.0] * 5 * 200)
    assert told[9] is None
    assert told[11] == SETTINGS.after_blink
    assert told[-1] is None or told[-1] < SETTINGS.after_blink


def test_a_face_that_never_blinks_grows_doubtful():
    told = [score for score in scores([1.0] * 5 * 300) if score is not None]
    assert told == sorted(told, reverse=True)
    assert told[0] > 0.5
    assert told[-1] < 0.1


def test_a_slow_camera_is_slower_to_doubt():
    assert scores([1.0] * 180, fps=1.0)[-1] is None
    assert scores([1.0] * 180 * 5, fps=5.0)[-1] is not None


def test_nothing_is_concluded_from_what_was_not_watched():
    assert scores([None] * 2000)[-1] is None
    state = LivenessState()
    for minute in range(60):
        assert live(1.0, minute * 60.0, state, SETTINGS) is None
