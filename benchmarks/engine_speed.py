"""How fast the engine watches, beside the plain use of `face_recognition`, in one run.

    python benchmarks/engine_speed.py [--json] [--frames 60] [--rounds 3] [--pictures DIR]

Both sides get the same JPEG frames of 640x480 and take turns, so that a busy machine slows both. All times are
processor milliseconds of one thread a frame, decoding included.

`same_work_ratio`: every frame searched for faces of 40 pixels and more, 68 points, an embedding of each face.
`cadence_ratio`: the default settings at one frame a second, which embed and scan when it is due. The naive pipeline
has no cadence: it does all on each frame.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import machine, naive
from benchmarks.scenes import Photograph, backgrounds, camera, photographs, place, sitting
from proctor_engine.measurements import FrameMeasurement, Sameness
from proctor_engine.vision import (
    FramePipeline,
    Reference,
    VisionSettings,
    decode_jpeg,
    enrol,
    features,
    pipeline,
    preload,
)
from proctor_engine.vision.detection import detect
from proctor_engine.vision.forest import Forest
from proctor_engine.vision.images import decode_luma
from proctor_engine.vision.landmarks import dlib_landmarks, forest_landmarks, mesh_landmarks
from proctor_engine.vision.settings import DetectionSettings, IdentitySettings

EVERY_FRAME = VisionSettings(
    detection=DetectionSettings(smallest=40, scan_every=0, search_every=0),
    identity=IdentitySettings(check_every=0, recheck_every=0, settled_every=0),
)
PRODUCTION = VisionSettings()
WORKERS = 4
SECONDS = 120


class Stream:
    """One candidate's frames, a second apart."""

    def __init__(self, person: Photograph, seed: int, frames: int) -> None:
        rooms = backgrounds()
        rng = np.random.default_rng(seed)
        self.reference = enrol([person.pixels], [person.name])
        self.frames = [
            camera(place(person, rooms[seed % len(rooms)], 150, (x, y), roll), rng)
            for x, y, roll in sitting(seed, frames)
        ]


