"""Is it the candidate: pairs of photographs, and sessions made of them.

    python benchmarks/identity.py [--json] [--pictures DIR] [--hours 200]

Pairs: every two photographs, embedded as the engine does it. With the two packaged people alone each person's other
photographs are the same one relit, blurred, tilted and mirrored; `--pictures` adds real ones.

Sessions of two hours: each photograph becomes camera frames. The light, the distance and glasses stay as
they are for a session; half of the spells show a hand, a mask or a head laid aside instead. A spell of 20 s keeps one
frame, so that its looks fail together as they do in life. Only who is recognised at the check-in begins, and a
substitute sits down in the same room. `sitting`: enrolled with a photograph of the same day. `passport`: with another
one. The engine's own decision over several looks watches them all.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter, defaultdict
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
from proctor_engine.vision.blaze import tilt
from proctor_engine.vision.detection import detect, recognise
from proctor_engine.vision.doubt import doubt
from proctor_engine.vision.embedding import embed_chips, face_chip, mended_chip
from proctor_engine.vision.identity import IdentityState, decide, is_due
from proctor_engine.vision.template import TemplateState
from proctor_engine.vision.upright import is_upright

SETTINGS = VisionSettings().identity
LIMITS = (0.45, 0.5, 0.55, 0.6, 0.65)
SPELL = 20
"""Seconds for which a simulated frame stays as it is."""
SESSION_HOURS = 2
PASSING = ("tilted 20 deg", "tilted 35 deg", "mask drawn on", "hand at the mouth", "hand, tilted, dim")
LASTING = tuple(condition.name for condition in CONDITIONS if condition.name not in PASSING)
EARLIER = 120
"""Seconds for which the right person has sat there when somebody else sits down."""


@dataclass(frozen=True, eq=False)
class Look:
    """One simulated look: whose face, in which photograph, as the engine finds it.

    `mended` is the embedding of the face set upright by other means, where its landmarks had gone astray;
    `upright` whether anything tells that the face stands upright in its chip.
    """

    person: str
    source: str
    condition: str
    chip: NDArray[np.uint8]
    face: Face
    embedding: NDArray[np.float64]
    mended: NDArray[np.float64] | None
    upright: bool


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
            chip, lies = face_chip(frame, seen.box), tilt(frame, seen.box)
            embedding, other = embed_chips([chip])[0], mended_chip(frame, seen.box, lies)
            mended = None if other is None else embed_chips([other])[0]
            named = person.person, person.name, condition.name
            upright = lies is not None or is_upright(chip)
            result.append(Look(*named, chip, seen, embedding, mended, upright))
    return result


def sessions(people: list[Photograph], hours: float) -> dict[str, Any]:
    """False alarms of honest candidates, and how long substitutes stay unnoticed."""
    found = looks(people)
    embeddings = embed_chips([face_chip(photograph.pixels, photograph.face) for photograph in people])
    return {
        "looks": len(found),
        "mended_looks": sum(look.mended is not None for look in found),
        "sitting": _simulate(people, embeddings, found, hours, same_photograph=True),
        "passport": _simulate(people, embeddings, found, hours, same_photograph=False),
    }


def _simulate(
    people: list[Photograph], references: NDArray[np.float64], found: list[Look], hours: float, same_photograph: bool
) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    sessions, refused, alarms, delays = 0, 0, Counter[str](), list[float]()
    enrolled = [
        (reference, photograph.person, own)
        for reference, photograph in zip(references, people, strict=True)
        if (
            own := [
                k for k in found if k.person == photograph.person and (k.source == photograph.name) == same_photograph
            ]
        )
    ]
    if not enrolled:
        return {}
    while sessions < hours / SESSION_HOURS:
        reference, person, own = enrolled[(sessions + refused) % len(enrolled)]
        base = LASTING[int(rng.integers(len(LASTING)))]
        camera = Camera(own, base, rng)
        watcher = Watcher(reference, rng)
        if not camera.lasting or watcher.look(camera.lasting[0], 1, 0) is not Sameness.SAME:
            refused += 1
            continue
        sessions += 1
        alarms += _alarms(watcher, camera)
        others = [look for look in found if look.person != person]
        delays.append(_delay(reference, camera, others, base, rng))
    within = sum(delay <= 10 for delay in delays)
    return {
        "enrolments": len(enrolled),
        "hours": sessions * SESSION_HOURS,
        "not_recognised_at_check_in": refused,
        "false_alarms": alarms.total(),
        "false_alarms_per_100_h": alarms.total() / (sessions * SESSION_HOURS) * 100,
        "false_alarms_by_look": dict(alarms.most_common()),
        "substitutions": len(delays),
        "called_within_10_s": _rate(within, len(delays)),
        "called_within_120_s": _rate(sum(map(math.isfinite, delays)), len(delays)),
        "median_delay_s": float(np.median(delays)),
    }


class Watcher:
    """The engine's decision and its template of the day, fed with looks instead of frames."""

    def __init__(self, reference: NDArray[np.float64], rng: np.random.Generator) -> None:
        self._reference = Reference(reference[None])
        self._rng = rng
        self._template = TemplateState()
        self._state = IdentityState()

    def look(self, look: Look, track: int, time: float) -> Sameness | None:
        if is_due(track, None, time, self._state, SETTINGS):
            self._take(look, track, time)
        return self._state.last.sameness if self._state.last else None

    def _take(self, look: Look, track: int, time: float) -> None:
        embedding, distance = self._nearest([look.embedding])
        upright = look.upright or distance <= SETTINGS.same_below
        if distance > SETTINGS.same_below and look.mended is not None:
            embedding, distance = self._nearest([look.embedding, look.mended])
        distance += float(self._rng.normal(0, 0.02))
        doubtful = doubt(look.chip, look.face, distance, SETTINGS, upright=upright)
        if doubtful is None:
            template.learn(embedding, self._reference, self._template, SETTINGS)
        decide(track, None, time, distance, doubtful, self._state, SETTINGS)

    def _nearest(self, embeddings: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], float]:
        return template.nearest(embeddings, self._reference, self._template, SETTINGS)


