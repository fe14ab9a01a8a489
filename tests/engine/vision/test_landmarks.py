"""Our run of dlib's forest against dlib's own, and the free mesh against both."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from proctor_engine.measurements import Box
from proctor_engine.vision import FramePipeline, VisionSettings
from proctor_engine.vision.detection import detect
from proctor_engine.vision.landmarks import (
    EYE_IN_IMAGE_LEFT,
    EYE_IN_IMAGE_RIGHT,
    INNER_LIPS,
    dlib_landmarks,
    forest_landmarks,
    mesh_landmarks,
)

SITTER = ("astronaut", 320, 230, 140)


@pytest.fixture(scope="module")
def grays(astronaut, hopper, scene):
    pictures = [astronaut, hopper, *(scene(SITTER, seed=i, light=1 - 0.28 * i) for i in range(4))]
    return [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in pictures]


def test_the_forest_gives_dlibs_points_before_dlib_rounds_them(grays):
    for gray in grays:
        box = detect(gray, 60)[0].box
        assert np.abs(forest_landmarks(gray, box) - dlib_landmarks(gray, box)).max() < 0.51


@pytest.mark.parametrize("box", [Box(-60, -40, 80, 100), Box(560, 400, 700, 540), Box(0, 0, 12, 13), Box(5, 5, 5, 5)])
def test_a_box_that_leaves_the_picture_is_read_as_dlib_reads_it(scene, box):
    gray = cv2.cvtColor(scene(SITTER), cv2.COLOR_RGB2GRAY)
    assert np.abs(forest_landmarks(gray, box) - dlib_landmarks(gray, box)).max() < 0.51
    assert np.isfinite(mesh_landmarks(gray, box)).all()


def test_the_mesh_sees_the_same_eyes_and_lips(grays):
    for gray in grays[:4]:
        box = detect(gray, 60)[0].box
        ours, theirs = mesh_landmarks(gray, box), forest_landmarks(gray, box)
        between = np.linalg.norm(theirs[36] - theirs[45])
        for part in (EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT, INNER_LIPS):
            assert np.linalg.norm(ours[part] - theirs[part], axis=1).mean() < 0.08 * between


@pytest.mark.parametrize("settings", [{"landmarks": "mesh"}, {"backend": "dlib"}], ids=["mesh", "dlib"])
def test_another_model_tells_the_same_of_a_face(scene, settings):
    def usually(settings):
        pipeline = FramePipeline(settings)
        faces = [pipeline.measure(scene(SITTER, seed=i), float(i)).faces[0] for i in range(9)][3:]
        poses = np.array([dataclasses.astuple(face.pose) for face in faces])
        parts = np.array([(face.eye_opening, face.mouth_opening) for face in faces])
        return np.median(poses, axis=0), np.median(parts, axis=0)

    pose, _ = usually(VisionSettings())
    other_pose, (eyes, mouth) = usually(VisionSettings.model_validate(settings))
    assert np.abs(other_pose - pose).max() < 4
    assert 0.9 < eyes < 1.1
    assert mouth < 0.25


def test_without_a_model_nothing_is_said_of_the_face(scene):
    face = FramePipeline(VisionSettings(landmarks="none")).measure(scene(SITTER), 0.0).faces[0]
    assert (face.pose, face.gaze, face.eye_opening, face.mouth_opening) == (None, None, None, None)


def test_the_setting_of_older_configurations_is_understood():
    assert VisionSettings.model_validate({"landmarks": False}).landmarks == "none"
    assert VisionSettings.model_validate({"landmarks": True}).landmarks == "forest"
    with pytest.raises(ValidationError, match="landmarks"):
        VisionSettings.model_validate({"landmarks": "eyes"})
