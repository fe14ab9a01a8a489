"""Which difficult faces are found, beside the plain use of `face_recognition`, on the same pictures.

    python benchmarks/recall.py [--json] [--pictures DIR] [--each 40] [--turned DIR]

Three columns: the naive detector (HOG in colour, doubled), our pipeline on a frame that it sees for the first time,
and our pipeline on a frame that follows one of the same person in good light, as most frames of an exam do.
A face counts as found when a box has its centre in the true face and a like size.

Skin tone is estimated from the picture itself (individual typology angle of the cheeks, from luma and colour), so it
is as good as the photograph's own light. `tone_gap` is the largest difference in recall between two tones.

`--turned` adds pictures of turned heads, such as AFLW2000's: the folder's `labels.csv` has the columns `picture`, `yaw`
(degrees) and `left`, `top`, `right`, `bottom` of the face. Each is drawn with a face of 130 and of 60 pixels.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import machine, naive
from benchmarks.scenes import Photograph, Pixels, as_jpeg, backgrounds, camera, photographs, place
from proctor_engine.measurements import Box
from proctor_engine.vision import FramePipeline, VisionSettings, decode_jpeg, preload
from proctor_engine.vision.boxes import centre, width
from proctor_engine.vision.landmarks import EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT, forest_landmarks

SETTINGS = VisionSettings(landmarks="none")
SIDES = ("naive", "first", "tracked")


@dataclass(frozen=True)
class Condition:
    """`spoil` takes the clean frame and the true face and returns it as this condition has it."""

    name: str
    face_width: int
    roll: float
    spoil: Callable[[Pixels, Box], Pixels]


def _as_it_is(frame: Pixels, _: Box) -> Pixels:
    return frame


def _lit(factor: float) -> Callable[[Pixels, Box], Pixels]:
    return lambda frame, _: np.asarray(frame * factor, np.uint8)


def _person(face: Box) -> np.ndarray[Any, Any]:
    mask = np.zeros((480, 640), np.float32)
    x, y = (round(value) for value in centre(face))
    across = width(face)
    cv2.ellipse(mask, (x, y), (round(0.85 * across), round(1.05 * across)), 0, 0, 360, 1, -1)
    cv2.rectangle(mask, (x - round(1.3 * across), y + round(0.8 * across)), (x + round(1.3 * across), 480), 1, -1)
    return cv2.GaussianBlur(mask, (0, 0), 3)[..., None]


def _back_lit(frame: Pixels, face: Box) -> Pixels:
    person = _person(face)
    return np.asarray(frame * (0.25 * person) + 235 * (1 - person), np.uint8)


def _side_lit(frame: Pixels, face: Box) -> Pixels:
    across = (np.arange(640) - centre(face)[0]) / width(face)
    return np.asarray(frame / (1 + np.exp(-6 * across))[None, :, None], np.uint8)


def _blurred(frame: Pixels, face: Box) -> Pixels:
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), width(face) / 40), np.uint8)


def _masked(frame: Pixels, face: Box) -> Pixels:
    across = width(face)
    drawn = frame.copy()
    top = face.top + round(0.62 * across)
    cv2.rectangle(drawn, (face.left, top), (face.right, face.bottom + round(0.1 * across)), (190, 205, 215), -1)
    return drawn


def _hand(frame: Pixels, face: Box) -> Pixels:
    across, drawn = width(face), frame.copy()
    x, y = face.left + round(0.55 * across), face.top + round(0.85 * across)
    cv2.ellipse(drawn, (x, y), (round(0.28 * across), round(0.22 * across)), 25, 0, 360, (190, 150, 120), -1)
    cv2.rectangle(drawn, (x - round(0.15 * across), y), (x + round(0.2 * across), 480), (190, 150, 120), -1)
    return drawn


def _glasses(frame: Pixels, face: Box) -> Pixels:
    """Black rims, three millimetres thick, around the eyes, wherever this face has them."""
    points = forest_landmarks(np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8), face)
    left, right = points[EYE_IN_IMAGE_LEFT].mean(axis=0), points[EYE_IN_IMAGE_RIGHT].mean(axis=0)
    drawn, bridge, apart = frame.copy(), (right - left) / 9, float(np.linalg.norm(right - left))
    stroke, rim = max(1, round(0.05 * apart)), (round(0.39 * apart), round(0.3 * apart))
    for eye in (left, right):
        cv2.ellipse(drawn, _whole(eye), rim, 0, 0, 360, _BLACK, stroke)
    cv2.line(drawn, _whole((left + right) / 2 - bridge), _whole((left + right) / 2 + bridge), _BLACK, stroke)
    return drawn


def _whole(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


_BLACK = (20, 20, 25)

CONDITIONS = (
    Condition("plain", 130, 0, _as_it_is),
    Condition("small, 60 px", 60, 0, _as_it_is),
    Condition("small, 45 px", 45, 0, _as_it_is),
    Condition("dim, a quarter", 130, 0, _lit(0.25)),
    Condition("dark, an eighth", 130, 0, _lit(0.12)),
    Condition("lit from behind", 130, 0, _back_lit),
    Condition("lit from a side", 130, 0, _side_lit),
    Condition("blurred", 130, 0, _blurred),
    Condition("tilted 20 deg", 130, 20, _as_it_is),
    Condition("tilted 35 deg", 130, 35, _as_it_is),
    Condition("glasses drawn on", 130, 0, _glasses),
    Condition("mask drawn on", 130, 0, _masked),
    Condition("hand at the mouth", 130, 0, _hand),
    Condition("hand, tilted, dim", 130, 15, lambda frame, face: _lit(0.3)(_hand(frame, face), face)),
)


def tone(photograph: Photograph) -> str:
    """light, intermediate or dark, by the individual typology angle of the cheeks in the picture as it is."""
    face, across = photograph.face, width(photograph.face)
    cheeks = photograph.pixels[
        max(0, face.top + round(0.5 * across)) : face.top + round(0.7 * across),
        max(0, face.left + round(0.2 * across)) : face.left + round(0.8 * across),
    ]
    lab = cv2.cvtColor(np.ascontiguousarray(cheeks), cv2.COLOR_RGB2LAB).reshape(-1, 3).astype(float)
    lightness, yellow = np.median(lab[:, 0]) * 100 / 255, np.median(lab[:, 2]) - 128
    angle = math.degrees(math.atan2(lightness - 50, max(yellow, 1e-6)))
    return "light" if angle > 41 else "intermediate" if angle > 10 else "dark"


def is_found(boxes: list[Box], face: Box) -> bool:
    x, y = centre(face)
    return any(
        math.dist(centre(box), (x, y)) < 0.4 * width(face) and 0.5 < width(box) / width(face) < 1.8 for box in boxes
    )


def run(people: list[Photograph]) -> dict[str, Any]:
    preload(SETTINGS)
    found: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    by_tone: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    false: dict[str, int] = defaultdict(int)
    spent: dict[str, float] = defaultdict(float)
    frames = 0
    rooms = backgrounds()
    for condition in CONDITIONS:
        for number, person in enumerate(people):
            rng = np.random.default_rng(number)
            at = 320 + float(rng.integers(-60, 60)), 190 + float(rng.integers(-20, 20))
            half = condition.face_width // 2
            face = Box(round(at[0]) - half, round(at[1]) - half, round(at[0]) + half, round(at[1]) + half)
            room = rooms[number % len(rooms)]
            clean = place(person, room, condition.face_width, at, condition.roll)
            frame = camera(condition.spoil(clean, face), rng, quality=75)
            before = camera(place(person, room, condition.face_width, (at[0] + 6, at[1] - 4)), rng, quality=75)
            frames += 1
            for side, boxes in _seen(frame, before, spent):
                hit = is_found(boxes, face)
                found[condition.name][side].append(hit)
                by_tone[tone(person)][side].append(hit)
                false[side] += len(boxes) - hit
    recall = {name: {side: _mean(hits[side]) for side in SIDES} for name, hits in found.items()}
    tones = {
        name: {"pictures": len(hits["naive"]) // len(CONDITIONS), **{side: _mean(hits[side]) for side in SIDES}}
        for name, hits in by_tone.items()
    }
    return {
        "machine": machine.describe(),
        "people": len(people),
        "recall": recall,
        "tones": tones,
        "tone_gap": {side: _gap([values[side] for values in tones.values()]) for side in SIDES},
        "false_faces_a_frame": {side: false[side] / frames for side in SIDES},
        "ms_a_frame": {side: spent[side] / frames * 1000 for side in SIDES},
    }


def turned(folder: Path) -> dict[str, dict[str, float]]:
    """Recall of turned heads by the angle and the size of the face; no frame comes before."""
    found: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    with (folder / "labels.csv").open(newline="") as lines:
        for line in csv.DictReader(lines):
            pixels = cv2.imread(str(folder / line["picture"]))
            if pixels is None:
                raise SystemExit(f"{folder / line['picture']}: no picture that can be read; labels.csv names it")
            box = Box(*(round(float(line[side])) for side in ("left", "top", "right", "bottom")))
            side = max(box.right - box.left, box.bottom - box.top)
            angle = min(abs(float(line["yaw"])) // 15 * 15, 60)
            for across in (130, 60):
                frame, face = _centred(np.ascontiguousarray(pixels[:, :, ::-1]), box, across / side)
                for name, boxes in _seen(as_jpeg(frame), None, defaultdict(float)):
                    found[f"{angle:.0f} degrees, {across} px"][name].append(is_found(boxes, face))
    return {
        name: {"pictures": len(hits["naive"]), **{side: _mean(hits[side]) for side in SIDES[:2]}}
        for name, hits in sorted(found.items())
    }


def _centred(pixels: Pixels, face: Box, scale: float) -> tuple[Pixels, Box]:
    """The picture drawn at that scale with the face's middle in that of a frame, and where the face is then."""
    (x, y), half = centre(face), round(scale * max(width(face), face.bottom - face.top) / 2)
    if scale < 0.5:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), 0.4 / scale), np.uint8)
    place = np.array([[scale, 0, 320 - scale * x], [0, scale, 240 - scale * y]])
    frame = cv2.warpAffine(pixels, place, (640, 480), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(frame, np.uint8), Box(320 - half, 240 - half, 320 + half, 240 + half)


def _seen(frame: bytes, before: bytes | None, spent: dict[str, float]) -> list[tuple[str, list[Box]]]:
    result = []
    start = time.process_time()
    places = naive.face_recognition().face_locations(decode_jpeg(frame))
    spent["naive"] += time.process_time() - start
    result.append(("naive", [Box(left, top, right, bottom) for top, right, bottom, left in places]))
    for side, earlier in (("first", None), ("tracked", before)):
        if side == "tracked" and earlier is None:
            continue
        pipeline = FramePipeline(SETTINGS)
        if earlier is not None:
            pipeline.measure_jpeg(earlier, 0.0)
        start = time.process_time()
        measured = pipeline.measure_jpeg(frame, 1.0)
        spent[side] += time.process_time() - start
        result.append((side, [seen.box for seen in measured.faces]))
    return result


def _mean(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def _gap(values: list[float]) -> float:
    return max(values) - min(values)


def table(result: dict[str, Any]) -> str:
    lines = [machine.one_line(), f"{result['people']} photographs", ""]
    lines.append(f"{'faces found':24}" + "".join(f"{side:>10}" for side in SIDES))
    for name, recall in result["recall"].items():
        lines.append(f"{name:24}" + "".join(f"{recall[side]:10.1%}" for side in SIDES))
    lines.append("")
    for name, values in sorted(result["tones"].items()):
        lines.append(f"{_titled('tone ' + name, values):24}" + "".join(f"{values[s]:10.1%}" for s in SIDES))
    for title, key, form in (
        ("gap between tones", "tone_gap", "{:10.1%}"),
        ("false faces a frame", "false_faces_a_frame", "{:10.3f}"),
        ("ms a frame", "ms_a_frame", "{:10.1f}"),
    ):
        lines.append(f"{title:24}" + "".join(form.format(result[key][side]) for side in SIDES))
    for name, values in result.get("turned", {}).items():
        lines.append(f"{_titled(name, values):24}" + "".join(f"{values[side]:10.1%}" for side in SIDES[:2]))
    return "\n".join(lines)


def _titled(name: str, values: dict[str, Any]) -> str:
    return f"{name} ({values['pictures']})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--pictures", type=Path, help="folder with a folder of photographs for each person")
    parser.add_argument("--each", type=int, default=40, help="photographs at most (default 40)")
    parser.add_argument("--turned", type=Path, help="folder of turned heads with their labels.csv")
    options = parser.parse_args()
    people = photographs(options.pictures)
    step = max(1, len(people) // options.each)
    result = run(people[::step][: options.each])
    if options.turned:
        result["turned"] = turned(options.turned)
    print(json.dumps(result, indent=2) if options.json else table(result))


if __name__ == "__main__":
    main()
