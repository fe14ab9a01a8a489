"""A small builder of ONNX graphs: one call a node, constants named as they come."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 13
IR_VERSION = 8
"""Old enough for every ONNX Runtime that we support; the operators used have not changed since."""

Shape = list[int | str]


class Graph:
    """Collects nodes; `build` closes the graph and checks it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, values: NDArray[Any]) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"n{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def pixels(self, name: str) -> str:
        """From uint8 images, channels last, to float32 with channels first."""
        return self.node("Transpose", self.node("Cast", name, to=TensorProto.FLOAT), perm=[0, 3, 1, 2])

    def build(self, inputs: tuple[str, int, Shape], output: str, shape: Shape) -> bytes:
        """`inputs` is (name, element type, shape); the output is float32 and called `y`."""
        self._nodes.append(helper.make_node("Identity", [output], ["y"]))
        graph = helper.make_graph(
            self._nodes,
            self.name,
            [helper.make_tensor_value_info(*inputs)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
            self._constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())
