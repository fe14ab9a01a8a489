"""Events found in labelled sessions: precision, recall, F1 and start error by type, false alarms in calm hours.

    python benchmarks/incidents.py [--json] [--sessions N] [--strength S …] [--rate R …] [--naive]
                                   [--pictures DIR [--people tuned|held-out]]

Intervals of 95 % stand in brackets: Wilson's for recall and precision, the bootstrap over sessions for F1. Beside it,
with --naive, what a developer would write first: `face_recognition` on every frame, each frame judged alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import intervals, naive
from benchmarks.machine import describe, one_line
from benchmarks.scenes import Photograph, half, photographs
from benchmarks.sessions import WARNINGS, Nuisance, Session, compose, reference_of
from benchmarks.tallies import Outcome, Report, Tally, judge, total
from proctor_engine.analysis import SessionAnalysis
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import default_configuration
from proctor_engine.vision import decode_jpeg, enrol

_SOUND_PIECE = 32_000
"""Bytes: one second."""

Pipeline = Callable[[Session], list[Report]]


@dataclass(frozen=True)
class Result:
    """One session's outcome under one pipeline; `calm` are the seconds in which nothing happens."""

    pipeline: str
    name: str
    nuisance: Nuisance
    calm: float
    outcome: Outcome


def engine(session: Session, *, with_sound: bool) -> list[Report]:
    """What the engine reports, frames and sound fed as they would come."""
    analysis = SessionAnalysis(default_configuration(), ExamCondition(), enrol([reference_of(session)]))
    sound = session.sound() if with_sound else b""
    heard = 0
    for time, jpeg in session.frames():
        while heard < len(sound) and heard / _SOUND_PIECE <= time:
            analysis.feed_audio(sound[heard : heard + _SOUND_PIECE], heard / _SOUND_PIECE)
            heard += _SOUND_PIECE
        analysis.feed_frame(jpeg, time)
    analysis.finish(session.duration)
    return [Report(incident.type, incident.rule, incident.start, incident.end) for incident in analysis.incidents()]


def naive_pipeline(session: Session) -> list[Report]:
    """Each frame judged alone by `face_recognition`, neighbours with the same judgement joined."""
    library = naive.face_recognition()
    [known] = library.face_encodings(reference_of(session))
    judged: list[tuple[float, str | None]] = []
    for time, jpeg in session.frames():
        frame = decode_jpeg(jpeg)
        places = library.face_locations(frame)
        library.face_landmarks(frame, places)
        codes = library.face_encodings(frame, places)
        verdict = None
        if not places:
            verdict = WARNINGS["absent"]
        elif len(places) > 1:
            verdict = WARNINGS["extra"]
        elif not library.compare_faces([known], codes[0])[0]:
            verdict = WARNINGS["substituted"]
        judged.append((time, verdict))
    step = 1 / session.nuisance.rate
    stretches = [(verdict, list(frames)) for verdict, frames in groupby(judged, key=lambda frame: frame[1])]
    return [Report(verdict, "", frames[0][0], frames[-1][0] + step) for verdict, frames in stretches if verdict]


def plan(pictures: list[Photograph], options: argparse.Namespace) -> list[Session]:
    """At each strength, sessions that take the rates in turn, and a third as many in which nothing happens."""
    sessions = []
    for strength in options.strength:
        for number in range(options.sessions):
            nuisance = Nuisance(strength, options.rate[number % len(options.rate)], options.dropped)
            sessions.append(compose(pictures, options.seed + number, nuisance))
            if number % 3 == 0:
                sessions.append(compose(pictures, options.seed + 1000 + number, nuisance, ()))
    return sessions


