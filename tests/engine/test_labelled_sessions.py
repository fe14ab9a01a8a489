"""The benchmark's own arithmetic: sessions whose labels are true, and reports matched with them fairly."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from benchmarks import intervals
from benchmarks.expressions import glancing, looks_ahead, turned
from benchmarks.scenes import Photograph, half, photographs
from benchmarks.sessions import KINDS, Label, Nuisance, Session, compose
from benchmarks.tallies import Report, judge, total
from benchmarks.voices import SAMPLE_RATE
from proctor_engine.vision import decode_jpeg
from proctor_engine.vision.boxes import centre, width
from proctor_engine.vision.eyes import read_eyes
from proctor_engine.vision.landmarks import NOSE_TIP, Points, mesh_landmarks


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


@pytest.fixture(scope="module")
def sitter() -> Photograph:
    return next(photograph for photograph in photographs() if photograph.person == "collins")


def _points(photograph: Photograph) -> Points:
    return mesh_landmarks(cv2.cvtColor(photograph.pixels, cv2.COLOR_RGB2GRAY), photograph.face)


@pytest.mark.parametrize("yaw", [-30, 30])
def test_a_turned_head_has_its_nose_aside(sitter: Photograph, yaw: float) -> None:
    bent, ahead = _points(turned(sitter, yaw)), _points(sitter)
    moved = (bent[NOSE_TIP, 0] - ahead[NOSE_TIP, 0]) / width(sitter.face)
    assert 0.15 < moved * np.sign(yaw) < 0.5
    assert turned(sitter, yaw).pixels.shape == sitter.pixels.shape


@pytest.mark.parametrize("aside", [-0.25, 0.25])
def test_a_glance_moves_the_irises_and_nothing_else(sitter: Photograph, aside: float) -> None:
    points = _points(sitter)
    at_rest, glance = (
        read_eyes(cv2.cvtColor(glancing(sitter, share).pixels, cv2.COLOR_RGB2GRAY), points) for share in (0.0, aside)
    )
    assert at_rest is not None
    assert glance is not None
    assert (glance.x - at_rest.x) * np.sign(aside) > 0.15
    changed = np.argwhere((glancing(sitter, aside).pixels != sitter.pixels).any(axis=2))
    low, high = points[36:48].min(axis=0), points[36:48].max(axis=0)
    assert (changed >= low[::-1] - 5).all()
    assert (changed <= high[::-1] + 5).all()


def test_a_candidate_looks_ahead(sitter: Photograph) -> None:
    assert looks_ahead(sitter)
    assert not looks_ahead(turned(sitter, 35))
    height, length = sitter.pixels.shape[:2]
    turn = cv2.getRotationMatrix2D(centre(sitter.face), 25, 1.0)
    aside = np.asarray(cv2.warpAffine(sitter.pixels, turn, (length, height)), np.uint8)
    assert not looks_ahead(replace(sitter, pixels=aside))


def test_reports_are_matched_by_type_and_overlap() -> None:
    labels = (Label("absent", 10, 20), Label("extra", 40, 50), Label("talking", 70, 80))
    reports = [
        Report("warning_no_user_in_frame", "absent", 11.0, 20.5),
        Report("warning_no_user_in_frame", "absent", 42.0, 44.0),
        Report("warning_talk", "mouth", 60.0, 71.0),
        Report("warning_phone", "reported", 90.0, 95.0),
    ]
    outcome = judge(labels, reports)
    absent, extra, talking = (outcome.rows[row] for row in ("absent", "extra person", "talking"))
    assert (absent.found, absent.false, absent.errors) == (1, 1, [1.0])
    assert absent.f1 == pytest.approx(2 / 3)
    assert (extra.found, extra.events, extra.false, extra.f1) == (0, 1, 0, 0.0)
    assert (talking.found, talking.false, talking.recall) == (0, 1, 0.0)
    assert outcome.rows["other"].false == outcome.calm_alarms == 1
    assert total([outcome, outcome])["absent"].events == 2


def test_a_report_without_a_rule_counts_against_the_first_kind_of_its_warning() -> None:
    outcome = judge((), [Report("warning_extra_user_in_frame", "", 1.0, 2.0)])
    assert (outcome.rows["extra person"].false, outcome.calm_alarms) == (1, 1)


def test_intervals_narrow_with_what_was_counted() -> None:
    assert intervals.share(5, 5) == (pytest.approx(0.566, abs=0.001), 1.0)
    assert intervals.share(50, 100) == (pytest.approx(0.404, abs=0.001), pytest.approx(0.596, abs=0.001))
    assert intervals.count(0) == (0.0, pytest.approx(3.7, abs=0.1))
    assert intervals.count(10) == (pytest.approx(4.8, abs=0.1), pytest.approx(18.4, abs=0.1))
    low, high = intervals.resampled([0.0, 1.0] * 50, lambda drawn: sum(drawn) / len(drawn))
    assert low == pytest.approx(0.4, abs=0.03)
    assert high == pytest.approx(0.6, abs=0.03)


def test_each_person_is_in_one_half_only() -> None:
    everybody = photographs()
    tuned, held_out = half(everybody, tuned=True), half(everybody, tuned=False)
    assert {*tuned, *held_out} == set(everybody)
    assert not {picture.person for picture in tuned} & {picture.person for picture in held_out}
