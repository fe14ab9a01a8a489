from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor_engine.measurements import Box, Face, FrameMeasurement, HeadPose, Quality
from proctor_engine.vision.challenge import Outcome, Task, advance, begin, draw
from proctor_engine.vision.settings import ChallengeSettings

SETTINGS = ChallengeSettings()
QUALITY = Quality(120, 100, dark=False, covered=False, frozen=False, blurred=False)
REST = Face(Box(0, 0, 100, 100), 1.0, 1, pose=HeadPose(0, 0, 0), eye_opening=1.0, mouth_opening=0.02)


def at(time, *faces):
    return FrameMeasurement(time, QUALITY, faces, scanned=True)


def play(tasks, faces, fps=5.0, voice=None):
    """Runs the challenge over one face (or several, or none) a frame."""
    challenge = begin(tasks, 0.0)
    for i, seen in enumerate(faces):
        seen = seen if isinstance(seen, tuple) else (seen,)
        challenge = advance(challenge, at((i + 1) / fps, *seen), SETTINGS, voice)
    return challenge


def turned(yaw):
    return replace(REST, pose=HeadPose(yaw, 0, 0))


SHUT = replace(REST, eye_opening=0.3)
SPEAKING = [replace(REST, mouth_opening=opening) for opening in (0.02, 0.3, 0.05, 0.25, 0.0, 0.3, 0.1)]


@pytest.mark.parametrize(
    ("task", "faces"),
    [
        (Task.TURN_LEFT, [REST, turned(10), turned(25)]),
        (Task.TURN_RIGHT, [REST, turned(-25)]),
        (Task.BLINK, [REST, SHUT, REST, SHUT, REST]),
        (Task.READ, SPEAKING),
    ],
)
def test_each_task_is_passed_by_doing_it(task, faces):
    assert play([task], faces).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("task", "faces"),
    [
        (Task.TURN_LEFT, [turned(-30), turned(10)]),
        (Task.BLINK, [SHUT, SHUT, SHUT, SHUT]),
        (Task.READ, [REST] * 10),
        (Task.READ, [replace(REST, mouth_opening=0.35)] * 10),  # a smile
    ],
)
def test_nothing_else_passes_it_and_time_runs_out(task, faces):
    assert play([task], faces).outcome is Outcome.RUNNING
    late = play([task], faces + [faces[-1]] * 80)
    assert late.outcome is Outcome.FAILED
    assert "12 s" in late.reason


def test_reading_needs_the_voice_where_somebody_listens():
    assert play([Task.READ], SPEAKING, voice=0.1).outcome is Outcome.RUNNING
    assert play([Task.READ], SPEAKING, voice=0.9).outcome is Outcome.PASSED


def test_tasks_come_one_after_the_other():
    challenge = play([Task.BLINK, Task.TURN_LEFT], [turned(30), SHUT, REST, SHUT, REST])
    assert challenge.task is Task.TURN_LEFT
    assert not challenge.turned


def test_nobody_can_step_in():
    other = replace(REST, track=2)
    assert "another one" in play([Task.BLINK], [REST, other]).reason
    assert "another face" in play([Task.BLINK], [REST, (REST, other)]).reason
    assert "out of the picture" in play([Task.BLINK], [REST, *[()] * 15]).reason


def test_a_far_turn_may_lose_the_face_for_a_moment():
    assert play([Task.TURN_LEFT], [REST, (), (), (), turned(40)]).outcome is Outcome.PASSED


@given(seed=st.integers(), count=st.integers(1, 4), voice=st.booleans())
def test_every_draw_has_one_turn_and_no_task_twice(seed, count, voice):
    tasks = draw(random.Random(seed), count, voice)  # noqa: S311
    assert len(set(tasks)) == len(tasks) == min(count, 4 if voice else 3)
    assert {Task.TURN_LEFT, Task.TURN_RIGHT} & set(tasks)
    assert voice or Task.READ not in tasks


faces = st.builds(
    lambda yaw, eyes, mouth, track: replace(
        REST, pose=HeadPose(yaw, 0, 0), eye_opening=eyes, mouth_opening=mouth, track=track
    ),
    st.floats(-60, 60),
    st.floats(0, 1.5),
    st.floats(0, 1),
    st.integers(1, 2),
)


@given(frames=st.lists(st.lists(faces, max_size=2), max_size=30), tasks=st.lists(st.sampled_from(Task), min_size=1))
def test_an_outcome_is_final(frames, tasks):
    challenge = begin(tasks, 0.0)
    for i, seen in enumerate(frames):
        later = advance(challenge, at(i / 2, *seen), SETTINGS)
        if challenge.outcome is not Outcome.RUNNING:
            assert later == challenge
        assert (later.reason is not None) == (later.outcome is Outcome.FAILED)
        challenge = later


def test_a_challenge_without_tasks_is_refused():
    with pytest.raises(ValueError, match="at least one task"):
        begin([], 0.0)
