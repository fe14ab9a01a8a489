"""Is it the candidate: pairs of photographs, and sessions made of them.

    python benchmarks/identity.py [--json] [--pictures DIR] [--hours 200]

Pairs: every two photographs, embedded as the engine does it. With the two packaged people alone each person's other
photographs are the same one relit, blurred, tilted and mirrored; `--pictures` adds real ones.

Sessions: each person's photographs become camera frames under changing light, blur, tilt and hands, and the engine's
own decision over several looks watches them, hour after hour. A spell of 20 s keeps one frame, so that its looks fail
together as they do in life. `sitting`: enrolled with a photograph of the same day. `passport`: with another one.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import machine
from benchmarks.recall import CONDITIONS
from benchmarks.scenes import Photograph, backgrounds, camera, photographs, place
from proctor_engine.measurements import Box, Face, Sameness
from proctor_engine.vision import Reference, VisionSettings, decode_jpeg, template
from proctor_engine.vision.detection import detect, recognise
from proctor_engine.vision.doubt import doubt
from proctor_engine.vision.embedding import embed_chips, face_chip
from proctor_engine.vision.identity import IdentityState, decide, is_due
from proctor_engine.vision.template import TemplateState

SETTINGS = VisionSettings().identity
LIMITS = (0.45, 0.5, 0.55, 0.6, 0.65)
SPELL = 20.0
"""Seconds for which a simulated frame stays as it is."""


@dataclass(frozen=True, eq=False)
class Look:
    """One simulated look: whose face, its embedding, why it is not good enough (None where it is)."""

    person: str
    source: str
    embedding: NDArray[np.float64]
    doubt: str | None


def pairs(people: list[Photograph]) -> dict[str, Any]:
    """Distances of all pairs; rates with 95 % confidence intervals (Wilson)."""
    embeddings = embed_chips([face_chip(photograph.pixels, photograph.face) for photograph in people])
    distances = np.linalg.norm(embeddings[:, None] - embeddings[None], axis=2)
    same, different = [], []
    for i, first in enumerate(people):
        for j in range(i):
            (same if first.person == people[j].person else different).append(float(distances[i, j]))
    genuine, impostor = np.array(same), np.array(different)
    result: dict[str, Any] = {
        "photographs": len(people),
        "people": len({photograph.person for photograph in people}),
        "same_pairs": len(genuine),
        "different_pairs": len(impostor),
    }
    if not len(genuine) or not len(impostor):
        return result
    result["auc"] = float((genuine[:, None] < impostor[None]).mean())
    result["limits"] = {
        str(limit): {
            "far": _rate(int((impostor <= limit).sum()), len(impostor)),
            "frr": _rate(int((genuine > limit).sum()), len(genuine)),
            "accuracy": float(((genuine <= limit).sum() + (impostor > limit).sum()) / (len(genuine) + len(impostor))),
        }
        for limit in LIMITS
    }
    return result


def looks(people: list[Photograph]) -> list[Look]:
    """Every photograph under every condition, as the engine would look at it; frames without a face give none."""
    rooms = backgrounds()
    result = []
    for number, person in enumerate(people):
        for condition in CONDITIONS:
            rng = np.random.default_rng(number)
            at = 320 + float(rng.integers(-60, 60)), 190.0
            half = condition.face_width // 2
            face = Box(round(at[0]) - half, 190 - half, round(at[0]) + half, 190 + half)
            clean = place(person, rooms[number % len(rooms)], condition.face_width, at, condition.roll)
            frame = decode_jpeg(camera(condition.spoil(clean, face), rng, quality=75))
            seen = _see(frame, face)
            if seen is None:
                continue
            chip = face_chip(frame, seen.box)
            embedding = embed_chips([chip])[0]
            result.append(Look(person.person, person.name, embedding, doubt(chip, seen, 0.0, SETTINGS)))
    return result


def sessions(people: list[Photograph], hours: float) -> dict[str, Any]:
    """False alarms of honest candidates, and how long substitutes stay unnoticed."""
    found = looks(people)
    embeddings = embed_chips([face_chip(photograph.pixels, photograph.face) for photograph in people])
    return {
        "looks": len(found),
        "doubtful_looks": sum(look.doubt is not None for look in found) / len(found),
        "sitting": _simulate(people, embeddings, found, hours, same_photograph=True),
        "passport": _simulate(people, embeddings, found, hours, same_photograph=False),
    }


def _simulate(
    people: list[Photograph], references: NDArray[np.float64], found: list[Look], hours: float, same_photograph: bool
) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    honest: list[list[Look]] = []
    strangers: list[list[Look]] = []
    enrolled: list[NDArray[np.float64]] = []
    for reference, photograph in zip(references, people, strict=True):
        own = [
            look
            for look in found
            if look.person == photograph.person and (look.source == photograph.name) == same_photograph
        ]
        if own:
            enrolled.append(reference)
            honest.append(own)
            strangers.append([look for look in found if look.person != photograph.person])
    if not enrolled:
        return {}
    each = hours * 3600 / len(enrolled)
    alarms = sum(_alarms(reference, own, each, rng) for reference, own in zip(enrolled, honest, strict=True))
    delays = [
        _delay(reference, others, rng)
        for reference, others in zip(enrolled, strangers, strict=True)
        for _ in range(max(1, 1000 // len(enrolled)))
    ]
    within = sum(delay <= 10 for delay in delays)
    return {
        "enrolments": len(enrolled),
        "hours": hours,
        "false_alarms": alarms,
        "false_alarms_per_100_h": alarms / hours * 100,
        "substitutions": len(delays),
        "called_within_10_s": _rate(within, len(delays)),
        "median_delay_s": float(np.median(delays)),
    }


class Watcher:
    """The engine's decision and its template of the day, fed with looks instead of frames."""

    def __init__(self, reference: NDArray[np.float64]) -> None:
        self.reference = Reference(reference[None])
        self.template = TemplateState()
        self.state = IdentityState()

    def look(self, look: Look, time: float, rng: np.random.Generator) -> Sameness | None:
        if is_due(1, None, time, self.state, SETTINGS):
            away = template.distance(look.embedding, self.reference, self.template, SETTINGS)
            if look.doubt is None:
                template.learn(look.embedding, self.reference, self.template, SETTINGS)
            decide(1, None, time, away + float(rng.normal(0, 0.02)), look.doubt, self.state, SETTINGS)
        return self.state.last.sameness if self.state.last else None


