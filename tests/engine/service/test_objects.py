"""The open interface for object detectors, with a model made here: it "sees a phone" as far as a picture is red."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from actors import Candidate, Clock, FakeMoodle, jpeg, make_exam, reviewer
from onnx import TensorProto, helper

from proctor_engine.errors import ConfigurationError
from proctor_engine.service import Service
from proctor_engine.settings import Settings
from proctor_engine.store import incidents
from proctor_engine.tasks.objects import ObjectDetector, Sighting, follow

SIZE = 64
RED = np.zeros((48, 64, 3), np.uint8)
RED[..., 0] = 255
BLUE = RED[..., ::-1].copy()


def build(file: Path, layout: str, weights: list[list[float]], shape: list[int]) -> Path:
    """A model whose output is that of a linear map of the picture's mean colour, in this shape."""
    nodes = [
        helper.make_node("ReduceMean", ["images", "axes"], ["means"], keepdims=0),  # (1, 3)
        helper.make_node("MatMul", ["means", "weights"], ["products"]),
        helper.make_node("Add", ["products", "offsets"], ["sums"]),
        helper.make_node("Reshape", ["sums", "shape"], ["output"]),
    ]
    *rows, offsets = np.asarray(weights, np.float32)
    constants = [
        helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3]),
        helper.make_tensor("weights", TensorProto.FLOAT, [3, len(offsets)], np.stack(rows).ravel()),
        helper.make_tensor("offsets", TensorProto.FLOAT, [1, len(offsets)], offsets),
        helper.make_tensor("shape", TensorProto.INT64, [3], shape),
    ]
    graph = helper.make_graph(
        nodes,
        "red",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, SIZE, SIZE])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, shape)],
        constants,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), file)
    classes = '[classes.1]\nwarning = "warning_phone"\nconfidence = 0.3\n'
    file.with_suffix(".toml").write_text(f'size = {SIZE}\nlayout = "{layout}"\n{classes}')
    return file


RED_LESS_BLUE = {
    # Rows: red, green, blue, what is added. Columns: a box of zeros, then what the layout has.
    "yolov8": ([[0] * 5 + [1], [0] * 6, [0] * 5 + [-1], [0] * 6], [1, 6, 1]),
    "yolov5": ([[0] * 6 + [2], [0] * 7, [0] * 6 + [-2], [0] * 4 + [0.5, 0, 0]], [1, 1, 7]),
    "yolov10": ([[0] * 4 + [1, 0], [0] * 6, [0] * 4 + [-1, 0], [0] * 5 + [1]], [1, 1, 6]),
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Class 0 never, class 1 the mean of red less that of blue."""
    return build(tmp_path / "red.onnx", "yolov8", *RED_LESS_BLUE["yolov8"])


@pytest.mark.parametrize("layout", RED_LESS_BLUE)
def test_each_layout_is_read_as_it_is(tmp_path: Path, layout: str) -> None:
    detector = ObjectDetector(build(tmp_path / "red.onnx", layout, *RED_LESS_BLUE[layout]))
    assert [sighting.warning for sighting in detector.look(RED)] == ["warning_phone"]
    assert detector.look(RED)[0].confidence == pytest.approx(0.75, abs=0.01)
    assert detector.look(BLUE) == []


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ('"yolov8"', '"yolov10"', "gives (1, 6, 1), which is not yolov10"),
        ("[classes.1]", "[classes.7]", "is not yolov8 with these classes"),
        ("size = 64", "size = 96", "takes [1, 3, 64, 64], not (1, 3, 96, 96)"),
        ('"yolov8"', '"ssd"', "layout: "),
    ],
)
def test_a_model_that_does_not_fit_its_description_is_named(
    model: Path, right: str, wrong: str, complaint: str
) -> None:
    file = model.with_suffix(".toml")
    file.write_text(file.read_text().replace(right, wrong))
    with pytest.raises(ConfigurationError, match=re.escape(complaint)):
        ObjectDetector(model)


def test_what_the_model_sees_is_a_sighting(model: Path) -> None:
    detector = ObjectDetector(model)
    [sighting] = detector.look(RED)
    assert sighting.warning == "warning_phone"
    assert sighting.confidence == pytest.approx(0.75, abs=0.01), "three quarters of the square are the picture"
    assert detector.look(BLUE) == []


def test_a_sighting_opens_after_two_and_closes_after_five_seconds() -> None:
    state: dict[str, object] = {}
    phone = [Sighting("warning_phone", 0.8)]
    assert follow(state, phone, 10) == []
    [opened] = follow(state, phone, 11)
    assert (opened.start, opened.end) == (10, None)
    assert follow(state, [], 15) == []
    [closed] = follow(state, [], 17)
    assert (closed.start, closed.end) == (10, 11)
    assert state == {}


def test_one_sighting_alone_is_nothing() -> None:
    state: dict[str, object] = {}
    assert follow(state, [Sighting("warning_phone", 0.9)], 1) == []
    assert follow(state, [], 10) == []


def test_a_phone_in_the_exam_becomes_an_incident(
    service: Service,
    settings: Settings,
    model: Path,
    begin: Callable[..., Candidate],
    clock: Clock,
    analyse: Callable[[], None],
) -> None:
    service.settings = settings.model_copy(update={"detector": model})
    ann = begin()
    for second in range(20):
        clock.advance(seconds=1)
        ann.frame(jpeg(RED if 5 <= second < 10 else BLUE), second)
        analyse()
    with service.database.begin() as db:
        [phone] = [row for row in incidents.of_session(db, ann.id) if row.type == "warning_phone"]
    assert (phone.start, phone.end, phone.open) == (5, 9, False)


def test_what_no_detector_looks_for_is_said_to_whoever_watches_and_reviews(
    service: Service,
    settings: Settings,
    moodle: FakeMoodle,
    model: Path,
    begin: Callable[..., Candidate],
) -> None:
    moodle.exams_due = [make_exam(rules={"allow_to_use_books": True})]
    ann, bob = begin(), reviewer(service, moodle, 3)

    def unseen(page: str) -> str:
        found = re.search("No object detector looks for these here: (.*). Mark what you see.", bob.get(page).text)
        return found[1] if found else ""

    for page in (f"/wall/session/{ann.id}", f"/review/{ann.id}"):
        service.settings = settings
        assert "Phone in use, Phone screen visible" in unseen(page)
        assert "Books" not in unseen(page), "the exam allows them"
        service.settings = settings.model_copy(update={"detector": model})
        assert "Phone in use" not in unseen(page)
        assert "Phone screen visible" in unseen(page), "this model knows no screens"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[classes.1]\nwarning = "warning_talk"\n', "classes.1.warning: warning_talk is none of"),
        ("[classes.x]\n", "classes.x"),
        ("size = ", "not TOML"),
    ],
)
def test_classes_that_make_no_sense_are_named(model: Path, text: str, complaint: str) -> None:
    model.with_suffix(".toml").write_text(text)
    with pytest.raises(ConfigurationError, match=complaint):
        ObjectDetector(model)


def test_a_file_that_is_no_model_is_named(model: Path) -> None:
    model.write_bytes(b"not a model")
    with pytest.raises(ConfigurationError, match="not an ONNX model"):
        ObjectDetector(model)
