from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.expressions import turned
from benchmarks.scenes import photographs, place
from proctor_engine.measurements import Sameness
from proctor_engine.vision import FramePipeline, ImageError, VisionSettings

SETTINGS = VisionSettings()
CANDIDATE = ("astronaut", 320, 230, 140)


def watch(frames, reference=None, pipeline=None, fps=1.0):
    pipeline = pipeline or FramePipeline(SETTINGS, reference)
    return [pipeline.measure(frame, i / fps) for i, frame in enumerate(frames)]


@pytest.fixture(scope="module")
def story(scene):
    """Alone, moving, with somebody behind, gone, back in dim light."""
    return [
        *(scene(("astronaut", 320 + 6 * i, 230, 140), seed=i) for i in range(4)),
        *(scene(("astronaut", 340, 230, 140), ("hopper", 540, 120, 60), seed=i) for i in range(4, 10)),
        *(scene(seed=i) for i in range(10, 14)),
        *(scene(CANDIDATE, seed=i, light=0.3) for i in range(14, 18)),
    ]


@pytest.fixture(scope="module")
def told(story, reference):
    return watch(story, reference)


def test_the_candidate_is_found_and_recognised_throughout(told):
    for measurement in told[:10] + told[15:]:
        main = [face for face in measurement.faces if face.identity is not None]
        assert [face.identity.sameness for face in main] == [Sameness.SAME]


def test_a_small_second_face_is_found_within_five_seconds(told):
    assert any(len(measurement.faces) == 2 for measurement in told[4:9])
    assert all(len(measurement.faces) <= 2 for measurement in told)


def test_a_second_person_behind_a_mask_is_found_by_the_next_search(scene):
    pipeline = FramePipeline(VisionSettings(landmarks="none"))
    alone, both = scene(CANDIDATE), scene(CANDIDATE, ("hopper", 90, 130, 75))
    cv2.rectangle(both, (48, 140), (132, 175), (190, 205, 215), -1)
    seen = [len(pipeline.measure(alone if time < 6 else both, float(time)).faces) for time in range(11)]
    assert seen[:6] == [1] * 6
    assert seen[-1] == 2


def test_a_small_picture_hides_no_second_person(scene):
    pipeline = FramePipeline(VisionSettings())
    alone = [scene(("astronaut", 340, 230, 140), seed=i) for i in range(3)]
    together = [scene(("astronaut", 340, 230, 140), ("hopper", 540, 120, 70), seed=i) for i in range(3, 9)]
    small = [cv2.resize(frame, (320, 240), interpolation=cv2.INTER_AREA) for frame in (*alone, *together)]
    seen = [len(pipeline.measure(frame, float(time)).faces) for time, frame in enumerate(small)]
    assert seen[:3] == [1, 1, 1]
    assert seen[-1] == 2


def test_the_second_face_is_not_the_candidate(told):
    extra = [face for measurement in told[4:10] for face in measurement.faces if face.identity is None]
    assert extra
    assert all(500 < (face.box.left + face.box.right) / 2 < 580 for face in extra)


def test_an_empty_chair_is_searched_and_empty(told):
    assert all(measurement.faces == () for measurement in told[10:14])
    assert any(measurement.scanned for measurement in told[10:14])


def test_somebody_else_is_different_within_ten_seconds(scene, reference):
    frames = [scene(CANDIDATE, seed=i) for i in range(3)]
    frames += [scene(("hopper", 320, 230, 140), seed=i) for i in range(3, 14)]
    seen = [m.faces[0].identity.sameness for m in watch(frames, reference)]
    assert seen[:3] == [Sameness.SAME] * 3
    assert Sameness.DIFFERENT in seen[3:13]


@pytest.mark.parametrize(("upright", "said"), [(True, Sameness.DIFFERENT), (False, Sameness.UNSURE)])
def test_who_may_lie_aside_is_not_called_different(scene, reference, monkeypatch, upright, said):
    monkeypatch.setattr("proctor_engine.vision.pipeline.tilt", lambda *_: None)
    monkeypatch.setattr("proctor_engine.vision.pipeline.is_upright", lambda _: upright)
    frames = [scene(("hopper", 320, 230, 140), seed=i) for i in range(6)]
    seen = [m.faces[0].identity for m in watch(frames, reference)]
    assert seen[-1].sameness is said
    assert upright or "aside" in seen[-1].reason


def test_a_feed_that_froze_while_the_head_was_turned_teaches_no_rest(scene, reference):
    ahead = photographs()[0]

    def sitting(photograph, time):
        return place(photograph, scene(seed=time), 140, (320, 230))

    live = [sitting(ahead, time) for time in range(4)]
    frozen = [sitting(turned(ahead, 14), 4)] * 20
    measured = watch([*live, *frozen, *(sitting(ahead, time) for time in range(30, 33))], reference)
    for measurement in measured[-3:]:
        [face] = measurement.faces
        assert abs(face.pose.yaw) < 5


