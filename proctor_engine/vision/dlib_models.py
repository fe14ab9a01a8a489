"""dlib's own objects, opened once in a process and shared by every pipeline in it."""

from __future__ import annotations

import functools
from typing import Any

import dlib

from proctor_engine.models import MODELS, ModelError, verify
from proctor_engine.models.hog import frontal


@functools.cache
def hog_detector() -> Any:
    """The frontal face detector that is compiled into dlib: windows of 80 pixels, five poses."""
    return dlib.get_frontal_face_detector()


@functools.cache
def near_detector() -> Any:
    """The part of it that sees heads which look ahead, about 80 to 110 pixels wide. All of it where dlib's changed."""
    whole = hog_detector()
    try:
        part = frontal(whole.__getstate__()[0], sizes=2)
    except ValueError:
        return whole
    detector = dlib.fhog_object_detector.__new__(dlib.fhog_object_detector)
    detector.__setstate__((part,))
    return detector


@functools.cache
def shape_predictor(name: str) -> Any:
    return _open(dlib.shape_predictor, name)


@functools.cache
def face_embedder() -> Any:
    return _open(dlib.face_recognition_model_v1, "face-embedding")


def _open(reader: Any, name: str) -> Any:
    file = verify(name)
    try:
        return reader(str(file))
    except RuntimeError as error:
        raise ModelError(f"{file}: dlib cannot read it ({error}). Install it again: {MODELS[name].mend}") from error
