"""Bytes from outside to pixels, with limits: a small file can describe a picture of gigabytes."""

from __future__ import annotations

import io
import warnings

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from proctor_engine.vision.errors import ImageError

Pixels = NDArray[np.uint8]
"""(height, width, 3) RGB."""
Gray = NDArray[np.uint8]
"""(height, width) luma."""

MAX_BYTES = 20 * 2**20
MAX_PIXELS = 50_000_000
MIN_SIDE = 16
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")

cv2.setNumThreads(1)  # Workers are processes, one a core.
Image.init()  # Pillow otherwise knows its rarer formats only after it failed to read a file.


def decode_jpeg(data: bytes, name: str = "image") -> Pixels:
    """A camera frame's pixels, (height, width, 3) RGB. The quick way: nothing but baseline or progressive JPEG.

    Raises:
        ImageError: not a JPEG, larger than the limits, or damaged.
    """
    pixels = _decoded(data, name, cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels), np.uint8)


def decode_luma(data: bytes, name: str = "image") -> Gray:
    """As `decode_jpeg`, the luma alone: half the work."""
    return _decoded(data, name, cv2.IMREAD_GRAYSCALE)


def decode_image(data: bytes, name: str = "image") -> Pixels:
    """A photograph's pixels, (height, width, 3) RGB, upright: any usual format, depth and colour model.

    Of an animation or a document with several pages the first picture counts; transparency shows white.

    Raises:
        ImageError: not a picture, larger than the limits, or damaged.
    """
    _check_length(data, name)
    with _opened(data, name, FORMATS) as picture:
        _check_size(picture.size, name)
        try:
            upright = ImageOps.exif_transpose(picture)
            return np.asarray(_as_rgb(upright), np.uint8)
        except Exception as error:  # as in _opened
            raise ImageError(f"{name}: damaged picture ({error})") from error


def check_pixels(pixels: Pixels, name: str = "image") -> None:
    """Raises ImageError unless the array is (height, width, 3) uint8 within the limits."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ImageError(f"{name}: expected (height, width, 3) uint8, got {pixels.shape} {pixels.dtype}")
    _check_size((pixels.shape[1], pixels.shape[0]), name)


def _decoded(data: bytes, name: str, colours: int) -> NDArray[np.uint8]:
    _check_length(data, name)
    if not data.startswith(b"\xff\xd8\xff"):
        raise ImageError(f"{name}: not a JPEG")
    with _opened(data, name, ("JPEG",)) as picture:
        _check_size(picture.size, name)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), colours | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise ImageError(f"{name}: damaged JPEG")
    return np.asarray(pixels, np.uint8)


def _opened(data: bytes, name: str, formats: tuple[str, ...]) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own size warning: ours is an error, with our limit.
            return Image.open(io.BytesIO(data), formats=formats)
    except Exception as error:  # Pillow's readers of broken files raise whatever comes: KeyError, struct.error, …
        raise ImageError(f"{name}: not a picture in a known format ({', '.join(formats)})") from error


def _check_length(data: bytes, name: str) -> None:
    if len(data) > MAX_BYTES:
        raise ImageError(f"{name}: {len(data)} bytes, at most {MAX_BYTES} are taken")


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if min(size) < MIN_SIDE:
        raise ImageError(f"{name}: {width}x{height} pixels, at least {MIN_SIDE} each way are needed")
    if width * height > MAX_PIXELS:
        raise ImageError(f"{name}: {width}x{height} pixels, at most {MAX_PIXELS} in all are taken")


def _as_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith(("I", "F")):  # 16 and 32 bits: the brightest sample becomes white
        samples = np.asarray(picture, np.float64)
        top = max(float(samples.max()), 1.0)
        return Image.fromarray((samples.clip(0) * (255.0 / top)).astype(np.uint8)).convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return picture.convert("RGB")
