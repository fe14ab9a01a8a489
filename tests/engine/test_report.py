"""The page: languages, escaping, empty sessions, long ones."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from moments import face, frame, sound

from proctor_engine.analysis import SessionAnalysis
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import Configuration
from proctor_engine.incidents import BrowserEvent
from proctor_engine.media import Frame, Sound
from proctor_engine.recording import Result, analyse
from proctor_engine.report import html
from proctor_engine.report.timeline import clock, timeline


class Recording:
    """A source of a few grey frames."""

    name = "<b>exam & co</b>.mp4"
    kind = "video"
    damaged = 3

    def __init__(self, frames: int, duration: float | None) -> None:
        self._frames = frames
        self.duration = duration

    def stream(self) -> Iterator[Frame | Sound]:
        noise = np.random.default_rng(1)
        for number in range(self._frames):
            yield Frame(number / 2, noise.integers(90, 160, (120, 160, 3)).astype(np.uint8))


@pytest.fixture
def analysis(configuration: Configuration) -> SessionAnalysis:
    return SessionAnalysis(configuration, ExamCondition())


@pytest.mark.parametrize(("language", "word"), [("en", "Proposed conclusion"), ("ru", "Предлагаемое заключение")])
def test_a_report_in_each_language_escapes_what_it_was_given(
    analysis: SessionAnalysis, language: str, word: str
) -> None:
    analysis.feed_event(BrowserEvent("warning_phone", 1.0, 2.0, "<script>alert(1)</script>"))
    page = html(analyse(Recording(4, 2.0), analysis), language)  # type: ignore[arg-type]
    assert word in page
    assert f'<html lang="{language}">' in page
    assert "<script" not in page
    assert "<b>exam" not in page
    assert "&lt;script&gt;" in page


def test_a_session_without_anything_says_so(analysis: SessionAnalysis) -> None:
    page = html(Result(analysis, Recording(0, None)))
    assert page.count("No incident was found.") == 2
    assert "Nothing counted towards the score." in page


def test_a_file_cut_short_lasts_as_long_as_it_can_be_seen(analysis: SessionAnalysis) -> None:
    assert analyse(Recording(20, 9.9), analysis).duration == 9.9
    assert analyse(Recording(20, 3600.0), SessionAnalysis(analysis.configuration, ExamCondition())).duration == 9.5


def test_evidence_of_a_long_incident_keeps_its_pictures(configuration: Configuration) -> None:
    result = analyse(Recording(800, 400.0), SessionAnalysis(configuration, ExamCondition()))
    [absence] = result.analysis.incidents()
    assert absence.duration > 390
    assert set(absence.evidence) == set(result.thumbnails)


def test_plots_of_three_hours_stay_small(analysis: SessionAnalysis) -> None:
    result = Result(analysis, Recording(0, None), duration=10_800.0)
    for second in range(10_800):
        result.traces.see(frame(float(second), face(yaw=second % 50)))
        result.traces.hear(sound(float(second), voice=second % 2))
    page = html(result)
    assert len(page) < 150_000
    assert len(re.findall("<polyline", page)) == 4


def test_the_axis_fits_the_session() -> None:
    for duration in (0.0, 5.0, 70.0, 3_600.0, 36_000.0):
        axis = timeline([], duration, "en")
        assert 1 <= len(axis.ticks) <= 13
        assert axis.x(axis.seconds) < axis.width


def test_clocks_read_as_people_write_them() -> None:
    assert [clock(seconds) for seconds in (0, 7.75, 59.6, 3_599, 3_723)] == ["0:00", "0:08", "1:00", "59:59", "1:02:03"]