def _alarms(reference: NDArray[np.float64], own: list[Look], seconds: float, rng: np.random.Generator) -> int:
    """How often DIFFERENT begins in a session of the right person."""
    watcher, alarms, before, look, time = Watcher(reference), 0, Sameness.SAME, own[0], 0.0
    while time < seconds:
        if time % SPELL == 0:
            look = own[int(rng.integers(len(own)))]
        now = watcher.look(look, time, rng)
        alarms += now is Sameness.DIFFERENT and before is not Sameness.DIFFERENT
        before = now
        time += 1.0
    return alarms


def _delay(reference: NDArray[np.float64], others: list[Look], rng: np.random.Generator) -> float:
    """Seconds until somebody else on a new track is called different; infinite after two minutes."""
    person = others[int(rng.integers(len(others)))].person
    theirs = [look for look in others if look.person == person]
    watcher, look = Watcher(reference), theirs[0]
    for second in range(120):
        if second % SPELL == 0:
            look = theirs[int(rng.integers(len(theirs)))]
        if watcher.look(look, float(second), rng) is Sameness.DIFFERENT:
            return float(second)
    return math.inf


def _see(frame: NDArray[np.uint8], face: Box) -> Face | None:
    """The face as a pipeline that follows it would find it."""
    gray = np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)
    across = face.right - face.left
    left, top = max(0, face.left - across // 3), max(0, face.top - across // 3)
    rows, columns = np.s_[top : face.bottom + across // 3], np.s_[left : face.right + across // 3]
    hits = detect(np.ascontiguousarray(gray[rows, columns]), max(30, round(across * 0.95)), -0.2)
    best = hits[0] if hits else recognise(np.ascontiguousarray(frame[rows, columns]), across)
    if best is None:
        return None
    box = Box(best.box.left + left, best.box.top + top, best.box.right + left, best.box.bottom + top)
    return Face(box, best.score, 1)


def _varied(people: list[Photograph]) -> list[Photograph]:
    """Each photograph and a mirrored, relit and blurred copy: stand-ins where a person has but one."""
    result = []
    for photograph in people:
        result.append(photograph)
        wide = photograph.pixels.shape[1]
        mirrored = Box(
            wide - photograph.face.right, photograph.face.top, wide - photograph.face.left, photograph.face.bottom
        )
        flipped = np.ascontiguousarray(photograph.pixels[:, ::-1])
        result.append(Photograph(photograph.person, "mirrored", flipped, mirrored))
        dim = np.asarray(cv2.GaussianBlur(photograph.pixels, (0, 0), 1.5) * 0.4, np.uint8)
        result.append(Photograph(photograph.person, "dim", dim, photograph.face))
    return result


def _rate(hits: int, total: int) -> dict[str, float]:
    z, share = 1.96, hits / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return {"rate": share, "low": max(0.0, middle - half), "high": min(1.0, middle + half)}


def run(folder: Path | None, hours: float) -> dict[str, Any]:
    people = photographs(folder, narrowest=60)
    if not folder:
        people = _varied(people)
    by_person: dict[str, int] = defaultdict(int)
    chosen = []
    for photograph in people:  # at most three a person in the sessions, all of them in the pairs
        by_person[photograph.person] += 1
        if by_person[photograph.person] <= 3:
            chosen.append(photograph)
    return {"machine": machine.describe(), "pairs": pairs(people), "sessions": sessions(chosen, hours)}


def table(result: dict[str, Any]) -> str:
    found = result["pairs"]
    lines = [machine.one_line(), ""]
    lines.append(
        f"pairs: {found['photographs']} photographs of {found['people']} people, "
        f"{found['same_pairs']} same, {found['different_pairs']} different, AUC {found.get('auc', math.nan):.5f}"
    )
    lines.append(f"{'limit':>8}{'accuracy':>12}{'false accept (95 %)':>30}{'false reject (95 %)':>30}")
    for limit, rates in found.get("limits", {}).items():
        lines.append(f"{limit:>8}{rates['accuracy']:12.2%}{_percent(rates['far']):>30}{_percent(rates['frr']):>30}")
    lines += ["", f"sessions: {result['sessions']['looks']} looks, {result['sessions']['doubtful_looks']:.1%} doubtful"]
    for name in ("sitting", "passport"):
        figures = result["sessions"][name]
        if figures:
            lines.append(
                f"  {name}: {figures['false_alarms']} false alarms in {figures['hours']:.0f} h "
                f"({figures['false_alarms_per_100_h']:.2f} per 100 h)"
            )
            lines.append(
                f"    of {figures['substitutions']} substitutions {_percent(figures['called_within_10_s'])} called "
                f"within 10 s, median {figures['median_delay_s']:.0f} s"
            )
    return "\n".join(lines)


def _percent(rate: dict[str, float]) -> str:
    return f"{rate['rate']:.2%} ({rate['low']:.2%} to {rate['high']:.2%})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--pictures", type=Path, help="folder with a folder of photographs for each person")
    parser.add_argument("--hours", type=float, default=200, help="simulated hours of honest candidates (default 200)")
    options = parser.parse_args()
    result = run(options.pictures, options.hours)
    print(json.dumps(result, indent=2) if options.json else table(result))


if __name__ == "__main__":
    main()
