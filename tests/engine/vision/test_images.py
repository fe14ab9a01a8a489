"""Whatever somebody uploads: a picture or a clear error, never a crash, a hang or a memory full of pixels."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from proctor_engine.vision import ImageError, decode_image, decode_jpeg
from proctor_engine.vision.images import MAX_PIXELS, MAX_PIXELS_WHOLE, REDUCTIONS, decode_luma, jpeg_size

RNG = np.random.default_rng(0)
PICTURE = cv2.GaussianBlur(RNG.integers(0, 256, (48, 64, 3), np.uint8), (0, 0), 4)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


JPEG = encoded(Image.fromarray(PICTURE), "JPEG", quality=95)
PNG = encoded(Image.fromarray(PICTURE), "PNG")


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises a picture of that size."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk


def jpeg_claiming(width: int, height: int) -> bytes:
    data = bytearray(JPEG)
    start = data.index(b"\xff\xc0")
    data[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def test_a_camera_frame_keeps_its_colours():
    assert np.abs(decode_jpeg(JPEG).astype(int) - PICTURE).mean() < 4


@pytest.mark.parametrize(
    "data",
    [
        encoded(Image.fromarray(PICTURE).convert("L"), "JPEG"),
        encoded(Image.fromarray(PICTURE).convert("CMYK"), "JPEG"),
        encoded(Image.fromarray(PICTURE).convert("P"), "PNG"),
        encoded(Image.fromarray(PICTURE).convert("1"), "PNG"),
        encoded(Image.fromarray(PICTURE).convert("LA"), "PNG"),
        encoded(Image.fromarray(PICTURE[:, :, 0].astype(np.uint16) * 257), "PNG"),
        encoded(Image.fromarray(PICTURE), "WEBP"),
        encoded(Image.fromarray(PICTURE), "GIF", save_all=True, append_images=[Image.new("RGB", (64, 48))]),
        encoded(Image.fromarray(PICTURE), "TIFF"),
        encoded(Image.fromarray(PICTURE), "BMP"),
    ],
    ids=["gray", "cmyk", "palette", "bilevel", "alpha", "16-bit", "webp", "animated", "tiff", "bmp"],
)
def test_every_usual_kind_of_photograph_is_read(data):
    pixels = decode_image(data)
    assert pixels.shape == (48, 64, 3)
    assert pixels.dtype == np.uint8
    assert pixels.std() > 2


def test_a_photograph_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode_image(encoded(Image.fromarray(PICTURE), "JPEG", exif=exif)).shape == (64, 48, 3)


def test_what_is_transparent_shows_white():
    assert decode_image(encoded(Image.new("RGBA", (32, 32), (0, 0, 0, 0)), "PNG")).min() == 255


@pytest.mark.parametrize("decode", [decode_jpeg, decode_image])
@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8\xff", b"GIF89a", b"<html>", JPEG[:100], png_claiming(30000, 30000), jpeg_claiming(60000, 60000)],
    ids=["empty", "start", "gif", "html", "cut", "large-png", "large-jpeg"],
)
def test_what_is_no_usable_picture_is_refused_by_name(decode, data):
    with pytest.raises(ImageError, match=r"^photo\.jpg: "):
        decode(data, "photo.jpg")


def test_a_png_is_no_camera_frame():
    with pytest.raises(ImageError, match="not a JPEG"):
        decode_jpeg(PNG)


def test_a_large_upload_is_refused_before_it_is_looked_at():
    with pytest.raises(ImageError, match="at most"):
        decode_image(b"\xff\xd8\xff" + bytes(21 * 2**20))


@pytest.mark.parametrize("before", [b"", b"\xff\xff", b"\xff\xfe\x00\x02", b"\xff\xe1\x00\x08\xff\xc0\x00\x11\x08\x00"])
def test_the_size_of_a_jpeg_is_read_past_whatever_may_stand_before_it(before):
    data = JPEG[:2] + before + JPEG[2:]
    assert jpeg_size(data) == (64, 48)
    assert decode_jpeg(data).shape == (48, 64, 3)


@pytest.mark.parametrize(
    "before",
    [b"\xff\x00", b"\xff\xd8", b"\xff\xe1\x00\x01", b"\xff\xda\x00\x02", b"\xff\xfe\x00\x02junk", b"\xff\xe0\xff\xff"],
)
def test_where_a_decoder_might_read_another_size_nothing_is_decoded(before):
    with pytest.raises(ImageError, match="damaged JPEG"):
        decode_jpeg(JPEG[:2] + before + JPEG[2:])


@pytest.mark.parametrize("times", REDUCTIONS)
def test_a_jpeg_reduced_while_it_is_decoded_shows_the_same(times):
    size = -(-64 // times), -(-48 // times)
    reduced = cv2.resize(PICTURE, size, interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(decode_jpeg(JPEG, reduction=times) - reduced).mean() < 6
    luma = cv2.cvtColor(reduced.astype(np.uint8), cv2.COLOR_RGB2GRAY).astype(int)
    assert np.abs(decode_luma(JPEG, reduction=times) - luma).mean() < 4


def test_a_telephones_photograph_comes_at_half_its_size():
    large = Image.fromarray(PICTURE).resize((5000, 3000))
    assert decode_image(encoded(large, "JPEG")).shape == (1500, 2500, 3)
    assert decode_image(encoded(large.resize((4000, 3000)), "JPEG")).shape == (3000, 4000, 3)


def test_samples_that_are_no_numbers_spoil_no_picture():
    samples = np.linspace(0, 9, 64 * 48, dtype=np.float32).reshape(48, 64)
    samples[:2] = [[np.nan], [np.inf]]
    pixels = decode_image(encoded(Image.fromarray(samples), "TIFF"))
    assert pixels[0].max() == 0
    assert pixels[1].min() == 255
    assert pixels[-1, -1, 0] >= 254


PEAK = """
import resource, sys
from pathlib import Path
from proctor_engine.vision import decode_image, decode_jpeg
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
for path in map(Path, sys.argv[1:]):
    for decode in (decode_image, *[decode_jpeg] * (path.suffix == ".jpeg")):
        assert decode(path.read_bytes(), path.name).size
        print(path.name, decode.__name__, peak() - before)
