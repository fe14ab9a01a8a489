"""Every model opened before the first frame, so that a bad installation shows at the start and forked workers share."""

from __future__ import annotations

import ctypes
import sys

from proctor_engine.models import open_session
from proctor_engine.vision.dlib_models import face_embedder, near_detector, shape_predictor
from proctor_engine.vision.forest import open_forest
from proctor_engine.vision.liveness import open_network
from proctor_engine.vision.settings import VisionSettings

_M_MMAP_THRESHOLD = -3
"""Its number in glibc's malloc.h."""
_LARGE = 1 << 20
"""Bytes of a buffer that is given back to the system as soon as it is free."""


def preload(settings: VisionSettings) -> None:
    """Open all models that these settings use. Call it before forking: the workers then share their memory.

    Raises:
        ModelError: a model's file is missing or damaged.
    """
    _give_large_buffers_back()
    near_detector()
    open_session("face-detection-blaze")
    open_session("face-detection-mmod")
    shape_predictor("landmarks-5")
    if settings.landmarks != "none":
        open_session("iris")
        open_session("landmarks-mesh")
    if settings.landmarks == "forest" and settings.backend == "dlib":
        shape_predictor("landmarks-68")
    elif settings.landmarks == "forest":
        open_forest("landmarks-68")
    if settings.emotion.enabled:
        open_session("emotion")
    if settings.liveness.model:
        open_network(settings.liveness.model)
    if settings.backend == "dlib":
        face_embedder()
    else:
        open_session("face-embedding")


def _give_large_buffers_back() -> None:
    """Left alone, glibc keeps a network's large buffers for the next one, and each worker 25 MB of its own.

    It must be told before much memory was freed: what lies free in the heap by then is used first.
    """
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