def test_without_a_reference_nothing_is_said_about_identity(scene):
    assert watch([scene(CANDIDATE)])[0].faces[0].identity is None


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.sets(st.integers(1, 17), max_size=4))
def test_stopping_anywhere_and_resuming_changes_nothing(story, told, reference, cuts):
    pipeline = FramePipeline(SETTINGS, reference)
    again = []
    for i, frame in enumerate(story):
        if i in cuts:
            pipeline = FramePipeline.restore(SETTINGS, reference, pipeline.state())
        again.append(pipeline.measure(frame, float(i)))
    assert again == told


def test_a_restored_state_is_the_same_bytes(story, reference):
    pipeline = FramePipeline(SETTINGS, reference)
    watch(story[:5], pipeline=pipeline)
    saved = pipeline.state()
    assert FramePipeline.restore(SETTINGS, reference, saved).state() == saved


@pytest.mark.parametrize("data", [b"", b"{}x", b'{"version": 99}', b'{"tracking": {"tracks": 1}}', b"\xff"])
def test_what_is_no_state_is_refused(data):
    with pytest.raises(ValueError, match="state"):
        FramePipeline.restore(SETTINGS, None, data)


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((480, 640), np.uint8),
        np.zeros((480, 640, 4), np.uint8),
        np.zeros((480, 640, 3), np.float32),
        np.zeros((4, 4, 3), np.uint8),
    ],
)
def test_what_is_no_frame_is_refused_with_its_time(frame):
    with pytest.raises(ImageError, match=r"frame at 1\.500 s"):
        FramePipeline(SETTINGS).measure(frame, 1.5)


def test_a_larger_frame_gives_boxes_in_its_own_pixels(scene):
    large = np.ascontiguousarray(np.kron(scene(CANDIDATE), np.ones((3, 3, 1), np.uint8)))
    box = watch([large])[0].faces[0].box
    assert abs((box.left + box.right) / 2 - 960) < 60
    assert 300 < box.right - box.left < 560


@pytest.mark.parametrize("quality", [40, 90])
@pytest.mark.parametrize("size", [(320, 240), (480, 640), (641, 481), (1280, 720), (1920, 1080), (2592, 1944)])
def test_every_camera_shows_both_people_where_they_are(scene, reference, size, quality):
    """JPEGs of large cameras are reduced while they are decoded."""
    pipeline = FramePipeline(SETTINGS, reference)
    factor = min(size[0] / 640, size[1] / 480)
    seen = []
    for time in range(8):
        sitters = [("astronaut", 340, 230, 140), ("hopper", 540, 120, 80)][: 1 + (time >= 3)]
        drawn = cv2.resize(scene(*sitters, seed=time), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        frame = np.full((size[1], size[0], 3), 150, np.uint8)
        frame[: drawn.shape[0], : drawn.shape[1]] = drawn[: size[1], : size[0]]
        jpeg = cv2.imencode(".jpg", frame[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        seen.append(pipeline.measure_jpeg(jpeg, float(time)))
    assert [len(measurement.faces) for measurement in seen[:3]] == [1, 1, 1]
    candidate, other = sorted(seen[-1].faces, key=lambda face: face.box.left)
    assert candidate.identity.sameness is Sameness.SAME
    for face, (x, y) in ((candidate, (340, 230)), (other, (540, 150))):
        assert abs((face.box.left + face.box.right) / 2 - factor * x) < 20 * factor
        assert abs((face.box.top + face.box.bottom) / 2 - factor * y) < 20 * factor


def test_a_camera_that_changes_its_resolution_loses_nobody(scene, reference):
    frame = scene(CANDIDATE)
    sizes = [(640, 480), (1280, 960), (480, 360), (640, 480)]
    seen = watch([cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for size in sizes], reference)
    assert [[face.identity.sameness for face in m.faces] for m in seen] == [[Sameness.SAME]] * 4


@pytest.mark.parametrize("size", [(16, 16), (16, 3000), (3000, 17), (33, 641), (1080, 1920)])
@pytest.mark.parametrize("flat", [True, False], ids=["flat", "noise"])
def test_a_frame_of_any_shape_is_measured(size, flat):
    rng = np.random.default_rng(0)
    frames = [
        np.full((*size, 3), 90 + i, np.uint8) if flat else rng.integers(0, 256, (*size, 3), np.uint8) for i in range(3)
    ]
    assert [measurement.faces for measurement in watch(frames)] == [()] * 3