"""


def test_the_largest_pictures_that_are_taken_fill_half_a_gigabyte_at_most(tmp_path: Path):
    whole, jpeg = (5000, MAX_PIXELS_WHOLE // 5000), (10_000, MAX_PIXELS // 10_000)
    see_through = Image.new("P", whole)
    see_through.info["transparency"] = 0
    large = {
        "rgba.png": (Image.new("RGBA", whole), {"compress_level": 1}),
        "sixteen.png": (Image.new("I;16", whole), {"compress_level": 1}),
        "palette.png": (see_through, {"compress_level": 1, "transparency": 0}),
        "float.tiff": (Image.new("F", whole), {"compression": "tiff_deflate"}),
        "cmyk.tiff": (Image.new("CMYK", whole), {"compression": "tiff_deflate"}),
        "animated.gif": (Image.new("L", whole), {"save_all": True, "append_images": [Image.new("L", whole, 9)]}),
        "lossless.webp": (Image.new("RGBA", whole), {"lossless": True, "quality": 0, "method": 0}),
        "cmyk.jpeg": (Image.new("CMYK", jpeg), {"progressive": True}),
    }
    for name, (picture, options) in large.items():
        picture.save(tmp_path / name, **options)
    command = [sys.executable, "-c", PEAK, *(str(tmp_path / name) for name in large)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert int(told.split()[-1]) < 512, told


@settings(max_examples=150, deadline=None)
@given(
    data=st.sampled_from(
        [JPEG, PNG, encoded(Image.fromarray(PICTURE), "WEBP"), encoded(Image.new("L", (40, 40)), "TIFF")]
    ),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12),
    cut=st.floats(0, 1),
)
def test_damage_makes_a_picture_or_an_error(data, flips, cut):
    damaged = bytearray(data[: round(len(data) * (1 - cut / 2))])
    for place, value in flips:
        damaged[int(place * (len(damaged) - 1))] = value
    for decode in (decode_jpeg, decode_image):
        try:
            pixels = decode(bytes(damaged))
        except ImageError:
            continue
        assert pixels.ndim == 3
        assert pixels.shape[2] == 3
        assert pixels.dtype == np.uint8
