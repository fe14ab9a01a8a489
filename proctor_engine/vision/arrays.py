"""Small pictures inside a stored state."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainSerializer, PlainValidator


def _encode(picture: NDArray[np.uint8]) -> str:
    rows, columns = picture.shape
    return f"{rows}x{columns}:{base64.b64encode(picture.tobytes()).decode()}"


def _decode(value: Any) -> NDArray[np.uint8]:
    if isinstance(value, np.ndarray):
        return np.asarray(value, np.uint8)
    try:
        shape, data = str(value).split(":", 1)
        rows, columns = shape.split("x")
        values = np.frombuffer(base64.b64decode(data, validate=True), np.uint8)
        return np.array(values.reshape(int(rows), int(columns)))
    except (ValueError, binascii.Error) as error:
        raise ValueError("not a stored picture") from error


StoredPicture = Annotated[NDArray[np.uint8], PlainValidator(_decode), PlainSerializer(_encode, return_type=str)]
"""(rows, columns) uint8 in memory, text in JSON."""
