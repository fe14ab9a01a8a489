"""ONNX Runtime sessions as this engine runs them: one thread each, shared by everything in the process."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from proctor_engine.models.cache import converted
from proctor_engine.models.registry import ModelError


class Session:
    """A network with one input and one output."""

    def __init__(self, model: bytes) -> None:
        options = onnxruntime.SessionOptions()
        # Workers are processes, one a core: threads inside a worker would only wait for each other, and waiting
        # threads that spin take the core from the neighbour.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        # The arena would keep the memory of the largest picture ever seen; without it the times are the same.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._input: str = self._session.get_inputs()[0].name
        self.shape: list[Any] = self._session.get_inputs()[0].shape
        """Of the input; a name where a size is free."""

    def run(self, values: NDArray[Any]) -> NDArray[np.float32]:
        output: NDArray[np.float32] = self._session.run(None, {self._input: values})[0]
        return output


@functools.cache
def open_session(name: str) -> Session:
    """The model's session, opened once in a process; a process forked afterwards shares its memory.

    Raises:
        ModelError: the model's file is missing or damaged.
    """
    return Session(converted(name))


@functools.cache
def open_file(path: Path) -> Session:
    """The session of a network in ONNX that somebody brings, opened once in a process.

    Raises:
        ModelError: there is no such file, or no network in it.
    """
    try:
        return Session(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}: name a file in ONNX that can be read") from error
    except Exception as error:  # ONNX Runtime raises a class of its own for each kind of damage, all of them private
        raise ModelError(f"{path}: no network that ONNX Runtime can open: copy or export it again") from error