def processor_ms(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = work()
    return (time.process_time() - start) * 1000, result


def watch(
    frames: list[bytes], settings: VisionSettings, reference: Reference | None, colour: bool = False
) -> tuple[list[float], list[FrameMeasurement]]:
    """Milliseconds and measurement of each frame; `colour` decodes it whole first, as pays where each is embedded."""
    watcher = FramePipeline(settings, reference)

    def measure(frame: bytes, second: float) -> FrameMeasurement:
        return watcher.measure(decode_jpeg(frame), second) if colour else watcher.measure_jpeg(frame, second)

    times, results = [], []
    for second, frame in enumerate(frames):
        spent, result = processor_ms(lambda: measure(frame, float(second)))  # noqa: B023
        times.append(spent)
        results.append(result)
    return times, results


def compare_speeds(streams: list[Stream], rounds: int, naive_frames: int) -> dict[str, Any]:
    """Naive and ours in turns over the same streams. Ratios are of the means, one a round."""
    naive.measure(decode_jpeg(streams[0].frames[0]))  # models loaded before any clock runs
    naive_times: list[list[float]] = []
    same_times: list[list[float]] = []
    cadence_times: list[list[float]] = []
    found = {"naive": 0, "same_work": 0, "cadence": 0}
    frames = {"naive": 0, "same_work": 0, "cadence": 0}
    for number in range(rounds):
        stream = streams[number % len(streams)]
        part = stream.frames[:naive_frames]
        timed = [processor_ms(lambda: naive.measure(decode_jpeg(frame))) for frame in part]  # noqa: B023
        naive_times.append([spent for spent, _ in timed])
        found["naive"] += sum(bool(places) for _, places in timed)
        frames["naive"] += len(part)
        for name, settings, times, sample in (
            ("same_work", EVERY_FRAME, same_times, part),
            ("cadence", PRODUCTION, cadence_times, stream.frames),
        ):
            spent, measured = watch(sample, settings, stream.reference, colour=settings is EVERY_FRAME)
            times.append(spent)
            found[name] += sum(bool(measurement.faces) for measurement in measured)
            frames[name] += len(sample)
    ratio = [statistics.mean(n) / statistics.mean(s) for n, s in zip(naive_times, same_times, strict=True)]
    cadence = [statistics.mean(n) / statistics.mean(c) for n, c in zip(naive_times, cadence_times, strict=True)]
    cadence_ms = statistics.mean(ms for times in cadence_times for ms in times)
    return {
        "naive_ms": statistics.mean(ms for times in naive_times for ms in times),
        "same_work_ms": statistics.mean(ms for times in same_times for ms in times),
        "cadence_ms": cadence_ms,
        "same_work_ratio": statistics.median(ratio),
        "same_work_ratio_range": [min(ratio), max(ratio)],
        "cadence_ratio": statistics.median(cadence),
        "cadence_ratio_range": [min(cadence), max(cadence)],
        "candidates_per_core": 1000 / cadence_ms,
        "frames_with_a_face_found": {name: found[name] / frames[name] for name in found},
    }


@contextmanager
def stopwatches() -> Iterator[dict[str, float]]:
    """Sums processor milliseconds by stage while it is open."""
    spent: dict[str, float] = {}

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:
            milliseconds, result = processor_ms(lambda: function(*arguments, **options))
            spent[name] = spent.get(name, 0.0) + milliseconds
            return result

        return run

    stages = {
        "decode": (pipeline.Frame, "of_jpeg"),
        "quality": (pipeline, "measure_quality"),
        "follow": (pipeline, "follow"),
        "scan": (pipeline.scanning, "scan"),
        "landmarks": (Forest, "points"),
        "pose": (features, "head_pose"),
        "eyes": (features, "read_eyes"),
        "chip": (pipeline, "face_chip"),
        "embedding": (pipeline, "embed_chips"),
    }
    with ExitStack() as stack:
        for name, (owner, attribute) in stages.items():
            stack.enter_context(mock.patch.object(owner, attribute, timed(name, getattr(owner, attribute))))
        yield spent


def stages(streams: list[Stream]) -> dict[str, float]:
    """Milliseconds a frame at the production cadence, by stage; `decode` is the floor that nobody gets under."""
    total, count = 0.0, 0
    with stopwatches() as spent:
        for stream in streams:
            watcher = FramePipeline(PRODUCTION, stream.reference)
            for second, frame in enumerate(stream.frames):
                total += processor_ms(lambda: watcher.measure_jpeg(frame, float(second)))[0]  # noqa: B023
                count += 1
    result = {name: value / count for name, value in spent.items()}
    result["other"] = total / count - sum(result.values())
    return result


def empty_rooms(frames: int) -> dict[str, float]:
    """Milliseconds a frame where nobody is to be seen: still, and with something moving about that is no face."""
    result = {}
    for name in ("still", "moving"):
        times = []
        for seed, room in enumerate(backgrounds()):
            rng = np.random.default_rng(seed)
            shots = []
            for x, y, _ in sitting(seed, frames):
                shot = room.copy()
                if name == "moving":
                    cv2.rectangle(shot, (round(x) - 90, round(y)), (round(x) + 90, 480), (70, 60, 90), -1)
                shots.append(camera(shot, rng))
            times += watch(shots, PRODUCTION, None)[0]
        result[f"empty_{name}_ms"] = statistics.mean(times)
    return result


def second_person(candidate: Photograph, other: Photograph, tries: int = 4) -> float:
    """Seconds until a face of 60 pixels behind the candidate is seen, the slowest of several tries."""
    slowest = 0.0
    for seed in range(tries):
        rng = np.random.default_rng(seed)
        room = backgrounds()[seed % 2]
        with_other = place(other, room, 60, (110 + 420 * (seed % 2), 130), 0)
        start = 7 + seed
        frames = [
            camera(place(candidate, with_other if i >= start else room, 150, (x, y), roll), rng)
            for i, (x, y, roll) in enumerate(sitting(seed, start + 15))
        ]
        measured = watch(frames, PRODUCTION, None)[1]
        seen = [m.time - start for m in measured if m.time >= start and len(m.faces) > 1]
        slowest = max(slowest, seen[0] if seen else float("inf"))
    return slowest


def substitution(candidate: Photograph, other: Photograph, tries: int = 4) -> float:
    """Seconds until somebody who takes the candidate's very place is called different, the slowest of several."""
    slowest = 0.0
    reference = enrol([candidate.pixels], [candidate.name])
    for seed in range(tries):
        rng = np.random.default_rng(seed)
        start = 7 + 2 * seed
        frames = [
            camera(place(other if i >= start else candidate, backgrounds()[0], 150, (x, y), roll), rng)
            for i, (x, y, roll) in enumerate(sitting(seed, start + 20))
        ]
        measured = watch(frames, PRODUCTION, reference)[1]
        called = [
            m.time - start
            for m in measured
            for face in m.faces
            if m.time >= start and face.identity and face.identity.sameness is Sameness.DIFFERENT
        ]
        slowest = max(slowest, called[0] if called else float("inf"))
    return slowest


def hog_and_landmarks(frame: bytes) -> None:
    """GazeTracking's stages before its own: HOG on the gray frame, 68 points of each face."""
    gray = decode_luma(frame)
    for found in detect(gray):
        dlib_landmarks(gray, found.box)


def landmark_models(streams: list[Stream]) -> dict[str, dict[str, float]]:
    """Milliseconds of each model between other work, which empties the caches as a real frame does, and how far its
    points lie from dlib's on average, in shares of the distance between the eyes' outer corners.
    """
    models = {"forest": forest_landmarks, "forest_by_dlib": dlib_landmarks, "mesh": mesh_landmarks}
    spent: dict[str, list[float]] = {name: [] for name in models}
    apart: dict[str, list[float]] = {name: [] for name in models}
    for frame in [frame for stream in streams for frame in stream.frames[:20]]:
        gray = decode_luma(frame)
        for face in detect(gray)[:1]:
            reference = dlib_landmarks(gray, face.box)
            eyes = float(np.linalg.norm(reference[36] - reference[45]))
            for name, find in models.items():
                detect(gray)
                milliseconds, points = processor_ms(lambda: find(gray, face.box))  # noqa: B023
                spent[name].append(milliseconds)
                apart[name].append(float(np.linalg.norm(points - reference, axis=1).mean()) / eyes)
    return {
        name: {"ms": statistics.mean(spent[name]), "from_dlib": statistics.mean(apart[name])}
        for name in models
        if spent[name]
    }


def peers(streams: list[Stream]) -> dict[str, float | None]:
    """Milliseconds a frame of two other usual ways. Both find fewer faces than the naive pipeline."""
    frames = [frame for stream in streams for frame in stream.frames[:10]]

    def mean(way: Callable[[bytes], Any]) -> float:
        return statistics.mean(processor_ms(lambda: way(frame))[0] for frame in frames)  # noqa: B023

    if not hasattr(cv2, "CascadeClassifier"):
        return {"hog_and_landmarks_ms": mean(hog_and_landmarks), "haar_ms": None}
    cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
    return {
        "hog_and_landmarks_ms": mean(hog_and_landmarks),
        "haar_ms": mean(lambda frame: cascade.detectMultiScale(decode_luma(frame))),
    }


def _work(frames: list[bytes], reference: Reference, seconds: float, gate: Any, results: Any) -> None:
    """A worker: counts the frames it gets done in `seconds`, and tells its memory while the others live."""
    watcher = FramePipeline(PRODUCTION, reference)
    watcher.measure_jpeg(frames[0], 0.0)
    gate.wait()
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        count += 1
        watcher.measure_jpeg(frames[count % len(frames)], float(count))
    gate.wait()
    results.put((count / seconds, _pss_mb()))
    gate.wait()


def workers(stream: Stream, count: int, seconds: float = 4.0) -> tuple[float, float]:
    """Frames a second of `count` workers forked after the models are loaded, and proportional memory in MB of all of
    them and of this process, with which they share the models."""
    context = multiprocessing.get_context("fork")
    gate, results = context.Barrier(count + 1), context.Queue()
    crew = [
        context.Process(target=_work, args=(stream.frames, stream.reference, seconds, gate, results))
        for _ in range(count)
    ]
    for worker in crew:
        worker.start()
    gate.wait()  # all have begun
    gate.wait()  # all have measured their speed, and none has ended
    own = _pss_mb()
    figures = [results.get() for _ in crew]
    gate.wait()
    for worker in crew:
        worker.join()
    return sum(rate for rate, _ in figures), own + sum(memory for _, memory in figures)


def _pss_mb() -> float:
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def scaling(stream: Stream) -> dict[str, float]:
    one, memory_one = workers(stream, 1)
    two, _ = workers(stream, 2)
    _, memory_many = workers(stream, WORKERS, seconds=1.0)
    return {"two_cores": two / one, "further_worker_mb": (memory_many - memory_one) / (WORKERS - 1)}


def run(frames: int, rounds: int, folder: Path | None) -> dict[str, Any]:
    preload(PRODUCTION)
    people = {photograph.person: photograph for photograph in photographs(folder)}
    everyone = list(people.values())
    chosen = everyone[: max(2, min(6, len(everyone)))]
    streams = [Stream(person, seed, SECONDS) for seed, person in enumerate(chosen)]
    candidate, other = everyone[0], everyone[1]
    scaled = scaling(streams[0])  # first: what this process does before the fork weighs on its children
    return {
        "machine": machine.describe(),
        **compare_speeds(streams, rounds, frames),
        "stages": stages(streams),
        "landmarks": landmark_models(streams),
        **empty_rooms(30),
        "second_person_60px_s": second_person(candidate, other),
        "substitution_s": substitution(candidate, other),
        **scaled,
        "peers": peers(streams),
    }


def table(result: dict[str, Any]) -> str:
    low, high = result["same_work_ratio_range"]
    slow, fast = result["cadence_ratio_range"]
    found = result["frames_with_a_face_found"]
    haar = result["peers"]["haar_ms"]
    rows = [
        ("naive, each frame", f"{result['naive_ms']:.1f} ms", f"faces on {found['naive']:.1%} of frames"),
        ("same work, each frame", f"{result['same_work_ms']:.1f} ms", f"faces on {found['same_work']:.1%}"),
        ("production cadence", f"{result['cadence_ms']:.1f} ms", f"faces on {found['cadence']:.1%}"),
        ("same work ratio", f"{result['same_work_ratio']:.1f}x", f"rounds {low:.1f} to {high:.1f}"),
        ("cadence ratio", f"{result['cadence_ratio']:.1f}x", f"rounds {slow:.1f} to {fast:.1f}"),
        ("candidates a core at 1 frame/s", f"{result['candidates_per_core']:.0f}", ""),
        ("two processes to one", f"{result['two_cores']:.2f}x", ""),
        ("memory of a further worker", f"{result['further_worker_mb']:.0f} MB", "PSS, forked after loading"),
        ("empty room, still / moving", f"{result['empty_still_ms']:.1f} ms", f"{result['empty_moving_ms']:.1f} ms"),
        ("second person of 60 px seen after", f"{result['second_person_60px_s']:.0f} s", "slowest of 4"),
        ("substitution called after", f"{result['substitution_s']:.0f} s", "slowest of 4"),
        ("peer: HOG and 68 points", f"{result['peers']['hog_and_landmarks_ms']:.1f} ms", "GazeTracking's stages"),
        ("peer: Haar cascade", f"{haar:.1f} ms" if haar else "not run", "" if haar else "needs opencv < 5"),
    ]
    lines = [machine.one_line(), ""]
    lines += [f"{name:34}{value:>12}   {note}" for name, value, note in rows]
    lines += ["", "stages of the production cadence, ms a frame"]
    lines += [f"  {name:12}{value:8.2f}" for name, value in result["stages"].items()]
    lines += ["", "68 points, ms a face and distance from dlib's (shares of the eyes' distance)"]
    lines += [f"  {name:16}{model['ms']:6.2f}{model['from_dlib']:9.4f}" for name, model in result["landmarks"].items()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--frames", type=int, default=60, help="frames a round for the naive side (default 60)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds in which the sides take turns (default 3)")
    parser.add_argument("--pictures", type=Path, help="folder with a folder of photographs for each person")
    options = parser.parse_args()
    result = run(options.frames, options.rounds, options.pictures)
    print(json.dumps(result, indent=2) if options.json else table(result))


if __name__ == "__main__":
    main()
