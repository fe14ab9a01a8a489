"""What becomes an incident, and what does not."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from moments import face, frame, sound, stranger

from contract.condition import WARNING_KEYS
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import Configuration
from proctor_engine.incidents import BrowserEvent, Incident, Watch
from proctor_engine.measurements import AudioMeasurement, FrameMeasurement, Gaze, Sameness

Moment = FrameMeasurement | AudioMeasurement


def watched(
    configuration: Configuration, moments: Iterable[Moment], condition: ExamCondition | None = None
) -> list[Incident]:
    watch = Watch(configuration, condition or ExamCondition())
    for moment in moments:
        if isinstance(moment, FrameMeasurement):
            watch.see(moment)
        else:
            watch.hear(moment)
    watch.finish(None)
    return watch.incidents()


def every(step: float, start: float, end: float) -> list[float]:
    return [round(start + step * number, 3) for number in range(round((end - start) / step))]


@pytest.mark.parametrize("rate", [0.5, 1, 2, 5])
def test_an_absence_is_found_at_any_frame_rate(configuration: Configuration, rate: float) -> None:
    times = every(1 / rate, 0, 60)
    found = watched(configuration, [frame(t) if 20 <= t < 35 else frame(t, face()) for t in times])
    [absence] = found
    assert absence.type == "warning_no_user_in_frame"
    assert absence.start == pytest.approx(20, abs=1 / rate)
    assert absence.end == pytest.approx(35, abs=1 / rate)
    assert not absence.open
    assert absence.scored


def test_one_frame_without_a_face_is_no_absence(configuration: Configuration) -> None:
    times = every(2, 0, 60)
    assert watched(configuration, [frame(t) if t == 20 else frame(t, face()) for t in times]) == []


def test_a_face_that_flickers_away_makes_one_absence_not_many(configuration: Configuration) -> None:
    gone = [frame(t, face()) if t in (24.0, 29.0) else frame(t) for t in every(0.5, 20, 35)]
    here = [frame(t, face()) for t in every(0.5, 0, 20)]
    back = [frame(t, face()) for t in every(0.5, 35, 45)]
    [absence] = watched(configuration, [*here, *gone, *back])
    assert (absence.start, absence.end) == (pytest.approx(20, abs=0.5), pytest.approx(35, abs=0.5))


def test_dropped_frames_do_not_hide_an_absence(configuration: Configuration) -> None:
    times = [t for t in every(0.5, 0, 60) if t % 7 > 2.5]
    [absence] = watched(configuration, [frame(t) if 20 <= t < 35 else frame(t, face()) for t in times])
    assert absence.start == pytest.approx(20, abs=2)
    assert absence.end == pytest.approx(35, abs=2)


def test_nobody_is_absent_from_a_picture_that_shows_nothing(configuration: Configuration) -> None:
    found = watched(configuration, [frame(t, dark=True) for t in every(0.5, 0, 20)])
    assert {incident.type for incident in found} == {"warning_camera_no_picture"}
    assert not any(incident.scored for incident in found)


@pytest.mark.parametrize("fault", ["dark", "covered"])
def test_no_picture_is_lost_in_which_a_face_is_found(configuration: Configuration, fault: str) -> None:
    assert watched(configuration, [frame(t, face(), **{fault: True}) for t in every(0.5, 0, 20)]) == []


def test_a_black_picture_is_lost_whatever_is_found_in_it(configuration: Configuration) -> None:
    found = watched(configuration, [frame(t, face(), dark=True, brightness=4.0) for t in every(0.5, 0, 20)])
    assert [incident.rule for incident in found] == ["camera_dark"]


def test_a_face_that_is_found_in_the_dark_is_watched(configuration: Configuration) -> None:
    known = [frame(t, face(same=Sameness.SAME), dark=True) for t in every(0.5, 0, 20)]
    other = [frame(t, face(2, same=Sameness.DIFFERENT), dark=True) for t in every(0.5, 20, 40)]
    assert [incident.rule for incident in watched(configuration, [*known, *other])] == ["other_person"]


def test_a_face_not_searched_for_is_not_missing(configuration: Configuration) -> None:
    assert watched(configuration, [frame(t, scanned=False) for t in every(0.5, 0, 20)]) == []


def test_a_second_person_seen_in_scans_only_is_found(configuration: Configuration) -> None:
    moments = []
    for t in every(1, 0, 60):
        if t % 5:
            moments.append(frame(t, face(), scanned=False))
        else:
            moments.append(frame(t, face(), stranger()) if 20 <= t <= 40 else frame(t, face()))
    [extra] = watched(configuration, moments)
    assert extra.type == "warning_extra_user_in_frame"
    assert extra.start == pytest.approx(20, abs=2.5)
    assert extra.end == pytest.approx(40, abs=2.5)


def test_another_person_is_a_substitution_and_an_unsure_look_never_is(configuration: Configuration) -> None:
    def moments(sameness: Sameness) -> list[Moment]:
        return [
            frame(t, face(1 if t < 20 else 2, same=Sameness.SAME if t < 20 else sameness)) for t in every(0.5, 0, 40)
        ]

    [substitution] = watched(configuration, moments(Sameness.DIFFERENT))
    assert (substitution.type, substitution.rule) == ("warning_substitution_user", "other_person")
    assert substitution.start == pytest.approx(20, abs=0.5)
    assert watched(configuration, moments(Sameness.UNSURE)) == []


def test_a_substitution_begins_with_the_doubt_that_it_confirms(configuration: Configuration) -> None:
    def sameness(t: float) -> Sameness:
        if t < 20:
            return Sameness.SAME
        return Sameness.UNSURE if t < 24 else Sameness.DIFFERENT

    [substitution] = watched(configuration, [frame(t, face(same=sameness(t))) for t in every(0.5, 0, 40)])
    assert substitution.start == pytest.approx(20, abs=0.5)


def test_weak_evidence_makes_no_scored_incident_longer(configuration: Configuration) -> None:
    """A face that never blinks may be a photograph, which is not scored; that another person comes is."""
    moments = [
        frame(t, face(1 if t < 60 else 2, same=Sameness.SAME if t < 60 else Sameness.DIFFERENT), liveness=0.0005)
        for t in every(0.5, 0, 80)
    ]
    photograph, substitution = watched(configuration, moments)
    assert (photograph.rule, photograph.start, photograph.scored) == ("still_photograph", 0.0, False)
    assert (substitution.rule, substitution.scored) == ("other_person", True)
    assert substitution.start == pytest.approx(60, abs=0.5)
    assert photograph.type == substitution.type


def test_a_track_keeps_its_identity_between_looks(configuration: Configuration) -> None:
    moments = []
    for t in every(1, 0, 60):
        track = 2 if 20 <= t < 45 else 1
        sameness = Sameness.DIFFERENT if track == 2 else Sameness.SAME
        moments.append(frame(t, face(track, same=sameness if t % 10 == 0 or t == 45 else None)))
    [substitution] = watched(configuration, moments)
    assert (substitution.start, substitution.end) == (pytest.approx(20, abs=1), pytest.approx(45, abs=1))


@pytest.mark.parametrize(
    ("seen", "away"),
    [
        (face(yaw=40), True),
        (face(yaw=15), False),
        (face(gaze=Gaze(0.3, 0)), True),
        (face(yaw=40, gaze=Gaze(-0.3, 0)), False),
        (face(pitch=30), True),
        (face(pitch=-40), False),
        (face(eyes=0.1, gaze=Gaze(0.9, 0)), False),
        (face(yaw=40, roll=50), False),
        (face(pitch=60), False),
    ],
    ids=["head", "a little", "eyes", "back on the screen", "up", "down at the paper", "blink", "tilted", "misread"],
)
def test_looking_away(configuration: Configuration, seen: object, away: bool) -> None:
    moments = [frame(t, seen if 10 <= t < 14.5 else face()) for t in every(0.5, 0, 30)]  # type: ignore[arg-type]
    found = watched(configuration, moments)
    assert [(incident.type, incident.rule) for incident in found] == (
        [("warning_avert_eyes", "looking_away")] if away else []
    )


def test_nothing_is_read_in_the_eyes_of_a_face_in_the_dark(configuration: Configuration) -> None:
    moments = [frame(t, face(yaw=50, eyes=0.1), dark=True) for t in every(0.5, 0, 30)]
    assert watched(configuration, moments) == []


def test_a_gaze_that_is_measured_roughly_is_still_one_look_away(configuration: Configuration) -> None:
    """Between away and back nothing is known, so that one weak measurement neither makes a look nor ends it."""
    rough = {20.0: 0.18, 22.0: 0.12, 24.0: 0.18, 26.0: 0.14, 28.0: 0.16, 30.0: 0.19}
    moments = [frame(t, face(gaze=Gaze(rough.get(t, 0.0), 0))) for t in every(2, 0, 60)]
    [away] = watched(configuration, moments)
    assert (away.rule, away.start, away.end) == ("looking_away", 19.0, 31.0)
    undecided = [frame(t, face(gaze=Gaze(0.12 if 10 <= t < 30 else 0.0, 0))) for t in every(0.5, 0, 60)]
    assert watched(configuration, undecided) == []


def test_somebody_elses_gaze_is_not_held_against_the_candidates_rest(configuration: Configuration) -> None:
    moments = [frame(t, face(2, yaw=50, same=Sameness.DIFFERENT)) for t in every(0.5, 0, 30)]
    assert [incident.rule for incident in watched(configuration, moments)] == ["other_person"]


@pytest.mark.parametrize(("track", "away"), [(1, True), (2, False)], ids=["the candidate's track", "a new track"])
def test_an_unsure_look_trusts_the_gaze_of_a_face_that_was_known(
    configuration: Configuration, track: int, away: bool
) -> None:
    known = [frame(t, face(1, same=Sameness.SAME)) for t in every(0.5, 0, 10)]
    unsure = [frame(t, face(track, yaw=50, same=Sameness.UNSURE)) for t in every(0.5, 10, 20)]
    found = [incident.rule for incident in watched(configuration, [*known, *unsure])]
    assert found == (["looking_away"] if away else [])


@pytest.mark.parametrize(
    ("distance", "rules"), [(0.66, ["looking_away"]), (0.85, ["other_person"])], ids=["a little unlike", "very unlike"]
)
def test_a_known_face_that_turns_away_grows_unlike_itself(
    configuration: Configuration, distance: float, rules: list[str]
) -> None:
    known = [frame(t, face(same=Sameness.SAME)) for t in every(0.5, 0, 10)]
    turned = [frame(t, face(yaw=40, same=Sameness.DIFFERENT, distance=distance)) for t in every(0.5, 10, 20)]
    assert [incident.rule for incident in watched(configuration, [*known, *turned])] == rules


def test_a_long_doubt_that_is_confirmed_began_when_it_was_first_felt(configuration: Configuration) -> None:
    def sameness(t: float) -> Sameness:
        if t < 20 or t >= 80:
            return Sameness.SAME
        return Sameness.UNSURE if t < 60 else Sameness.DIFFERENT

    [substitution] = watched(configuration, [frame(t, face(same=sameness(t))) for t in every(1, 0, 100)])
    assert (substitution.start, substitution.end) == (19.5, 79.5)


def test_a_doubt_that_is_confirmed_counts_from_its_beginning(configuration: Configuration) -> None:
    """At one frame in two seconds a substitution of eight seconds has few looks: each must count."""
    sameness = {8.0: Sameness.UNSURE, 10.0: Sameness.UNSURE, 12.0: Sameness.DIFFERENT}
    moments = [frame(t, face(same=sameness.get(t, Sameness.SAME))) for t in every(2, 0, 30)]
    [substitution] = watched(configuration, moments)
    assert (substitution.rule, substitution.start) == ("other_person", 7.0)


def test_two_peoples_mouths_are_no_speech(configuration: Configuration) -> None:
    moments = [frame(t, face(int(t / 5), mouth=0.4 if int(t / 5) % 2 else 0.1)) for t in every(0.5, 0, 60)]
    assert watched(configuration, moments) == []


def test_looking_down_counts_where_paper_is_not_allowed(configuration: Configuration) -> None:
    moments = [frame(t, face(pitch=-40 if 10 <= t < 20 else 0)) for t in every(0.5, 0, 30)]
    strict = ExamCondition(rules={"allow_to_use_paper": False})
    assert [incident.rule for incident in watched(configuration, moments, strict)] == ["looking_away"]


def test_a_blink_is_not_sleep(configuration: Configuration) -> None:
    blinking = [frame(t, face(eyes=0.1 if t % 4 == 0 else 1.0)) for t in every(0.5, 0, 60)]
    asleep = [frame(t, face(eyes=0.1 if 20 <= t < 40 else 1.0)) for t in every(0.5, 0, 60)]
    assert watched(configuration, blinking) == []
    assert [incident.rule for incident in watched(configuration, asleep)] == ["eyes_closed"]


@pytest.mark.parametrize("more", [{"yaw": 14.0}, {"score": 0.1}])
def test_a_mouth_turned_away_or_half_hidden_proves_nothing_alone(
    configuration: Configuration, more: dict[str, float]
) -> None:
    """The points of such a mouth tremble as if it spoke."""
    moments = [frame(t, face(mouth=0.4 if t % 1 else 0.1, **more)) for t in every(0.5, 0, 30)]
    assert watched(configuration, moments) == []
    assert watched(configuration, [frame(t, face(mouth=0.4 if t % 1 else 0.1)) for t in every(0.5, 0, 30)]) != []


def speech(configuration: Configuration, *, mouth: bool, voice: float | None, muted: bool = False) -> list[str]:
    moments: list[Moment] = []
    for t in every(0.5, 0, 40):
        talks = 10 <= t < 25
        moments.append(frame(t, face(mouth=0.4 if mouth and talks and t % 1 else 0.1)))
        if voice is not None:
            moments.append(sound(t, voice if talks else 0.0, muted=muted))
    return [incident.rule for incident in watched(configuration, moments)]


def test_speech_needs_mouth_and_voice(configuration: Configuration) -> None:
    assert speech(configuration, mouth=True, voice=0.9) == ["mouth_and_voice"]
    assert speech(configuration, mouth=False, voice=0.9) == ["voice"]
    assert speech(configuration, mouth=True, voice=0.1) == []
    assert speech(configuration, mouth=False, voice=0.1) == []


def test_without_a_working_microphone_the_mouth_decides(configuration: Configuration) -> None:
    assert speech(configuration, mouth=True, voice=None) == ["mouth"]
    assert "mouth" in speech(configuration, mouth=True, voice=0.0, muted=True)


def test_a_voice_is_heard_though_no_picture_comes(configuration: Configuration) -> None:
    found = watched(configuration, [sound(t, 0.9 if 10 <= t < 20 else 0.0) for t in every(0.5, 0, 40)])
    assert [incident.rule for incident in found] == ["voice"]
    assert found[0].start == pytest.approx(10, abs=0.5)


def test_sound_that_comes_late_changes_nothing(configuration: Configuration) -> None:
    frames = [frame(t, face(mouth=0.4 if 10 <= t < 25 and t % 1 else 0.1)) for t in every(0.5, 0, 40)]
    sounds = [sound(t, 0.9 if 10 <= t < 25 else 0.0) for t in every(0.5, 0, 40)]
    together = sorted([*frames, *sounds], key=lambda moment: moment.time)
    late = sorted([*frames, *sounds], key=lambda m: m.time + (3 if isinstance(m, AudioMeasurement) else 0))
    assert watched(configuration, together) == watched(configuration, late) != []


def test_a_muted_or_dead_microphone_is_technical(configuration: Configuration) -> None:
    muted = watched(configuration, [sound(t, muted=True, level=-100) for t in every(0.5, 0, 40)])
    silent = watched(configuration, [sound(t, level=-90) for t in every(0.5, 0, 60)])
    assert [(incident.type, incident.scored) for incident in muted] == [("warning_mic_muted", False)]
    assert [(incident.type, incident.scored) for incident in silent] == [("warning_mic_no_sound", False)]


def test_a_lost_connection_is_seen_as_such_and_ends_what_was_open(configuration: Configuration) -> None:
    moments = [frame(t) if t >= 10 else frame(t, face()) for t in [*every(0.5, 0, 20), *every(0.5, 60, 70)]]
    found = watched(configuration, moments)
    assert [(incident.type, incident.scored) for incident in found] == [
        ("warning_no_user_in_frame", True),
        ("warning_no_ping", False),
        ("warning_no_user_in_frame", True),
    ]
    assert found[0].end == pytest.approx(19.5)


def test_a_frozen_feed_begins_when_it_froze_not_when_that_was_certain(configuration: Configuration) -> None:
    moments = [frame(t, face(), still_for=t - 20 if 20 <= t < 40 else 0.0) for t in every(0.5, 0, 60)]
    [frozen] = watched(configuration, moments)
    assert frozen.rule == "camera_frozen"
    assert frozen.start == pytest.approx(20, abs=1)
    assert not frozen.scored


@pytest.mark.parametrize(
    ("rule", "moments"),
    [
        ("allow_absence_in_frame", [frame(t) for t in every(0.5, 0, 20)]),
        ("allow_to_use_human_assistant", [frame(t, face(), stranger()) for t in every(0.5, 0, 20)]),
        ("allow_wrong_gaze_direction", [frame(t, face(yaw=60)) for t in every(0.5, 0, 20)]),
        ("allow_voices", [sound(t, 0.9) for t in every(0.5, 0, 20)]),
    ],
)
def test_what_the_exam_allows_is_no_incident(configuration: Configuration, rule: str, moments: list[Moment]) -> None:
    assert len(watched(configuration, moments)) == 1
    assert watched(configuration, moments, ExamCondition(rules={rule: True})) == []


def test_changes_are_told_once(configuration: Configuration) -> None:
    watch = Watch(configuration, ExamCondition())
    told = [
        (incident.number, incident.open)
        for t in every(0.5, 0, 60)
        for incident in watch.see(frame(t) if 20 <= t < 35 else frame(t, face()))
    ]
    assert told == [(1, True), (1, False)]


def test_frames_sent_again_change_nothing(configuration: Configuration) -> None:
    moments = [frame(t) if 20 <= t < 35 else frame(t, face()) for t in every(0.5, 0, 60)]
    repeated = [again for number in range(0, 120, 10) for again in [*moments[number : number + 10]] * 2]
    assert watched(configuration, repeated) == watched(configuration, moments)


def test_reports_open_close_and_merge(configuration: Configuration) -> None:
    watch = Watch(configuration, ExamCondition())
    kind = "warning_change_active_window_on_computer"
    [opened] = watch.note(BrowserEvent(kind, 10.0, None, "Mail"))
    assert opened.open
    assert opened.rule == "reported"
    [closed] = watch.note(BrowserEvent(kind, 10.0, 14.0))
    assert (closed.number, closed.open, closed.end, closed.detail) == (opened.number, False, 14.0, "Mail")
    [merged] = watch.note(BrowserEvent(kind, 15.0, 16.0, "Chat"))
    assert (merged.number, merged.start, merged.end, merged.detail) == (opened.number, 10.0, 16.0, "Mail; Chat")
    [other] = watch.note(BrowserEvent(kind, 40.0, 41.0))
    assert other.number != opened.number


def test_a_report_still_open_at_the_end_is_closed(configuration: Configuration) -> None:
    watch = Watch(configuration, ExamCondition())
    watch.note(BrowserEvent("warning_phone", 10.0))
    watch.finish(30.0)
    assert [(incident.open, incident.end) for incident in watch.incidents()] == [(False, 30.0)]


def test_a_report_of_an_unknown_type_is_refused(configuration: Configuration) -> None:
    with pytest.raises(ValueError, match="warning_dancing"):
        Watch(configuration, ExamCondition()).note(BrowserEvent("warning_dancing", 1.0))


def test_every_rule_makes_a_warning_of_the_plugin() -> None:
    from proctor_engine.incidents.rules import RULES

    assert {rule.warning for rule in RULES.values()} <= set(WARNING_KEYS)
