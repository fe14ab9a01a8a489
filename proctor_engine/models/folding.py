"""Layers that only scale and shift, multiplied into the convolutions beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from proctor_engine.models.dlib_dat import Affine, Convolution, Input, Layer
from proctor_engine.models.graph import Graph


def fold(layers: Sequence[Layer]) -> list[Convolution]:
    """The convolutions in order, with the affine layers after them and the input's scaling multiplied in.

    Raises:
        ValueError: the network does not begin with an RGB input and a convolution without padding.
    """
    folded = []
    for layer, following in zip(layers, [*layers[1:], None], strict=True):
        if isinstance(layer, Convolution):
            folded.append(_affine(layer, following) if isinstance(following, Affine) else layer)
    if not layers or not isinstance(layers[0], Input) or not folded or folded[0].padding != (0, 0):
        raise ValueError("the first layers are not an RGB input and a convolution without padding")
    return [_scaled(folded[0], layers[0]), *folded[1:]]


def convolve(graph: Graph, x: str, layer: Convolution) -> str:
    return graph.node(
        "Conv",
        x,
        graph.constant(layer.weights),
        graph.constant(layer.bias),
        kernel_shape=list(layer.weights.shape[2:]),
        strides=list(layer.stride),
        pads=list(layer.padding) * 2,
    )


def _affine(layer: Convolution, after: Affine) -> Convolution:
    weights = layer.weights * after.scale[:, None, None, None]
    return Convolution(weights, layer.bias * after.scale + after.shift, layer.stride, layer.padding)


def _scaled(first: Convolution, scaling: Input) -> Convolution:
    """dlib feeds (x - mean) / 256. Folding that in is exact only because no zeros are padded around x."""
    weights = first.weights / np.float32(256)
    bias = first.bias - (weights.sum(axis=(2, 3)) * scaling.mean).sum(axis=1)
    return Convolution(weights, bias, first.stride, first.padding)