class Camera:
    """What a person's camera shows: the lasting condition, and in every other spell, more or less, a passing one."""

    def __init__(self, looks: list[Look], base: str, rng: np.random.Generator) -> None:
        self.lasting = [look for look in looks if look.condition == base]
        self._passing = [look for look in looks if look.condition in PASSING]
        self._rng = rng
        self._shown: Look | None = None

    def at(self, second: int) -> Look:
        """To be asked for every second in turn, from 0."""
        if self._shown is None or second % SPELL == 0:
            shown = self._passing if self._passing and self._rng.random() < 0.5 else self.lasting
            self._shown = shown[int(self._rng.integers(len(shown)))]
        return self._shown


def _alarms(watcher: Watcher, camera: Camera) -> Counter[str]:
    """How often DIFFERENT begins in a session of the right person, by the look that it began with."""
    alarms, before = Counter[str](), Sameness.SAME
    for second in range(SESSION_HOURS * 3600):
        look = camera.at(second)
        now = watcher.look(look, 1, second)
        if now is Sameness.DIFFERENT and before is not Sameness.DIFFERENT:
            alarms[f"{look.person}/{look.source}, {look.condition}"] += 1
        before = now
    return alarms


def _delay(
    reference: NDArray[np.float64], right: Camera, others: list[Look], base: str, rng: np.random.Generator
) -> float:
    """Seconds until somebody else is called different, who sits down after two minutes of the right person.

    Infinite where that takes more than two minutes.
    """
    watcher = Watcher(reference, rng)
    for second in range(EARLIER):
        watcher.look(right.at(second), 1, second)
    present = sorted({look.person for look in others if look.condition == base})
    person = present[int(rng.integers(len(present)))]
    wrong = Camera([look for look in others if look.person == person], base, rng)
    for second in range(120):
        if watcher.look(wrong.at(second), 2, EARLIER + second) is Sameness.DIFFERENT:
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
    looked = result["sessions"]
    lines += ["", f"sessions: {looked['looks']} looks, {looked['mended_looks']} set upright again"]
    for name in ("sitting", "passport"):
        figures = looked[name]
        if figures:
            lines.append(
                f"  {name}: {figures['false_alarms']} false alarms in {figures['hours']:.0f} h "
                f"({figures['false_alarms_per_100_h']:.2f} per 100 h), "
                f"{figures['not_recognised_at_check_in']} not recognised at the check-in"
            )
            lines.append(
                f"    of {figures['substitutions']} substitutions {_percent(figures['called_within_10_s'])} called "
                f"within 10 s, {_percent(figures['called_within_120_s'])} within 120 s, "
                f"median {figures['median_delay_s']:.0f} s"
            )
            lines += [f"    {alarms} by {look}" for look, alarms in figures["false_alarms_by_look"].items()]
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
