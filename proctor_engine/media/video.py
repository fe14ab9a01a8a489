"""Video files, whatever FFmpeg reads, decoded in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError

from proctor_engine.configuration import MediaSettings
from proctor_engine.errors import MediaError
from proctor_engine.media.stream import SAMPLE_RATE, Frame, Schedule, Sound

_FORMATS = (
    "aiff,asf,avi,flac,flv,gif,h264,hevc,ivf,jpeg_pipe,m4v,matroska,mjpeg,mov,mp3,mp4,mpeg,mpegts,mpegvideo,ogg,"
    "png_pipe,wav,webm,yuv4mpegpipe"
)
"""Containers that hold pictures and sound themselves. A playlist, which could name any file or address, is none."""

_MOST_DAMAGE = 500
"""Undecodable packets in a row after which the video counts as ended."""

_USUAL_RATE = 25
"""Frames a second where a file tells neither their times nor their rate."""

_JUMP = 0.2
"""Seconds by which sound may be out of step before its time is taken anew from the file."""


class Video:
    """Opens at once, so that a file that is no video is refused before anything is written."""

    kind = "video"

    def __init__(self, path: Path, settings: MediaSettings) -> None:
        self.name = path.name
        self.damaged = 0
        """Packets that could not be decoded, known after the stream."""
        self._path = path
        self._settings = settings
        with self._open() as container:
            self.duration = container.duration / av.time_base if container.duration else None
            self._check(container)

    def stream(self) -> Iterator[Frame | Sound]:
        schedule = Schedule(self._settings.frames_per_second)
        with self._open() as container:
            video = container.streams.video[0]
            video.thread_type = "AUTO"
            # A later frame may be of another size than the file promises.
            video.codec_context.options = {"max_pixels": str(self._settings.largest_frame)}
            rate = float(video.average_rate or _USUAL_RATE)
            sound = _SoundTrack()
            start = (container.start_time or 0) / av.time_base
            seen = 0
            for frame in self._decoded(container):
                try:
                    if isinstance(frame, av.AudioFrame):
                        yield from sound.follow(frame, start)
                        continue
                    time = seen / rate if frame.time is None else frame.time - start
                    seen += 1
                    if schedule.takes(max(0.0, time)):
                        yield Frame(round(max(0.0, time), 3), self._pixels(frame))
                except FFmpegError:
                    self.damaged += 1
            if not seen:
                raise MediaError(f"{self._path}: no frame of the video can be decoded: record or copy it again")

    def _open(self) -> Any:
        if not self._path.is_file():
            raise MediaError(f"{self._path}: no such file")
        try:
            return av.open(f"file:{self._path}", options={"protocol_whitelist": "file", "format_whitelist": _FORMATS})
        except (FFmpegError, OSError, ValueError) as error:
            raise MediaError(f"{self._path}: not a video that can be decoded ({_reason(error)})") from error

    def _check(self, container: Any) -> None:
        if not container.streams.video:
            raise MediaError(f"{self._path}: has no picture track: give a video, a folder of frames or a picture")
        context = container.streams.video[0].codec_context
        if context is None:
            raise MediaError(f"{self._path}: its picture's codec is unknown: convert it to H.264 or VP8")
        if context.width * context.height > self._settings.largest_frame:
            raise MediaError(
                f"{self._path}: {context.width}x{context.height} pixels a frame,"
                f" more than the {self._settings.largest_frame} of media.largest_frame"
            )

    def _decoded(self, container: Any) -> Iterator[Any]:
        """Frames of the first picture and the first sound track; damaged packets are counted and left out."""
        tracks = [container.streams.video[0], *container.streams.audio[:1]]
        in_a_row = 0
        packets = container.demux(*[track for track in tracks if track.codec_context is not None])
        while in_a_row < _MOST_DAMAGE:
            try:
                frames = next(packets).decode()
            except StopIteration:
                return
            except (FFmpegError, ValueError):
                self.damaged += 1
                in_a_row += 1
                continue
            in_a_row = 0 if frames else in_a_row
            yield from frames

    def _pixels(self, frame: Any) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Upright and no larger than asked for."""
        shrink = min(1.0, self._settings.longest_side / max(frame.width, frame.height))
        width, height = round(frame.width * shrink), round(frame.height * shrink)
        pixels = frame.to_ndarray(format="rgb24", width=max(1, width), height=max(1, height))
        turns = round(frame.rotation / 90) % 4
        return np.ascontiguousarray(np.rot90(pixels, turns), np.uint8)


class _SoundTrack:
    """Brings sound of any rate and layout to 16 kHz mono, with gaps kept as gaps."""

    def __init__(self) -> None:
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        self._time: float | None = None

    def follow(self, frame: Any, start: float) -> Iterator[Sound]:
        time = None if frame.time is None else max(0.0, frame.time - start)
        if self._time is None or (time is not None and abs(time - self._time) > _JUMP):
            self._time = time or 0.0
        for resampled in self._resampled(frame):
            pcm = resampled.to_ndarray().astype("<i2").tobytes()
            yield Sound(round(self._time, 3), pcm)
            self._time += len(pcm) / 2 / SAMPLE_RATE

    def _resampled(self, frame: Any) -> list[Any]:
        try:
            return list(self._resampler.resample(frame))
        except ValueError:
            # Another microphone, with another rate or layout: the resampler takes one kind only.
            self._resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
            return list(self._resampler.resample(frame))


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
