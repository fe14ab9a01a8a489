"""A TensorFlow Lite network as ONNX, without TensorFlow.

Knows the operators of MediaPipe's face networks. TensorFlow keeps channels last, ONNX first: pictures are turned at the
beginning, and back where a network flattens them into numbers.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import tflite
from numpy.typing import NDArray
from onnx import TensorProto

from proctor_engine.models.graph import Graph

_TYPES = {tflite.TensorType.FLOAT32: "<f4", tflite.TensorType.FLOAT16: "<f2", tflite.TensorType.INT32: "<i4"}
_PADDING = {tflite.Padding.SAME: "SAME_UPPER", tflite.Padding.VALID: "VALID"}
_CHANNELS_FIRST = [0, 3, 1, 2]
_CHANNELS_LAST = [0, 2, 3, 1]


def convert(data: bytes) -> bytes:
    """Input `x` (1, h, w, 3) float32, output `y` (1, k) float32: all of the network's outputs, one after the other.

    A network that consists of convolutions alone takes any size that its strides divide.

    Raises:
        ValueError: no such network, or one with an operator that is not known here.
    """
    try:
        if data[4:8] != b"TFL3":
            raise ValueError("not a TensorFlow Lite model")
        return _Converter(tflite.Model.GetRootAsModel(data, 0)).convert()
    except (struct.error, IndexError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a TensorFlow Lite model that is known here: {error}") from error


class _Converter:
    """`_values` names the ONNX value of each tensor that has been computed."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._network = model.Subgraphs(0)
        self._graph = Graph("tflite")
        self._values: dict[int, str] = {}
        self._widened: dict[int, NDArray[Any]] = {}

    def convert(self) -> bytes:
        source = self._network.Inputs(0)
        channels = int(self._network.Tensors(source).ShapeAsNumpy()[3])
        self._values[source] = self._graph.node("Transpose", "x", perm=_CHANNELS_FIRST)
        for i in range(self._network.OperatorsLength()):
            self._operator(self._network.Operators(i))
        flat = [self._reshaped(self._values[output], [1, -1]) for output in self._network.OutputsAsNumpy()]
        y = self._graph.node("Concat", *flat, axis=1)
        return self._graph.build(("x", TensorProto.FLOAT, [1, "h", "w", channels]), y, [1, "k"])

    def _operator(self, operator: Any) -> None:
        code = self._model.OperatorCodes(operator.OpcodeIndex())
        kind = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())  # newer files use one, older ones the other
        inputs: list[int] = operator.InputsAsNumpy().tolist()
        if kind == tflite.BuiltinOperator.DEQUANTIZE:
            self._widened[operator.Outputs(0)] = self._constant(inputs[0]).astype(np.float32)
            return
        build = _OPERATORS.get(kind)
        if build is None:
            raise ValueError(f"operator {tflite.opcode2name(kind)} is unknown")
        self._values[operator.Outputs(0)] = build(self, operator, inputs)

    def _constant(self, tensor: int) -> NDArray[Any]:
        if tensor in self._widened:
            return self._widened[tensor]
        described = self._network.Tensors(tensor)
        stored = self._model.Buffers(described.Buffer()).DataAsNumpy()
        values: NDArray[Any] = np.frombuffer(stored.tobytes(), _TYPES[described.Type()])
        shaped: NDArray[Any] = values.reshape(described.ShapeAsNumpy())
        return shaped

    def _activated(self, x: str, activation: int) -> str:
        if activation == tflite.ActivationFunctionType.NONE:
            return x
        if activation == tflite.ActivationFunctionType.RELU:
            return self._graph.node("Relu", x)
        raise ValueError(f"activation {activation} is unknown")

    def _reshaped(self, x: str, shape: list[int]) -> str:
        return self._graph.node("Reshape", x, self._graph.constant(np.array(shape, np.int64)))

    def _convolution(self, operator: Any, inputs: list[int]) -> str:
        settings = _settings(operator, tflite.Conv2DOptions())
        return self._convolved(settings, inputs, self._constant(inputs[1]).transpose(_CHANNELS_FIRST), 1)

    def _depthwise(self, operator: Any, inputs: list[int]) -> str:
        settings = _settings(operator, tflite.DepthwiseConv2DOptions())
        weights = self._constant(inputs[1]).transpose(3, 0, 1, 2)
        return self._convolved(settings, inputs, weights, len(weights))

    def _convolved(self, settings: Any, inputs: list[int], weights: NDArray[Any], groups: int) -> str:
        convolved = self._graph.node(
            "Conv",
            self._values[inputs[0]],
            self._graph.constant(weights),
            self._graph.constant(self._constant(inputs[2])),
            group=groups,
            kernel_shape=list(weights.shape[2:]),
            strides=[settings.StrideH(), settings.StrideW()],
            auto_pad=_PADDING[settings.Padding()],
        )
        return self._activated(convolved, settings.FusedActivationFunction())

    def _relu(self, _: Any, inputs: list[int]) -> str:
        return self._graph.node("Relu", self._values[inputs[0]])

    def _prelu(self, _: Any, inputs: list[int]) -> str:
        """slope * x + (1 - slope) * relu(x): ONNX Runtime's own PRelu makes the network four times as slow."""
        x, slope = self._values[inputs[0]], self._constant(inputs[1]).reshape(1, -1, 1, 1)
        below = self._graph.node("Mul", x, self._graph.constant(slope))
        above = self._graph.node("Mul", self._graph.node("Relu", x), self._graph.constant(1 - slope))
        return self._graph.node("Add", below, above)

    def _add(self, operator: Any, inputs: list[int]) -> str:
        total = self._graph.node("Add", *(self._values[tensor] for tensor in inputs))
        return self._activated(total, _settings(operator, tflite.AddOptions()).FusedActivationFunction())

    def _max_pool(self, operator: Any, inputs: list[int]) -> str:
        settings = _settings(operator, tflite.Pool2DOptions())
        return self._graph.node(
            "MaxPool",
            self._values[inputs[0]],
            kernel_shape=[settings.FilterHeight(), settings.FilterWidth()],
            strides=[settings.StrideH(), settings.StrideW()],
            auto_pad=_PADDING[settings.Padding()],
        )

    def _pad(self, _: Any, inputs: list[int]) -> str:
        sides = self._constant(inputs[1])[_CHANNELS_FIRST].astype(np.int64)
        return self._graph.node("Pad", self._values[inputs[0]], self._graph.constant(sides.T.ravel()))

    def _resize(self, operator: Any, inputs: list[int]) -> str:
        settings = _settings(operator, tflite.ResizeBilinearOptions())
        if settings.AlignCorners() or not settings.HalfPixelCenters():
            raise ValueError("only resizing by pixel centres is known")
        before, after = self._network.Tensors(inputs[0]).ShapeAsNumpy()[1:3], self._constant(inputs[1])
        scales = np.array([1, 1, *(after / before)], np.float32)
        return self._graph.node("Resize", self._values[inputs[0]], "", self._graph.constant(scales), mode="linear")

    def _reshape(self, operator: Any, inputs: list[int]) -> str:
        shape = self._network.Tensors(operator.Outputs(0)).ShapeAsNumpy().tolist()
        shape[1] = -1  # how many places there are depends on the picture's size
        return self._reshaped(self._graph.node("Transpose", self._values[inputs[0]], perm=_CHANNELS_LAST), shape)


_OPERATORS: dict[int, Callable[[_Converter, Any, list[int]], str]] = {
    tflite.BuiltinOperator.CONV_2D: _Converter._convolution,
    tflite.BuiltinOperator.DEPTHWISE_CONV_2D: _Converter._depthwise,
    tflite.BuiltinOperator.RELU: _Converter._relu,
    tflite.BuiltinOperator.PRELU: _Converter._prelu,
    tflite.BuiltinOperator.ADD: _Converter._add,
    tflite.BuiltinOperator.MAX_POOL_2D: _Converter._max_pool,
    tflite.BuiltinOperator.PAD: _Converter._pad,
    tflite.BuiltinOperator.RESIZE_BILINEAR: _Converter._resize,
    tflite.BuiltinOperator.RESHAPE: _Converter._reshape,
}


def _settings(operator: Any, settings: Any) -> Any:
    stored = operator.BuiltinOptions()
    settings.Init(stored.Bytes, stored.Pos)
    return settings
