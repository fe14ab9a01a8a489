"""Events found in labelled sessions: precision, recall and start error by kind, false alarms in clean hours.

    python benchmarks/incidents.py [--json] [--sessions N] [--strength S] [--rate R] [--naive] [--pictures DIR]

Beside it, with --naive, what a developer would write first: `face_recognition` on every frame, each frame judged alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import naive
from benchmarks.machine import describe, one_line
from benchmarks.scenes import photographs
from benchmarks.sessions import KINDS, WARNINGS, Label, Nuisance, Session, compose, reference_of
from proctor_engine.analysis import SessionAnalysis
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import default_configuration
from proctor_engine.vision import decode_jpeg, enrol

Found = tuple[str, float, float]
"""Warning, start, end."""
_SOUND_PIECE = 32_000
"""Bytes: one second."""


@dataclass
class Tally:
    """Of one kind. `errors` are seconds between the true start and the one reported, of those found."""

    events: int = 0
    found: int = 0
    false: int = 0
    errors: list[float] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / self.events if self.events else 0.0

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.false) if self.found + self.false else 0.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def engine(session: Session, *, with_sound: bool = True) -> list[Found]:
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
    return [(incident.type, incident.start, incident.end) for incident in analysis.incidents()]


def naive_pipeline(session: Session) -> list[Found]:
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
    return [(verdict, frames[0][0], frames[-1][0] + step) for verdict, frames in stretches if verdict]


def tally(session: Session, found: Iterable[Found], tallies: dict[str, Tally]) -> None:
    """Matches each label with the report of its warning that overlaps it most, by a third of the longer at least.

    A report that matches no label is a false alarm of the kind that it overlaps, else of `calm` time.
    """
    free = list(found)
    for label in session.labels:
        kind = tallies[label.kind]
        kind.events += 1
        best = max(
            (report for report in free if report[0] == label.warning), key=lambda r: _overlap(label, r), default=None
        )
        if best and _overlap(label, best) >= 1 / 3:
            free.remove(best)
            kind.found += 1
            kind.errors.append(best[1] - label.start)
    for warning, start, end in free:
        during = [label.kind for label in session.labels if start < label.end and label.start < end]
        tallies[during[0] if during else "calm"].false += 1
        print(f"    false: {warning} {start:.1f}-{end:.1f} during {during or 'calm'}", file=sys.stderr)


def _overlap(label: Label, report: Found) -> float:
    shared = min(label.end, report[2]) - max(label.start, report[1])
    return shared / max(label.end - label.start, report[2] - report[1], 0.001)


def run(sessions: list[Session], pipeline: object) -> dict[str, Tally]:
    tallies = {kind: Tally() for kind in (*KINDS, "calm")}
    for number, session in enumerate(sessions, start=1):
        assert callable(pipeline)  # noqa: S101
        found = pipeline(session)
        print(f"  session {number} of {len(sessions)}: {session.candidate.person}", file=sys.stderr)
        tally(session, found, tallies)
    return tallies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=6, help="with incidents; a third as many clean ones beside")
    parser.add_argument("--strength", type=float, default=1.0, help="of noise, movement and light")
    parser.add_argument("--rate", type=float, default=2.0, help="frames a second")
    parser.add_argument("--dropped", type=float, default=0.03, help="share of frames that never arrive")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-sound", action="store_true")
    parser.add_argument("--naive", action="store_true", help="measure the naive pipeline too (slow)")
    parser.add_argument("--pictures", type=Path, help="a folder for each further person, with photographs")
    parser.add_argument("--json", action="store_true", help="print an object instead of tables")
    options = parser.parse_args()
    pictures = photographs(options.pictures)
    people = len({picture.person for picture in pictures})
    nuisance = Nuisance(options.strength, options.rate, options.dropped)
    clean = max(1, options.sessions // 3)
    sessions = [compose(pictures, options.seed + number, nuisance) for number in range(options.sessions)]
    sessions += [compose(pictures, options.seed + 1000 + number, nuisance, ()) for number in range(clean)]
    results = {"engine": run(sessions, lambda session: engine(session, with_sound=not options.without_sound))}
    if options.naive:
        results["naive"] = run(sessions, naive_pipeline)
    labelled = sum(label.end - label.start for session in sessions for label in session.labels)
    calm_hours = (sum(session.duration for session in sessions) - labelled) / 3600
    if options.json:
        print(json.dumps(_summary(results, calm_hours), indent=2))
        return
    print(one_line())
    print(
        f"{len(sessions)} sessions of {people} people, {options.rate:g} frames a second, strength"
        f" {options.strength:g}, {calm_hours:.2f} calm hours"
    )
    for name, tallies in results.items():
        _print(name, tallies, calm_hours)


def _print(name: str, tallies: dict[str, Tally], calm_hours: float) -> None:
    print(f"\n{name:<14}{'events':>8}{'recall':>8}{'precision':>11}{'F1':>7}{'start error, median (worst)':>30}")
    for kind, counted in tallies.items():
        if not counted.events:
            continue
        errors = sorted(counted.errors, key=abs)
        error = f"{median(errors):+.1f} s ({errors[-1]:+.1f} s)" if errors else "-"
        print(
            f"{kind:<14}{counted.events:>8}{counted.recall:>8.2f}{counted.precision:>11.2f}{counted.f1:>7.2f}{error:>30}"
        )
    calm = tallies["calm"].false
    print(f"false alarms in calm time: {calm}, {calm / calm_hours:.1f} an hour")


def _summary(results: dict[str, dict[str, Tally]], calm_hours: float) -> dict[str, object]:
    return {
        "machine": describe(),
        "calm_hours": calm_hours,
        **{
            name: {
                kind: {**asdict(counted), "recall": counted.recall, "precision": counted.precision, "f1": counted.f1}
                for kind, counted in tallies.items()
            }
            for name, tallies in results.items()
        },
    }


if __name__ == "__main__":
    main()
