"""An active check that a living person sits there: turn, blink, read aloud, in an order that nobody knew before.

A pure state machine: `begin`, then `advance` with each measurement of the pipeline. It fails as soon as the face is
another one, is gone or is not alone, so that nobody steps in for a task.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from proctor_engine.measurements import Face, FrameMeasurement
from proctor_engine.vision.settings import ChallengeSettings


class Task(str, Enum):
    """Left and right are the person's own."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    BLINK = "blink"
    READ = "read"


class Outcome(str, Enum):
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Challenge:
    """`tasks` still to do, the first of them since `since` (seconds). `reason` says why it failed."""

    tasks: tuple[Task, ...]
    since: float
    track: int | None = None
    missing_since: float | None = None
    turned: bool = False
    shut: bool = False
    blinks: int = 0
    mouth: tuple[tuple[float, float], ...] = ()
    outcome: Outcome = Outcome.RUNNING
    reason: str | None = None

    @property
    def task(self) -> Task | None:
        """What the person is asked to do now."""
        return self.tasks[0] if self.tasks and self.outcome is Outcome.RUNNING else None


def draw(source: random.Random, count: int = 3, voice: bool = True) -> tuple[Task, ...]:
    """Different tasks in random order; one is always a turn, which no photograph can do. Without `voice` none is read.

    Give a `random.SystemRandom()` where the answer must not be guessed.
    """
    turn = source.choice([Task.TURN_LEFT, Task.TURN_RIGHT])
    others = [task for task in Task if task is not turn and (voice or task is not Task.READ)]
    chosen = [turn, *source.sample(others, min(count - 1, len(others)))]
    source.shuffle(chosen)
    return tuple(chosen)


def begin(tasks: Sequence[Task], time: float) -> Challenge:
    """`time` in seconds, on the clock of the measurements to come."""
    if not tasks:
        raise ValueError("a challenge needs at least one task")
    return Challenge(tuple(tasks), since=time)


def advance(
    challenge: Challenge, frame: FrameMeasurement, settings: ChallengeSettings, voice: float | None = None
) -> Challenge:
    """The challenge after this frame. `voice` is the probability of speech just now, None where nobody listens."""
    if challenge.outcome is not Outcome.RUNNING:
        return challenge
    if len(frame.faces) > 1:
        return _failed(challenge, "another face came into the picture")
    if not frame.faces:
        return _missing(challenge, frame.time, settings)
    face = frame.faces[0]
    if challenge.track is not None and face.track != challenge.track:
        return _failed(challenge, "the face is another one than at the beginning")
    challenge = replace(challenge, track=face.track, missing_since=None)
    challenge = _observe(challenge, face, frame.time, settings)
    if _is_done(challenge, voice, settings):
        rest = challenge.tasks[1:]
        outcome = Outcome.RUNNING if rest else Outcome.PASSED
        return Challenge(rest, since=frame.time, track=challenge.track, outcome=outcome)
    if frame.time - challenge.since > settings.seconds_a_task:
        return _failed(challenge, f"{challenge.tasks[0].value} was not seen in {settings.seconds_a_task:g} s")
    return challenge


def _missing(challenge: Challenge, time: float, settings: ChallengeSettings) -> Challenge:
    """A head turned far is lost for a moment; longer absence ends the challenge."""
    since = time if challenge.missing_since is None else challenge.missing_since
    if time - since > settings.longest_absence or time - challenge.since > settings.seconds_a_task:
        return _failed(challenge, "the face was out of the picture")
    return replace(challenge, missing_since=since)


def _observe(challenge: Challenge, face: Face, time: float, settings: ChallengeSettings) -> Challenge:
    """What this face adds to the task at hand: half a turn, half a blink, a movement of the mouth."""
    task = challenge.tasks[0]
    if task in (Task.TURN_LEFT, Task.TURN_RIGHT) and face.pose is not None:
        sign = 1 if task is Task.TURN_LEFT else -1
        return replace(challenge, turned=challenge.turned or sign * face.pose.yaw > settings.turn_over)
    if task is Task.BLINK and face.eye_opening is not None:
        if face.eye_opening < settings.shut_below:
            return replace(challenge, shut=True)
        if challenge.shut and face.eye_opening > settings.open_above:
            return replace(challenge, shut=False, blinks=challenge.blinks + 1)
    if task is Task.READ and face.mouth_opening is not None:
        recent = [entry for entry in challenge.mouth if time - entry[0] <= settings.read_over]
        return replace(challenge, mouth=(*recent, (time, face.mouth_opening)))
    return challenge


def _is_done(challenge: Challenge, voice: float | None, settings: ChallengeSettings) -> bool:
    task = challenge.tasks[0]
    if task is Task.BLINK:
        return challenge.blinks >= settings.blinks
    if task is not Task.READ:
        return challenge.turned
    if len(challenge.mouth) < settings.fewest_frames:
        return False
    spread = statistics.pstdev(opening for _, opening in challenge.mouth)
    return spread > settings.mouth_moves and (voice is None or voice >= settings.voice_above)


def _failed(challenge: Challenge, reason: str) -> Challenge:
    return replace(challenge, outcome=Outcome.FAILED, reason=reason)
