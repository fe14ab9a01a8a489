"""Reads the networks that dlib serialises (`.dat`), without dlib.

dlib writes a network from its input to its output. Each layer leaves a tag (`con_4`, `affine_`, `fc_2`, …), then its
weights as one tensor, then its shape. Between those records stand flags of the training machinery, which is why the
reader goes from tag to tag. Integers are a length byte (with the sign in its top bit) and little-endian bytes, floats
a mantissa and a binary exponent as two such integers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_TAG = re.compile(
    rb"\x01[\x03-\x20](?=con_[456]|affine_2?|bn_con2|fc_[23]|input_rgb_image)([a-z0-9_]+)",
)
_CHANNELS = 3


@dataclass(frozen=True, slots=True)
class Input:
    """`mean` is subtracted from the RGB values, which are then divided by 256."""

    mean: Floats


@dataclass(frozen=True, slots=True)
class Convolution:
    """`weights` (filters, channels, rows, columns), `bias` (filters,); stride and padding as (rows, columns)."""

    weights: Floats
    bias: Floats
    stride: tuple[int, int]
    padding: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Affine:
    """What batch normalisation becomes after training: a factor and a term for each channel."""

    scale: Floats
    shift: Floats


@dataclass(frozen=True, slots=True)
class FullyConnected:
    """`weights` (inputs, outputs), no bias."""

    weights: Floats


Layer = Input | Convolution | Affine | FullyConnected


def read_layers(data: bytes) -> Iterator[Layer]:
    """The layers that carry numbers, from input to output.

    Raises:
        ValueError: the bytes are not such a stream.
    """
    position = 0
    while match := _TAG.search(data, position):
        start, length = match.start(), data[match.start() + 1]
        tag = data[start + 2 : start + 2 + length]
        if not re.fullmatch(rb"[a-z0-9_]+", tag):
            position = start + 1
            continue
        reader = Reader(data, start + 2 + length)
        yield _read_layer(tag.decode(), reader)
        position = reader.position


def _read_layer(tag: str, reader: Reader) -> Layer:
    if tag.startswith("input_rgb"):
        return Input(np.array([reader.float() for _ in range(_CHANNELS)], np.float32))
    if tag.startswith("fc_"):
        outputs, inputs = reader.integer(), reader.integer()
        return FullyConnected(reader.tensor()[: inputs * outputs].reshape(inputs, outputs))
    values = reader.tensor()
    if tag == "bn_con2":
        return _normalisation(values, reader)
    if tag.startswith("affine_"):
        scale, shift = np.split(values, 2)
        return Affine(scale, shift)
    filters, rows, columns = reader.integer(), reader.integer(), reader.integer()
    stride = reader.integer(), reader.integer()
    padding = reader.integer(), reader.integer()
    weights, bias = values[:-filters], values[-filters:]
    return Convolution(weights.reshape(filters, -1, rows, columns), bias, stride, padding)


def _normalisation(values: Floats, reader: Reader) -> Affine:
    """Batch normalisation with the statistics of its training, which is an affine layer."""
    gamma, beta = np.split(values, 2)
    for _ in range(2 * 5):  # where gamma and beta lie in `values`: a version and four sizes each
        reader.integer()
    reader.tensor(), reader.tensor()  # statistics of the last batch
    mean, variance = reader.tensor(), reader.tensor()
    for _ in range(2):  # how many batches were averaged
        reader.integer()
    for _ in range(4):  # learning rates and weight decays
        reader.float()
    scale = gamma / np.sqrt(variance + np.float32(reader.float()))
    return Affine(scale, beta - scale * mean)


class Reader:
    """Goes through dlib's stream from `position` on. Raises IndexError where the stream ends early."""

    def __init__(self, data: bytes, position: int) -> None:
        self.data = data
        self.position = position

    def integer(self) -> int:
        head = self.data[self.position]
        start = self.position + 1
        self.position = start + (head & 0x0F)
        value = int.from_bytes(self.data[start : self.position], "little")
        return -value if head & 0x80 else value

    def skip(self, integers: int) -> None:
        """Over so many integers; a float is two."""
        data, position = self.data, self.position
        for _ in range(integers):
            position += 1 + (data[position] & 0x0F)
        self.position = position

    def float(self) -> float:
        mantissa = self.integer()
        return mantissa * 2.0 ** self.integer()

    def tensor(self) -> Floats:
        version = self.integer()
        if version != 2:
            raise ValueError(f"tensor version {version} instead of 2 at byte {self.position}")
        count = int(np.prod([self.integer() for _ in range(4)]))
        values = np.frombuffer(self.data, "<f4", count, self.position)
        self.position += values.nbytes
        return values.astype(np.float32)
