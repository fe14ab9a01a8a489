"""Sound to measurements: levels in dBFS, voice where somebody speaks and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from statistics import fmean

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import voices
from proctor_engine.audio import Listener, listener
from proctor_engine.audio.level import FLOOR, is_muted, rms_level
from proctor_engine.measurements import AudioMeasurement
from proctor_engine.models import ModelError


def heard(pcm: bytes, *cuts: int, resume: bool = False) -> list[AudioMeasurement]:
    """`pcm` in pieces, cut at these samples; with `resume`, by another listener each."""
    ears, measured = Listener(), []
    for start, end in pairwise([0, *sorted(cuts), len(pcm) // 2]):
        if resume:
            ears = Listener.restore(ears.state())
        measured += ears.hear(pcm[2 * start : 2 * end], start / voices.SAMPLE_RATE)
    return measured


@pytest.mark.parametrize(("amplitude", "level"), [(32767, 0.0), (3277, -20.0), (328, -39.99), (0, FLOOR)])
def test_levels_are_in_dbfs(amplitude: int, level: float) -> None:
    square = np.tile(np.array([amplitude, -amplitude], np.int16), 4000)
    assert rms_level(square) == pytest.approx(level, abs=0.01)


def test_zeros_are_muted_and_the_quietest_microphone_is_not() -> None:
    assert is_muted(np.zeros(100, np.int16))
    assert not is_muted(np.array([0, 2, -1, 0], np.int16))


@pytest.mark.parametrize(
    ("make", "speech"),
    [(voices.room, False), (voices.hum, False), (voices.typing, False), (voices.voice, True)],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_voice_is_told_from_noise(make: Callable[[float, np.random.Generator], voices.Sound], speech: bool) -> None:
    measured = heard(voices.as_pcm(make(8, np.random.default_rng(3))))
    assert len(measured) == 16
    voiced = fmean(block.voice >= 0.5 for block in measured)
    assert voiced > 0.5 if speech else voiced == 0


def test_a_gap_begins_a_new_block_at_its_own_time() -> None:
    pcm = voices.as_pcm(voices.room(1, np.random.default_rng(3)))
    ears = Listener()
    assert [block.time for block in (*ears.hear(pcm, 0.0), *ears.hear(pcm, 60.0))] == [0.0, 0.48, 60.0, 60.48]


def test_without_the_voice_model_the_log_says_once_how_to_mend_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(name: str) -> None:
        raise ModelError(f"{name}: not installed. Install it: pip install something")

    monkeypatch.setattr(listener, "verify", missing)
    listener._voice_can_be_told.cache_clear()
    try:
        for second in range(3):
            assert Listener().hear(bytes(32_000), float(second)) == []
    finally:
        listener._voice_can_be_told.cache_clear()
    assert [record.getMessage() for record in caplog.records] == [
        "sound is not analysed: voice-activity: not installed. Install it: pip install something"
    ]


def test_an_hour_at_once_is_no_more_work_than_an_hour_in_pieces() -> None:
    blocks = Listener().hear(bytes(2 * voices.SAMPLE_RATE * 3600), 0.0)
    assert (len(blocks), blocks[-1].time) == (7500, pytest.approx(3599.52))


PCM = voices.as_pcm(voices.voice(3, np.random.default_rng(5)))


@given(cuts=st.sets(st.integers(0, 3 * voices.SAMPLE_RATE), max_size=5), resume=st.booleans())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_how_the_sound_is_cut_changes_nothing(cuts: set[int], resume: bool) -> None:
    assert heard(PCM, *cuts, resume=resume) == heard(PCM)
