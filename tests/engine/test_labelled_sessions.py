"""The benchmark's own arithmetic: sessions whose labels are true, and reports matched with them fairly."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from benchmarks.incidents import Tally, tally
from benchmarks.scenes import photographs
from benchmarks.sessions import KINDS, Label, Nuisance, Session, compose
from benchmarks.voices import SAMPLE_RATE
from proctor_engine.vision import decode_jpeg


@pytest.fixture(scope="module")
def session() -> Session:
    return compose(photographs(), 3, Nuisance(rate=0.5, dropped=0.1))


def test_everything_happens_once_and_never_at_the_same_time(session: Session) -> None:
    assert sorted(label.kind for label in session.labels) == sorted(KINDS)
    ordered = sorted(session.labels, key=lambda label: label.start)
    assert all(before.end + 10 < after.start for before, after in pairwise(ordered))
    assert ordered[-1].end < session.duration


def test_a_session_repeats_to_the_byte_and_shows_what_its_labels_say(session: Session) -> None:
    brief = compose([session.candidate, *session.others], 3, session.nuisance, ("dark",))
    frames = list(brief.frames())
    assert frames == list(brief.frames())
    assert 0.7 < len(frames) / (brief.duration * 0.5) < 1
    [dark] = brief.labels
    brightness = [(dark.start <= time < dark.end, decode_jpeg(jpeg).mean()) for time, jpeg in frames]
    assert max(value for within, value in brightness if within) < 20
    assert min(value for within, value in brightness if not within) > 20


def test_the_sound_is_as_long_as_the_session_and_loud_where_somebody_talks(session: Session) -> None:
    sound = np.frombuffer(session.sound(), "<i2").astype(float)
    assert len(sound) == round(session.duration * SAMPLE_RATE)
    talking = next(label for label in session.labels if label.kind == "talking")
    spoken = sound[round(talking.start * SAMPLE_RATE) : round(talking.end * SAMPLE_RATE)]
    assert np.std(spoken) > 10 * np.std(sound[:SAMPLE_RATE])


def test_reports_are_matched_by_type_and_overlap() -> None:
    labels = (Label("absent", 10, 20), Label("extra", 40, 50), Label("talking", 70, 80))
    session = Session(photographs()[0], photographs()[0], (), labels, 100, Nuisance(), 1)
    tallies = {kind: Tally() for kind in (*KINDS, "calm")}
    tally(
        session,
        [
            ("warning_no_user_in_frame", 11.0, 20.5),
            ("warning_no_user_in_frame", 42.0, 44.0),
            ("warning_talk", 60.0, 71.0),
            ("warning_phone", 90.0, 95.0),
        ],
        tallies,
    )
    assert (tallies["absent"].found, tallies["absent"].errors, tallies["absent"].f1) == (1, [1.0], 1.0)
    assert (tallies["extra"].found, tallies["extra"].false) == (0, 1)
    assert (tallies["talking"].found, tallies["talking"].false, tallies["talking"].recall) == (0, 1, 0.0)
    assert tallies["calm"].false == 1
