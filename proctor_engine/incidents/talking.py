"""Signs of speech: what the mouth does held against what the microphone hears.

Picture and sound arrive apart. What one says of a moment waits for the other, `late_by` seconds at most, so that the
answer does not depend on which came first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from statistics import fmean, pstdev
from typing import Any, NamedTuple

from proctor_engine.configuration import MouthSigns, SoundSigns
from proctor_engine.incidents.faces import main_face, usable
from proctor_engine.incidents.sign import CLEAR, UNKNOWN, Sign, seen
from proctor_engine.measurements import AudioMeasurement, Face, FrameMeasurement

RULES = ("mouth_and_voice", "mouth", "voice")

_FEWEST_OPENINGS = 3
_LONGEST_WINDOW = 4.0
"""Times `window`: at one frame a second the window stretches until it holds enough openings, to this at most."""
_NEAR = 1.5
"""Seconds between a sound and the mouth's movement that belong together."""

Signs = tuple[float, dict[str, Sign]]


class _Opening(NamedTuple):
    """Of the mouth. `clear` is one that is seen from the front, with nothing before it."""

    time: float
    opening: float
    clear: bool


class _Moment(NamedTuple):
    """`variation` of the mouth's opening, None where no mouth was seen well enough; `clear` if all its openings are."""

    time: float
    variation: float | None
    clear: bool


class Conversation:
    """Takes frames and sound as they come and yields, moment by moment, a sign for each of `RULES`."""

    def __init__(self, mouth: MouthSigns, sound: SoundSigns) -> None:
        self._mouth = mouth
        self._sound = sound
        self._track: int | None = None
        self._openings: deque[_Opening] = deque()
        self._moments: deque[_Moment] = deque()
        self._undecided: deque[_Moment] = deque()
        """Those of `_moments` that wait for the sound."""
        self._blocks: deque[tuple[float, float]] = deque()
        """Middle and voice of the sounds that wait for the picture."""
        self._seen_until = float("-inf")
        self._heard_until = float("-inf")
        self._talked_at = float("-inf")

    def see(self, frame: FrameMeasurement) -> Iterator[Signs]:
        moment = self._moment(frame)
        self._moments.append(moment)
        self._undecided.append(moment)
        self._seen_until = max(self._seen_until, moment.time)
        while self._moments[0].time < self._seen_until - self._sound.late_by - _NEAR:
            self._moments.popleft()
        yield from self._decide()

    def hear(self, block: AudioMeasurement) -> Iterator[Signs]:
        if block.muted:
            # A muted microphone tells nothing: the picture decides alone, after waiting.
            return
        self._blocks.append((block.time + block.duration / 2, block.voice))
        self._heard_until = block.time + block.duration
        yield from self._decide()

    def finish(self) -> Iterator[Signs]:
        """Nothing more will come: what waits is decided by what there is."""
        self._seen_until = float("inf")
        yield from self._decide()

    def _moment(self, frame: FrameMeasurement) -> _Moment:
        face = main_face(frame)
        if face is not None and face.mouth_opening is not None and usable(frame):
            if face.track != self._track:
                # Two people's mouths differ without anybody speaking.
                self._openings.clear()
                self._track = face.track
            self._openings.append(_Opening(frame.time, face.mouth_opening, self._is_clear(face)))
        oldest = frame.time - self._mouth.window
        while self._openings and self._openings[0].time <= oldest and len(self._openings) > _FEWEST_OPENINGS:
            self._openings.popleft()
        while self._openings and self._openings[0].time < frame.time - _LONGEST_WINDOW * self._mouth.window:
            self._openings.popleft()
        if len(self._openings) < _FEWEST_OPENINGS:
            return _Moment(max(0.0, frame.time - self._mouth.window / 2), None, clear=False)
        return _Moment(
            fmean(seen.time for seen in self._openings),  # the variation over the window is that of its middle
            pstdev(seen.opening for seen in self._openings),
            all(seen.clear for seen in self._openings),
        )

    def _is_clear(self, face: Face) -> bool:
        """The points of a mouth that is turned away or half hidden tremble as if it spoke."""
        ahead = face.pose is None or abs(face.pose.yaw) < self._mouth.most_turned
        return ahead and face.score >= self._mouth.lowest_score

    def _decide(self) -> Iterator[Signs]:
        while self._blocks and self._picture_is_in(self._blocks[0][0]):
            yield self._of_sound(*self._blocks.popleft())
        while self._undecided and self._sound_is_in(self._undecided[0].time):
            time, variation, clear = self._undecided.popleft()
            if time > self._heard_until:
                yield time, {"mouth": _moving(variation if clear else None, self._mouth.variation)}

    def _picture_is_in(self, time: float) -> bool:
        return self._seen_until >= time + _NEAR or self._heard_until > time + self._sound.late_by

    def _sound_is_in(self, time: float) -> bool:
        return self._heard_until >= time or self._seen_until > time + self._sound.late_by

    def _of_sound(self, time: float, voice: float) -> Signs:
        if voice < self._sound.voice:
            return time, dict.fromkeys(RULES, CLEAR)
        near = [moment for moment in self._moments if abs(moment.time - time) <= _NEAR]
        nearest = min(near, key=lambda moment: abs(moment.time - time), default=None)
        moving = _moving(nearest.variation if nearest else None, self._mouth.variation_with_voice)
        if moving.seen:
            self._talked_at = time
            return time, {"mouth_and_voice": seen((voice + moving.confidence) / 2), "mouth": CLEAR, "voice": CLEAR}
        if time - self._talked_at <= self._mouth.pause:
            # The mouth rests between words, or was not seen well: still the same speech.
            return time, {"mouth_and_voice": seen(voice / 2), "mouth": CLEAR, "voice": CLEAR}
        return time, {"mouth_and_voice": moving, "mouth": CLEAR, "voice": seen(voice)}

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "track": self._track,
            "openings": list(self._openings),
            "moments": list(self._moments),
            "undecided": list(self._undecided),
            "blocks": list(self._blocks),
            "until": [self._seen_until, self._heard_until, self._talked_at],
        }

    def restore(self, state: dict[str, Any]) -> None:
        self._track = state["track"]
        self._openings = deque(_Opening(*opening) for opening in state["openings"])
        self._moments = deque(_Moment(*moment) for moment in state["moments"])
        self._undecided = deque(_Moment(*moment) for moment in state["undecided"])
        self._blocks = deque((time, voice) for time, voice in state["blocks"])
        self._seen_until, self._heard_until, self._talked_at = state["until"]


def _moving(variation: float | None, enough: float) -> Sign:
    """Whether the mouth moves as in speech."""
    if variation is None:
        return UNKNOWN
    return seen(0.6 + 0.2 * (variation / enough - 1)) if variation >= enough else CLEAR
