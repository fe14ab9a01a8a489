"""Frames in, measurements out: quality, faces, identity. Arrays only, no files, no network."""

from proctor_engine.vision.errors import DifferentPeopleError, ImageError, NoFaceError, SeveralFacesError
from proctor_engine.vision.images import decode_image, decode_jpeg
from proctor_engine.vision.pipeline import FramePipeline
from proctor_engine.vision.preload import preload
from proctor_engine.vision.reference import Comparison, Reference, compare, embed, enrol
from proctor_engine.vision.settings import VisionSettings

__all__ = [
    "Comparison",
    "DifferentPeopleError",
    "FramePipeline",
    "ImageError",
    "NoFaceError",
    "Reference",
    "SeveralFacesError",
    "VisionSettings",
    "compare",
    "decode_image",
    "decode_jpeg",
    "embed",
    "enrol",
    "preload",
]
