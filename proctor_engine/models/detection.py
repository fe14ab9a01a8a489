"""dlib's MMOD face network as ONNX: fully convolutional, one score for each position of its window."""

from __future__ import annotations

from onnx import TensorProto

from proctor_engine.models.dlib_dat import read_layers
from proctor_engine.models.folding import convolve, fold
from proctor_engine.models.graph import Graph

CONVOLUTIONS = 7
WINDOW = 80
"""Pixels of the face that the network looks for."""
STRIDE = 8
"""Pixels between two neighbouring scores: three of the convolutions halve the picture."""
OFFSET = 14
"""Pixels from the picture's corner to the centre of the first score's field."""


def convert(data: bytes) -> bytes:
    """`.dat` to ONNX. Input `x` (1, h, w, 3) uint8 RGB, output `y` (1, 1, rows, columns) float32 scores.

    Raises:
        ValueError: the file holds another network.
    """
    convolutions = fold(list(read_layers(data)))
    if len(convolutions) != CONVOLUTIONS or convolutions[-1].weights.shape[0] != 1:
        raise ValueError("not dlib's MMOD face detector")
    graph = Graph("dlib-face-detection")
    x = graph.pixels("x")
    for layer in convolutions[:-1]:
        x = graph.node("Relu", convolve(graph, x, layer))
    x = convolve(graph, x, convolutions[-1])
    return graph.build(("x", TensorProto.UINT8, [1, "h", "w", 3]), x, [1, 1, "rows", "columns"])
