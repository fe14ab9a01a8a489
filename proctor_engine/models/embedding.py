"""dlib's face ResNet as ONNX: the same weights, the same numbers, on faster kernels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from onnx import TensorProto

from proctor_engine.models.dlib_dat import Convolution, FullyConnected, read_layers
from proctor_engine.models.folding import convolve, fold
from proctor_engine.models.graph import Graph

CHIP_SIDE = 150
"""Pixels of the upright face that the network takes."""

EMBEDDING_LENGTH = 128

_BLOCKS = (
    *[(32, False)] * 3,
    (64, True),
    *[(64, False)] * 3,
    (128, True),
    *[(128, False)] * 2,
    (256, True),
    *[(256, False)] * 2,
    (256, True),
)
"""Residual blocks in order: filters, and whether the block halves the picture. dlib's file does not say it."""

_SIDE_AFTER_STEM = 35


def convert(data: bytes) -> bytes:
    """`.dat` to ONNX. Input `x` (n, 150, 150, 3) uint8 RGB, output `y` (n, 128) float32.

    Raises:
        ValueError: the file holds another network.
    """
    layers = list(read_layers(data))
    convolutions = fold(layers)
    dense = next((layer for layer in layers if isinstance(layer, FullyConnected)), None)
    if dense is None or len(convolutions) != 1 + 2 * len(_BLOCKS):
        raise ValueError("not dlib's face recognition ResNet")

    graph = Graph("dlib-face-embedding")
    remaining = iter(convolutions)
    x = convolve(graph, graph.pixels("x"), next(remaining))
    x = graph.node("MaxPool", graph.node("Relu", x), kernel_shape=[3, 3], strides=[2, 2])
    channels, side = convolutions[0].weights.shape[0], _SIDE_AFTER_STEM
    for filters, halve in _BLOCKS:
        x, side = _residual(graph, x, remaining, filters - channels, side, halve)
        channels = filters
    x = graph.node("Flatten", graph.node("GlobalAveragePool", x))
    x = graph.node("MatMul", x, graph.constant(dense.weights))
    shape: list[int | str] = ["n", CHIP_SIDE, CHIP_SIDE, 3]
    return graph.build(("x", TensorProto.UINT8, shape), x, ["n", EMBEDDING_LENGTH])


def _residual(
    graph: Graph, x: str, remaining: Iterator[Convolution], more: int, side: int, halve: bool
) -> tuple[str, int]:
    """One block. Where it halves, dlib pads whichever branch is smaller with zeros, in channels or at the far edges."""
    y = graph.node("Relu", convolve(graph, x, next(remaining)))
    y = convolve(graph, y, next(remaining))
    if halve:
        main, skip = (side - 3) // 2 + 1, (side - 2) // 2 + 1
        x = graph.node("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
        if more:
            x = graph.node("Pad", x, graph.constant(np.array([0, 0, 0, 0, 0, more, 0, 0], np.int64)))
        if main < skip:
            edge = skip - main
            y = graph.node("Pad", y, graph.constant(np.array([0, 0, 0, 0, 0, 0, edge, edge], np.int64)))
        side = skip
    return graph.node("Relu", graph.node("Add", y, x)), side
