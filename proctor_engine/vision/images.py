"""Bytes from outside to pixels, with limits: a small file can describe a picture of gigabytes."""

from __future__ import annotations

import io
import struct
import warnings
from typing import Any

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
"""Of a JPEG, which is reduced while it is decoded."""
MAX_PIXELS_WHOLE = 25_000_000
"""Of the other formats: to decode them takes up to 15 bytes a pixel."""
MIN_SIDE = 16
_LARGE = 12_500_000
"""Pixels from which a photograph in JPEG is halved both ways while it is decoded: a face has enough left."""
_STRIP = 256
"""Rows of 16 or 32 bits that are brought to 8 at once."""
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")

REDUCTIONS = (8, 4, 2)
"""How many times a JPEG can be reduced while it is decoded, for less work than to decode it whole."""
_REDUCED = {
    cv2.IMREAD_COLOR: {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8},
    cv2.IMREAD_GRAYSCALE: {
        2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
        4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
        8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
    },
}
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG that tell its size."""
_OTHERS = frozenset([0xC4, 0xCC, 0xDB, 0xDD, *range(0xE0, 0xF0), 0xFE])
"""Markers that may come before: tables, and what applications put in."""

cv2.setNumThreads(1)  # Workers are processes, one a core.
Image.init()  # Pillow otherwise knows its rarer formats only after it failed to read a file.


def jpeg_size(data: bytes, name: str = "image") -> tuple[int, int]:
    """(width, height) of a JPEG by its header, decoding nothing.

    Raises:
        ImageError: not a JPEG, larger than the limits, or damaged.
    """
    _check_length(data, name)
    if not data.startswith(b"\xff\xd8\xff"):
        raise ImageError(f"{name}: not a JPEG")
    place = 2
    while len(data) >= place + 9 and data[place] == 0xFF:  # before each marker; more than one may stand there
        marker = data[place + 1]
        if marker in _SIZES:
            height, width = struct.unpack_from(">HH", data, place + 5)
            _check_size((width, height), name)
            return width, height
        length = struct.unpack_from(">H", data, place + 2)[0]
        if marker != 0xFF and (marker not in _OTHERS or length < 2):
            break
        place += 1 if marker == 0xFF else 2 + length
    raise ImageError(f"{name}: damaged JPEG")


def decode_jpeg(data: bytes, name: str = "image", reduction: int = 1) -> Pixels:
    """A camera frame's pixels, (height, width, 3) RGB. The quick way: nothing but baseline or progressive JPEG.

    `reduction` is one of REDUCTIONS, or 1: so many times smaller, rounded up.

    Raises:
        ImageError: not a JPEG, larger than the limits, or damaged.
    """
    pixels = _decoded(data, name, cv2.IMREAD_COLOR, reduction)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels), np.uint8)


def decode_luma(data: bytes, name: str = "image", reduction: int = 1) -> Gray:
    """As `decode_jpeg`, the luma alone: half the work."""
    return _decoded(data, name, cv2.IMREAD_GRAYSCALE, reduction)


def decode_image(data: bytes, name: str = "image") -> Pixels:
    """A photograph's pixels, (height, width, 3) RGB, upright: any usual format, depth and colour model.

    Of an animation or a document with several pages the first picture counts; transparency shows white. Decoding takes
    half a gigabyte at most; a large JPEG comes at half its size.

    Raises:
        ImageError: not a picture, larger than the limits, or damaged.
    """
    _check_length(data, name)
    with _opened(data, name, FORMATS) as picture:
        _check_size(picture.size, name, MAX_PIXELS if picture.format == "JPEG" else MAX_PIXELS_WHOLE)
        try:
            if picture.width * picture.height > _LARGE:
                picture.draft(None, (picture.width // 2, picture.height // 2))  # heeded by JPEG alone
            ImageOps.exif_transpose(picture, in_place=True)
            return np.asarray(_as_rgb(picture), np.uint8)
        except Exception as error:  # as in _opened
            raise ImageError(f"{name}: damaged picture ({error})") from error


def check_pixels(pixels: Pixels, name: str = "image") -> None:
    """Raises ImageError unless the array is (height, width, 3) uint8 within the limits."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ImageError(f"{name}: expected (height, width, 3) uint8, got {pixels.shape} {pixels.dtype}")
    _check_size((pixels.shape[1], pixels.shape[0]), name)


def _decoded(data: bytes, name: str, colours: int, reduction: int) -> NDArray[np.uint8]:
    jpeg_size(data, name)
    flags = colours if reduction == 1 else _REDUCED[colours][reduction]
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags | cv2.IMREAD_IGNORE_ORIENTATION)
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


def _check_size(size: tuple[int, int], name: str, most: int = MAX_PIXELS) -> None:
    width, height = size
    if min(size) < MIN_SIDE:
        raise ImageError(f"{name}: {width}x{height} pixels, at least {MIN_SIDE} each way are needed")
    if width * height > most:
        raise ImageError(f"{name}: {width}x{height} pixels, at most {most} in all are taken")


def _as_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith(("I", "F")):
        return Image.fromarray(_as_bytes(np.asarray(picture))).convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        white = Image.new("RGB", layer.size, "white")
        white.paste(layer, mask=layer)
        return white
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _as_bytes(samples: NDArray[Any]) -> Gray:
    """Samples of 16 or 32 bits, the brightest of which becomes white."""
    top = float(np.max(samples, where=np.isfinite(samples), initial=1))
    gray = np.empty(samples.shape, np.uint8)
    for row in range(0, len(samples), _STRIP):
        strip = samples[row : row + _STRIP].astype(np.float32).clip(0, top)
        gray[row : row + _STRIP] = np.nan_to_num(strip * np.float32(255 / top))
    return gray
