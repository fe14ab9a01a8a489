"""The candidate as enrolled: embeddings of the reference photographs and the template they make."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from proctor_engine.vision.blaze import tilt
from proctor_engine.vision.boxes import width
from proctor_engine.vision.detection import Detection, detect_reference
from proctor_engine.vision.embedding import Embedding, embed_chips, face_chip, mended_chip
from proctor_engine.vision.errors import DifferentPeopleError, ImageError, NoFaceError, SeveralFacesError
from proctor_engine.vision.images import Pixels, check_pixels
from proctor_engine.vision.settings import Backend

SAME_PERSON = 0.6
"""dlib's own limit between two photographs of one person and of two."""

_LONGEST_SIDE = 1600
"""Pixels beyond which a photograph is reduced: more add nothing to a face and gigabytes to the search."""
_RIVAL_WIDTH = 0.5
_RIVAL_SCORE = 0.3
"""What makes a photograph one of several people: a share of the largest face's width, and a detector score that
folds in clothes and wallpaper do not reach."""


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """`embeddings` (n, 128), one a photograph. Biometric data: keep and delete it as such."""

    embeddings: Embedding

    @property
    def template(self) -> Embedding:
        """(128,) the mean of the photographs, steadier than any one of them."""
        mean: Embedding = self.embeddings.mean(axis=0)
        return mean

    def distance(self, embedding: Embedding) -> float:
        """To the template or the nearest photograph, whichever is less: one good likeness suffices."""
        candidates = np.vstack([self.template, self.embeddings])
        return float(np.linalg.norm(candidates - embedding, axis=1).min())

    def dumps(self) -> bytes:
        return json.dumps({"embeddings": self.embeddings.tolist()}).encode()

    @classmethod
    def loads(cls, data: bytes) -> Reference:
        """Raises ValueError for anything that `dumps` did not write."""
        try:
            embeddings = np.array(json.loads(data)["embeddings"], np.float64)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"not a stored reference: {error}") from error
        if embeddings.ndim != 2 or embeddings.shape[1] != 128 or not np.isfinite(embeddings).all():
            raise ValueError(f"not a stored reference: embeddings of shape {embeddings.shape}")
        return cls(embeddings)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`reasons` say why the decision is unsure; `distance` is None where nothing could be compared."""

    distance: float | None
    decision: Literal["same", "different", "unsure"]
    reasons: tuple[str, ...] = ()


def embed(image: Pixels, name: str = "image", backend: Backend = "onnx") -> Embedding:
    """(128,) of the only large face in the picture, equal to `face_recognition.face_encodings` within 1e-4.

    Photographs larger than 1600 pixels are reduced first. A face that lies so far aside that its landmarks are wrong is
    set upright, which `face_recognition` does not do.

    Raises:
        ImageError: no picture of (height, width, 3) uint8.
        NoFaceError, SeveralFacesError: not exactly one face.
    """
    check_pixels(image, name)
    image = _reduced(image)
    box = _only_face(image, name).box
    mended = mended_chip(image, box, tilt(image, box))
    embedding: Embedding = embed_chips([face_chip(image, box) if mended is None else mended], backend)[0]
    return embedding


def enrol(images: Sequence[Pixels], names: Sequence[str] = (), backend: Backend = "onnx") -> Reference:
    """A reference from photographs (height, width, 3) RGB of one person, one face in each.

    Raises:
        ImageError: no photograph, or one that is no picture.
        NoFaceError, SeveralFacesError: the photograph named in the message shows none, or several.
        DifferentPeopleError: the photographs do not show one person.
    """
    if not images:
        raise ImageError("no reference photograph given")
    labels = [names[i] if i < len(names) else f"reference {i + 1}" for i in range(len(images))]
    embeddings = np.stack([embed(image, label, backend) for image, label in zip(images, labels, strict=True)])
    distances = np.linalg.norm(embeddings[:, None] - embeddings[None], axis=2)
    if distances.max() > SAME_PERSON:
        first, second = np.unravel_index(distances.argmax(), distances.shape)
        raise DifferentPeopleError(
            f"{labels[first]} and {labels[second]} do not look like one person (distance {distances.max():.2f}, "
            f"at most {SAME_PERSON}): take one of them away"
        )
    return Reference(embeddings)


def compare(first: Pixels, second: Pixels, names: tuple[str, str] = ("first", "second")) -> Comparison:
    """Whether two photographs show one person.

    Raises:
        ImageError: one of them is no picture of (height, width, 3) uint8.
    """
    attempts = [_attempt(image, name) for image, name in zip((first, second), names, strict=True)]
    reasons = tuple(str(attempt) for attempt in attempts if isinstance(attempt, ImageError))
    embeddings = [attempt for attempt in attempts if not isinstance(attempt, ImageError)]
    if reasons:
        return Comparison(None, "unsure", reasons)
    distance = float(np.linalg.norm(embeddings[0] - embeddings[1]))
    return Comparison(distance, "same" if distance <= SAME_PERSON else "different")


def _attempt(image: Pixels, name: str) -> Embedding | NoFaceError | SeveralFacesError:
    try:
        return embed(image, name)
    except (NoFaceError, SeveralFacesError) as error:
        return error


def _reduced(image: Pixels) -> Pixels:
    factor = _LONGEST_SIDE / max(image.shape[:2])
    if factor >= 1:
        return image
    size = max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _only_face(image: Pixels, name: str) -> Detection:
    faces = detect_reference(image)
    if not faces:
        raise NoFaceError(f"{name}: no face found; use a photograph in good light, looking at the camera")
    largest = max(faces, key=lambda face: (face.score >= _RIVAL_SCORE, width(face.box)))
    rivals = [f for f in faces if f.score >= _RIVAL_SCORE and width(f.box) >= _RIVAL_WIDTH * width(largest.box)]
    if len(rivals) > 1:
        raise SeveralFacesError(f"{name}: {len(rivals)} faces found; use a photograph of the candidate alone")
    return largest
