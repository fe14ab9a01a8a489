"""Videos, folders of frames, single pictures and cameras, all as one stream of frames and sound."""

from __future__ import annotations

from pathlib import Path

from proctor_engine.configuration import MediaSettings
from proctor_engine.errors import MediaError
from proctor_engine.media.camera import Camera
from proctor_engine.media.pictures import SUFFIXES, Pictures, read_picture
from proctor_engine.media.stream import SAMPLE_RATE, Frame, Sound, Source
from proctor_engine.media.video import Video

__all__ = ["SAMPLE_RATE", "Camera", "Frame", "Sound", "Source", "open_source", "read_picture"]


def open_source(path: Path, settings: MediaSettings) -> Source:
    """A video, a picture or a folder of pictures. Raises MediaError for anything else."""
    if not path.exists():
        raise MediaError(f"{path}: no such file or folder")
    if path.is_dir() or path.suffix.lower() in SUFFIXES:
        return Pictures(path, settings)
    return Video(path, settings)
