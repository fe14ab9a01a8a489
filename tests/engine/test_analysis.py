"""A session's analysis can be cut anywhere and resumed elsewhere: nothing changes, to the byte."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moments import face, frame, sound, stranger

from contract.entry import Status
from demo import clip
from proctor_engine.analysis import SessionAnalysis
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import Configuration, default_configuration
from proctor_engine.errors import StateError
from proctor_engine.incidents import BrowserEvent, Incident
from proctor_engine.measurements import AudioMeasurement, FrameMeasurement, Gaze, Sameness
from proctor_engine.vision import ImageError, Reference, decode_image, enrol

Input = FrameMeasurement | AudioMeasurement | BrowserEvent

SCENES = st.sampled_from(
    [
        lambda t: frame(t, face(same=Sameness.SAME)),
        lambda t: frame(t),
        lambda t: frame(t, scanned=False),
        lambda t: frame(t, face(), stranger()),
        lambda t: frame(t, face(2, same=Sameness.DIFFERENT)),
        lambda t: frame(t, face(2)),
        lambda t: frame(t, face(yaw=50)),
        lambda t: frame(t, face(gaze=Gaze(-0.4, 0))),
        lambda t: frame(t, face(eyes=0.1)),
        lambda t: frame(t, face(mouth=0.1 + (t * 7 % 1) / 2)),
        lambda t: frame(t, dark=True),
        lambda t: frame(t, face(), still_for=4.0),
        lambda t: frame(t, face(), liveness=0.0005),
        lambda t: sound(t, 0.9),
        lambda t: sound(t),
        lambda t: sound(t, muted=True, level=-100),
        lambda t: BrowserEvent("warning_phone", t, t + 2),
        lambda t: BrowserEvent("warning_extra_display", t, None, "HDMI"),
    ]
)


@st.composite
def sessions(draw: st.DrawFn) -> list[Input]:
    """Scenes that last for a while, at changing frame rates, with gaps."""
    time, inputs = 0.0, []
    for _ in range(draw(st.integers(1, 8))):
        scene, step = draw(SCENES), draw(st.sampled_from([0.2, 0.5, 1.0, 2.0]))
        for _ in range(draw(st.integers(1, 30))):
            time = round(time + step, 3)
            inputs.append(scene(time))
        time += draw(st.sampled_from([0, 0, 0, 9, 30]))
    return inputs


def feed(analysis: SessionAnalysis, item: Input) -> list[Incident]:
    return analysis.feed_event(item) if isinstance(item, BrowserEvent) else analysis.feed_measurement(item)


@given(session=sessions(), data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_cutting_the_stream_changes_nothing(session: list[Input], data: st.DataObject) -> None:
    configuration, condition = default_configuration(), ExamCondition(cheater_level=50)
    cuts = data.draw(st.sets(st.integers(0, len(session)), max_size=4))
    whole = SessionAnalysis(configuration, condition)
    resumed = SessionAnalysis(configuration, condition)
    for number, item in enumerate(session):
        if number in cuts:
            resumed = SessionAnalysis.load(configuration, condition, None, resumed.dump())
        assert feed(whole, item) == feed(resumed, item)
    assert whole.dump() == resumed.dump()
    assert whole.finish(None) == resumed.finish(None)
    assert whole.incidents() == resumed.incidents()
    assert whole.score() == resumed.score()


@given(session=sessions())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_incidents_are_intervals_in_the_session_that_do_not_overlap_their_like(session: list[Input]) -> None:
    analysis = SessionAnalysis(default_configuration(), ExamCondition())
    told: dict[int, Incident] = {}
    for item in session:
        told.update((incident.number, incident) for incident in feed(analysis, item))
    told.update((incident.number, incident) for incident in analysis.finish(None))
    found = analysis.incidents()
    assert sorted(told) == sorted(incident.number for incident in found)
    for incident in found:
        assert 0 <= incident.start <= incident.end
        assert not incident.open
        assert 0 <= incident.confidence <= 1
        alike = [other for other in found if (other.type, other.scored) == (incident.type, incident.scored)]
        later = [other for other in alike if other.start > incident.start]
        assert all(other.start > incident.end for other in later)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return enrol([decode_image(clip.profile_picture())])


def test_real_frames_and_sound_resume_too(configuration: Configuration, reference: Reference) -> None:
    plan = (clip.Act(3, ("student",)), clip.Act(4), clip.Act(8, ("stranger",)))
    pictures = list(clip.frames(plan, rate=2))
    noise = np.random.default_rng(1).normal(0, 2000, (len(pictures), 8000)).astype("<i2")

    def run(cut_at: int | None) -> bytes:
        analysis = SessionAnalysis(configuration, ExamCondition(), reference)
        for number, picture in enumerate(pictures):
            if number == cut_at:
                analysis = SessionAnalysis.load(configuration, ExamCondition(), reference, analysis.dump())
            analysis.feed_frame(clip.encode_jpeg(picture), number / 2)
            analysis.feed_audio(noise[number].tobytes(), number / 2)
        analysis.finish(15.0)
        assert [incident.type for incident in analysis.incidents()] == [
            "warning_no_user_in_frame",
            "warning_substitution_user",
        ]
        return analysis.dump()

    whole = run(None)
    assert all(run(cut_at) == whole for cut_at in (1, 9, 16))


def test_a_damaged_frame_leaves_the_analysis_as_it_was(configuration: Configuration) -> None:
    analysis = SessionAnalysis(configuration, ExamCondition())
    picture = next(clip.frames((clip.Act(1, ("student",)),), rate=1))
    analysis.feed_frame(picture, 0.0)
    before = analysis.dump()
    with pytest.raises(ImageError):
        analysis.feed_frame(b"\xff\xd8\xff not a picture", 1.0)
    assert analysis.dump() == before


def test_saved_states_that_are_damaged_or_foreign_are_refused(configuration: Configuration) -> None:
    good = SessionAnalysis(configuration, ExamCondition()).dump()
    for bad in (b"", b"nonsense", good[:-5], zlib.compress(b"[]"), zlib.compress(b'{"format": 99}')):
        with pytest.raises(StateError, match="anew"):
            SessionAnalysis.load(configuration, ExamCondition(), None, bad)


def test_the_sum_of_signs_is_an_incident_where_the_condition_sets_a_level(configuration: Configuration) -> None:
    def run(level: int | None) -> SessionAnalysis:
        analysis = SessionAnalysis(configuration, ExamCondition(cheater_level=level))
        for start in (10.0, 30.0, 50.0):
            analysis.feed_event(BrowserEvent("warning_phone", start, start + 5))
        return analysis

    assert [incident.type for incident in run(None).incidents()] == ["warning_phone"] * 3
    *signs, cheater = run(50).incidents()
    assert len(signs) == 3
    assert (cheater.type, cheater.number, cheater.scored, cheater.start) == ("warning_cheater", 0, False, 35.0)
    assert run(50).conclusion() is Status.RULES_VIOLATION
    assert run(99).incidents()[-1].type == "warning_phone"
