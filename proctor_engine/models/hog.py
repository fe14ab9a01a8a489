"""dlib's frontal face detector holds five, one for each way a head is turned, and searches up to a thousand sizes.

For a face whose place and size are nearly known, one of them at two sizes does, at a third of the cost.
"""

from __future__ import annotations

from proctor_engine.models.dlib_dat import Reader

_HEAD = bytes.fromhex("0102 0101 0100 0100 0108 0100 0150 0150")
"""Versions, and windows of 80 by 80 pixels over cells of 8."""
_SIZES = bytes.fromhex("02e803")
_DETECTORS = bytes.fromhex("0105")
_LENGTH = 3101
_WEIGHTS = bytes.fromhex("821d0c 8101")
"""The size of one detector's weights: `_LENGTH` rows, one column, negative as dlib writes matrices."""


def frontal(stored: bytes, sizes: int) -> bytes:
    """The first of the five detectors, for heads that look ahead, at so many sizes (1 to 255).

    Raises:
        ValueError: not the detector that dlib has had since 2014.
    """
    start = stored.find(_DETECTORS + _WEIGHTS) + len(_DETECTORS)
    if not stored.startswith(_HEAD + _SIZES) or start < len(_DETECTORS):
        raise ValueError("not dlib's frontal face detector")
    reader = Reader(stored, start + len(_WEIGHTS))
    reader.skip(2 * _LENGTH)
    between = stored[len(_HEAD + _SIZES) : start - len(_DETECTORS)]
    return _HEAD + bytes([1, sizes]) + between + bytes([1, 1]) + stored[start : reader.position]