def watch(session: Session, pipelines: dict[str, Pipeline]) -> list[Result]:
    labelled = sum(label.end - label.start for label in session.labels)
    name = f"{session.candidate.person}, seed {session.seed}"
    return [
        Result(pipeline, name, session.nuisance, session.duration - labelled, judge(session.labels, report(session)))
        for pipeline, report in pipelines.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=8, help="with incidents, at each strength")
    parser.add_argument("--strength", type=float, nargs="+", default=[1.0, 1.6], help="of noise, movement and light")
    parser.add_argument("--rate", type=float, nargs="+", default=[2.0, 1.0, 0.5, 5.0], help="frames a second, in turn")
    parser.add_argument("--dropped", type=float, default=0.03, help="share of frames that never arrive")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-sound", action="store_true")
    parser.add_argument("--naive", action="store_true", help="measure the naive pipeline too (slow)")
    parser.add_argument("--pictures", type=Path, help="a folder for each further person, with photographs")
    parser.add_argument("--people", choices=["all", "tuned", "held-out"], default="all", help="half of the people")
    parser.add_argument("--processes", type=int, help="as many as there are cores by default")
    parser.add_argument("--json", action="store_true", help="print an object instead of tables")
    options = parser.parse_args()
    pictures = photographs(options.pictures)
    if options.people != "all":
        pictures = half(pictures, tuned=options.people == "tuned")
    people = sorted({picture.person for picture in pictures})
    if len(people) < 2:
        parser.error(f"{len(people)} people in that half: a session needs two, give more with --pictures")
    pipelines: dict[str, Pipeline] = {"engine": partial(engine, with_sound=not options.without_sound)}
    if options.naive:
        pipelines["naive"] = naive_pipeline
    with ProcessPoolExecutor(options.processes) as pool:
        results = []
        for of_session in pool.map(partial(watch, pipelines=pipelines), plan(pictures, options)):
            results += of_session
            _tell(of_session)
    summary = {"machine": describe(), "people": len(people), "figures": _figures(results)}
    if options.json:
        print(json.dumps(summary, indent=2))
    else:
        print(one_line())
        print(f"{len(people)} people; frames a second: {', '.join(f'{rate:g}' for rate in options.rate)}")
        for figures in summary["figures"]:
            _print(figures)


def _tell(results: list[Result]) -> None:
    for result in results:
        where = f"strength {result.nuisance.strength:g}, {result.nuisance.rate:g} a second"
        print(f"{result.pipeline}: {result.name}, {where}", file=sys.stderr)
        for remark in result.outcome.remarks:
            print(f"    {remark}", file=sys.stderr)


def _figures(results: list[Result]) -> list[dict[str, Any]]:
    """For each pipeline and strength."""
    groups: dict[tuple[str, float], list[Result]] = {}
    for result in results:
        groups.setdefault((result.pipeline, result.nuisance.strength), []).append(result)
    return [_group(pipeline, strength, group) for (pipeline, strength), group in groups.items()]


def _group(pipeline: str, strength: float, results: list[Result]) -> dict[str, Any]:
    outcomes = [result.outcome for result in results]
    hours = sum(result.calm for result in results) / 3600
    alarms = sum(outcome.calm_alarms for outcome in outcomes)
    return {
        "pipeline": pipeline,
        "strength": strength,
        "sessions": len(results),
        "calm_hours": hours,
        "calm_alarms": alarms,
        "calm_alarms_an_hour": alarms / hours,
        "calm_alarms_an_hour_interval": [bound / hours for bound in intervals.count(alarms)],
        "types": {
            row: _row(row, tally, outcomes) for row, tally in total(outcomes).items() if tally.events or tally.false
        },
    }


def _row(row: str, tally: Tally, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "events": tally.events,
        "found": tally.found,
        "false": tally.false,
        "recall": tally.recall,
        "recall_interval": intervals.share(tally.found, tally.events),
        "precision": tally.precision,
        "precision_interval": intervals.share(tally.found, tally.found + tally.false),
        "f1": tally.f1,
        "f1_interval": intervals.resampled(outcomes, lambda drawn: total(drawn)[row].f1),
        "start_error_median": median(tally.errors) if tally.errors else None,
        "start_error_worst": max(tally.errors, key=abs) if tally.errors else None,
    }


def _print(figures: dict[str, Any]) -> None:
    low, high = figures["calm_alarms_an_hour_interval"]
    print(
        f"\n{figures['pipeline']}, strength {figures['strength']:g}: {figures['sessions']} sessions;"
        f" {figures['calm_alarms']} false alarms in {figures['calm_hours']:.2f} calm hours,"
        f" {figures['calm_alarms_an_hour']:.1f} an hour [{low:.1f}-{high:.1f}]"
    )
    print(f"{'':<14}{'events':>7}{'found':>6}{'false':>6}{'recall':>19}{'precision':>19}{'F1':>19}   start error")
    for row, counted in figures["types"].items():
        shares = "".join(_share(counted, name) for name in ("recall", "precision", "f1"))
        typical, worst = counted["start_error_median"], counted["start_error_worst"]
        error = "" if typical is None else f"{typical:+.1f} s ({worst:+.1f} s)"
        print(f"{row:<14}{counted['events']:>7}{counted['found']:>6}{counted['false']:>6}{shares}   {error}")


def _share(counted: dict[str, Any], name: str) -> str:
    low, high = counted[f"{name}_interval"]
    return f"{f'{counted[name]:.2f} [{low:.2f}-{high:.2f}]':>19}"


if __name__ == "__main__":
    main()
