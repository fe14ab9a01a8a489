from __future__ import annotations

import cv2
import numpy as np
import pytest

from proctor_engine.vision import (
    DifferentPeopleError,
    ImageError,
    NoFaceError,
    Reference,
    SeveralFacesError,
    compare,
    embed,
    enrol,
)


@pytest.mark.parametrize("backend", ["onnx", "dlib"])
def test_an_embedding_equals_face_recognitions_own(astronaut, hopper, face_recognition, backend):
    for photograph in (astronaut, hopper):
        theirs = face_recognition.face_encodings(photograph)[0]
        assert np.abs(embed(photograph, backend=backend) - theirs).max() < 1e-4


def test_two_pictures_of_one_person_are_the_same(astronaut):
    result = compare(astronaut, np.ascontiguousarray(astronaut[:, ::-1]))
    assert result.decision == "same"
    assert result.distance < 0.4


def test_two_people_are_different(astronaut, hopper):
    result = compare(astronaut, hopper)
    assert (result.decision, result.reasons) == ("different", ())
    assert result.distance > 0.6


def test_a_comparison_without_a_face_is_unsure_and_says_whose(astronaut):
    wall = np.full((200, 200, 3), 128, np.uint8)
    result = compare(astronaut, wall, ("me.jpg", "wall.jpg"))
    assert (result.decision, result.distance) == ("unsure", None)
    assert "wall.jpg: no face found" in result.reasons[0]


def test_enrolling_needs_exactly_one_face(astronaut, hopper, scene):
    with pytest.raises(NoFaceError, match=r"wall\.jpg"):
        enrol([astronaut, np.zeros((200, 200, 3), np.uint8)], ["me.jpg", "wall.jpg"])
    both = scene(("astronaut", 180, 240, 120), ("hopper", 450, 240, 120))
    with pytest.raises(SeveralFacesError, match="reference 1: 2 faces"):
        enrol([both])
    with pytest.raises(DifferentPeopleError, match=r"a\.jpg and b\.jpg"):
        enrol([astronaut, hopper], ["a.jpg", "b.jpg"])
    with pytest.raises(ImageError, match="no reference"):
        enrol([])


def test_a_small_face_in_the_background_does_not_spoil_a_photograph(scene):
    assert enrol([scene(("astronaut", 250, 240, 170), ("hopper", 520, 110, 60))]).embeddings.shape == (1, 128)


def test_a_telephones_photograph_is_reduced_and_the_person_stays(astronaut):
    large = cv2.resize(astronaut, (6000, 6000), interpolation=cv2.INTER_CUBIC)
    assert np.linalg.norm(embed(large) - embed(astronaut)) < 0.3


def test_a_stored_reference_measures_the_same(reference, hopper):
    copy = Reference.loads(reference.dumps())
    other = embed(hopper)
    assert copy.distance(other) == reference.distance(other)


@pytest.mark.parametrize("data", [b"", b"{}", b'{"embeddings": [[1, 2]]}', b'{"embeddings": "x"}', b"\xff\x00"])
def test_what_is_no_stored_reference_is_refused(data):
    with pytest.raises(ValueError, match="not a stored reference"):
        Reference.loads(data)
