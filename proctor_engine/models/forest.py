"""dlib's shape predictor, a cascade of regression forests, in arrays that are quick to read.

dlib keeps each leaf as an allocation of its own, 100 MB in all, and a face touches 7,500 of them at random: most of its
time goes into waiting for memory. Here the leaves are rows of one array, two thirds as large and in large pages.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from proctor_engine.models.dlib_dat import Reader

DEPTH = 4
NODES = 2**DEPTH
"""Places a tree takes in the arrays: its splits and one place that is not used."""

_VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class ForestArrays:
    """For `c` cascades of `t` trees that look at `p` pixels each and move `n` points.

    A tree's splits lie breadth first: one compares two of the cascade's pixels and goes left where the first is
    brighter than the second by more than the threshold.
    """

    mean: NDArray[np.float32]
    """(n, 2) where the points begin, 0..1 across the face's box."""
    anchors: NDArray[np.int16]
    """(c, p) the point that each pixel keeps to."""
    offsets: NDArray[np.float32]
    """(c, p, 2) from that point to the pixel, on the upright mean face."""
    first: NDArray[np.int16]
    second: NDArray[np.int16]
    thresholds: NDArray[np.int16]
    """(c, t * NODES) each: two pixels, and by how much they must differ."""
    leaves: NDArray[np.float32]
    """(c, t * NODES, 2n) how far a leaf moves the points."""


def convert(data: bytes) -> bytes:
    """`.dat` to the bytes that `load` reads.

    Raises:
        ValueError, IndexError, OverflowError: the file holds something else, or ends early.
    """
    reader = Reader(data, 0)
    if reader.integer() != _VERSION:
        raise ValueError("not dlib's shape predictor")
    mean = _vector(reader)
    cascades = [_forest(reader, len(mean)) for _ in range(reader.integer())]
    anchors = [[reader.integer() for _ in range(reader.integer())] for _ in range(reader.integer())]
    offsets = [[(reader.float(), reader.float()) for _ in range(reader.integer())] for _ in range(reader.integer())]
    if reader.position != len(data):
        raise ValueError("not dlib's shape predictor: something follows it")
    splits = np.array([splits for splits, _ in cascades])
    arrays = ForestArrays(
        mean=np.array(mean, np.float32).reshape(-1, 2),
        anchors=np.array(anchors, np.int16),
        offsets=np.array(offsets, np.float32),
        first=splits[..., 0].astype(np.int16),
        second=splits[..., 1].astype(np.int16),
        thresholds=np.floor(splits[..., 2]).astype(np.int16),  # whole numbers differ by more than 1.5 as by more than 1
        leaves=np.stack([_floats(data, places, len(mean)) for _, places in cascades]),
    )
    stream = io.BytesIO()
    np.savez(stream, **{field.name: getattr(arrays, field.name) for field in fields(arrays)})
    return stream.getvalue()


def load(data: bytes) -> ForestArrays:
    """What `convert` wrote."""
    with np.load(io.BytesIO(data)) as stored:
        return ForestArrays(**stored)


def _vector(reader: Reader) -> list[float]:
    """Matrices are written with negative sizes, to tell them from those of an older format."""
    rows, columns = -reader.integer(), -reader.integer()
    return [reader.float() for _ in range(rows * columns)]


def _forest(reader: Reader, length: int) -> tuple[list[tuple[float, float, float]], list[int]]:
    """The splits of all trees, NODES a tree, and where in the file each leaf's numbers begin."""
    splits: list[tuple[float, float, float]] = []
    places: list[int] = []
    for _ in range(reader.integer()):
        own = [(reader.integer(), reader.integer(), reader.float()) for _ in range(reader.integer())]
        leaves = reader.integer()
        if (len(own), leaves) != (NODES - 1, NODES):
            raise ValueError(f"a tree of {leaves} leaves instead of {NODES}")
        splits += [*own, (0, 0, 0.0)]
        for _ in range(leaves):
            if (reader.integer(), reader.integer()) != (-length, -1):
                raise ValueError(f"a leaf that does not move {length} numbers")
            places.append(reader.position)
            reader.skip(2 * length)
    return splits, places


def _floats(data: bytes, places: list[int], length: int) -> NDArray[np.float32]:
    """(places, length) the floats that begin at the places, all places in step: one by one takes a minute."""
    stored = np.frombuffer(data, np.uint8)
    position = np.array(places)
    values = np.empty((len(places), length), np.float32)
    for column in range(length):
        mantissa, position = _integers(stored, position)
        exponent, position = _integers(stored, position)
        values[:, column] = np.ldexp(mantissa, exponent)
    return values


def _integers(stored: NDArray[np.uint8], position: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """As Reader.integer, at many positions at once."""
    head = stored[position]
    size = (head & 0x0F).astype(np.int64)
    value = np.zeros(len(position), np.int64)
    for byte in range(int(size.max())):
        place = np.minimum(position + 1 + byte, len(stored) - 1)
        value |= np.where(byte < size, stored[place].astype(np.int64) << (8 * byte), 0)
    return np.where(head & 0x80, -value, value), position + 1 + size
