from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto

from proctor_engine.models import ModelError
from proctor_engine.models.graph import Graph
from proctor_engine.vision import FramePipeline, VisionSettings, preload
from proctor_engine.vision.liveness import LivenessState, live
from proctor_engine.vision.settings import LivenessSettings

SETTINGS = LivenessSettings()


def scores(openings, fps=5.0):
    state = LivenessState()
    return [live(opening, i / fps, state, SETTINGS) for i, opening in enumerate(openings)]


def test_nothing_is_said_of_somebody_quiet():
    assert set(scores([1.0] * 5 * 30)) == {None}


def test_a_blink_speaks_for_life_and_wears_off():
    told = scores([1.0] * 10 + [0.3] + [1.0] * 5 * 200)
    assert told[9] is None
    assert told[11] == SETTINGS.after_blink
    assert told[-1] is None or told[-1] < SETTINGS.after_blink


def test_a_face_that_never_blinks_grows_doubtful():
    told = [score for score in scores([1.0] * 5 * 300) if score is not None]
    assert told == sorted(told, reverse=True)
    assert told[0] > 0.5
    assert told[-1] < 0.1


def test_a_slow_camera_is_slower_to_doubt():
    assert scores([1.0] * 180, fps=1.0)[-1] is None
    assert scores([1.0] * 180 * 5, fps=5.0)[-1] is not None


def test_nothing_is_concluded_from_what_was_not_watched():
    assert scores([None] * 2000)[-1] is None
    state = LivenessState()
    for minute in range(60):
        assert live(1.0, minute * 60.0, state, SETTINGS) is None


@pytest.fixture
def network(tmp_path):
    """A network that takes the mean of the red for the probability of life."""

    def build(side=16, channels=3):
        graph = Graph("red")
        red = graph.node("Slice", "x", *(graph.constant(np.array([v], np.int64)) for v in (0, 1, 1)))
        mean = graph.node("ReduceMean", red, keepdims=0)
        y = graph.node("Reshape", mean, graph.constant(np.array([1, 1], np.int64)))
        file = tmp_path / f"red{side}x{channels}.onnx"
        file.write_bytes(graph.build(("x", TensorProto.FLOAT, [1, channels, side, side]), y, [1, 1]))
        return file

    return build


def test_a_network_that_somebody_brings_takes_the_blinks_place(scene, network):
    settings = VisionSettings(liveness=LivenessSettings(model=str(network()), model_every=2))
    pipeline = FramePipeline(settings)
    preload(settings)
    frames = [scene(("astronaut", 320, 230, 140), seed=i, light=light) for i, light in enumerate((1, 0.6, 0.6, 0.6))]
    told = [pipeline.measure(frame, float(i)).liveness for i, frame in enumerate(frames)]
    assert 0.2 < told[0] < 0.9
    assert told[1] == told[0]  # not due yet
    assert told[2] < 0.8 * told[0]
    assert (
        FramePipeline.restore(settings, None, pipeline.state()).measure(frames[3], 3.0).liveness == told[3] == told[2]
    )
    assert pipeline.measure(scene(), 9.0).liveness is None


def test_what_is_no_such_network_is_named_before_the_first_frame(tmp_path, network):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(network().read_bytes()[:50])
    for file, reason in (
        (tmp_path / "none.onnx", "No such file"),
        (broken, "no network"),
        (network(channels=1), r"instead of \(1, 3, n, n\)"),
    ):
        with pytest.raises(ModelError, match=f"{file.name}: .*{reason}"):
            preload(VisionSettings(liveness=LivenessSettings(model=str(file))))
