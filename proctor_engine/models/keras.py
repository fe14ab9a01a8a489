"""A Keras network in HDF5 (mini-Xception) as ONNX, without TensorFlow.

Knows the layers that this network uses. Batch normalisation is multiplied into the convolution before it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from proctor_engine.models.graph import Graph

Weights = Mapping[str, NDArray[np.float32]]

_PADDING = {"same": "SAME_UPPER", "valid": "VALID"}
_ACTIVATIONS = {"relu": "Relu", "softmax": "Softmax"}


def convert(data: bytes) -> bytes:
    """Input `x` (n, 1, h, w) float32, output `y` (n, classes) float32.

    Raises:
        ValueError: no Keras model, or one with a layer that is not known here.
    """
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            layers: list[dict[str, Any]] = json.loads(file.attrs["model_config"])["config"]["layers"]
            weights = {name: _weights(group) for name, group in file["model_weights"].items()}
    except (OSError, KeyError, TypeError) as error:
        raise ValueError(f"not a Keras model: {error}") from error

    normalised = {_inputs(layer)[0]: layer for layer in layers if layer["class_name"] == "BatchNormalization"}
    graph = Graph("keras")
    outputs: dict[str, str] = {}
    for layer in layers:
        name, inputs = layer["name"], [outputs[source] for source in _inputs(layer)]
        outputs[name] = _node(graph, layer, inputs, weights, normalised.get(name))
    height, width, channels = layers[0]["config"]["batch_input_shape"][1:]
    shape: list[int | str] = ["n", channels, height, width]
    return graph.build(("x", TensorProto.FLOAT, shape), outputs[layers[-1]["name"]], ["n", "classes"])


def _node(
    graph: Graph, layer: dict[str, Any], inputs: list[str], weights: Mapping[str, Weights], norm: dict[str, Any] | None
) -> str:
    kind, config = layer["class_name"], layer["config"]
    if kind == "InputLayer":
        return "x"
    if kind == "BatchNormalization":
        return inputs[0]
    if kind in ("Conv2D", "SeparableConv2D"):
        return _convolution(graph, layer, inputs[0], weights, norm)
    if kind == "Activation" and config["activation"] in _ACTIVATIONS:
        return graph.node(_ACTIVATIONS[config["activation"]], inputs[0])
    if kind == "MaxPooling2D":
        return graph.node(
            "MaxPool",
            inputs[0],
            kernel_shape=list(config["pool_size"]),
            strides=list(config["strides"]),
            auto_pad=_PADDING[config["padding"]],
        )
    if kind == "Add":
        return graph.node("Add", *inputs)
    if kind == "GlobalAveragePooling2D":
        return graph.node("Flatten", graph.node("GlobalAveragePool", inputs[0]))
    raise ValueError(f"layer {layer['name']} of the unknown kind {kind}")


def _convolution(
    graph: Graph, layer: dict[str, Any], x: str, weights: Mapping[str, Weights], norm: dict[str, Any] | None
) -> str:
    own, config = weights[layer["name"]], layer["config"]
    strides, padding = list(config["strides"]), _PADDING[config["padding"]]
    if layer["class_name"] == "SeparableConv2D":
        depthwise = own["depthwise_kernel"].transpose(2, 3, 0, 1)
        size = list(depthwise.shape[2:])
        x = graph.node(
            "Conv",
            x,
            graph.constant(depthwise),
            group=depthwise.shape[0],
            kernel_shape=size,
            strides=strides,
            auto_pad=padding,
        )
        kernel, strides = own["pointwise_kernel"].transpose(3, 2, 0, 1), [1, 1]
    else:
        kernel = own["kernel"].transpose(3, 2, 0, 1)
    bias = own.get("bias", np.zeros(kernel.shape[0], np.float32))
    if norm is not None:
        trained = weights[norm["name"]]
        scale = trained.get("gamma", np.float32(1)) / np.sqrt(trained["moving_variance"] + norm["config"]["epsilon"])
        kernel = kernel * scale[:, None, None, None]
        bias = (bias - trained["moving_mean"]) * scale + trained["beta"]
    return graph.node(
        "Conv",
        x,
        graph.constant(kernel.astype(np.float32)),
        graph.constant(bias.astype(np.float32)),
        kernel_shape=list(kernel.shape[2:]),
        strides=strides,
        auto_pad=padding,
    )


def _inputs(layer: dict[str, Any]) -> list[str]:
    nodes = layer["inbound_nodes"]
    return [source[0] for source in nodes[0]] if nodes else []


def _weights(group: Any) -> Weights:
    """By their plain names: `kernel`, `bias`, `gamma`, …"""
    names = [name.decode() if isinstance(name, bytes) else str(name) for name in group.attrs["weight_names"]]
    return {name.split("/")[-1].split(":")[0]: np.asarray(group[name][()], np.float32) for name in names}
