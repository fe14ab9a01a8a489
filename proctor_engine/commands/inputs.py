"""What several commands read: configuration, condition, reference photographs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import Configuration, default_configuration, load_configuration
from proctor_engine.errors import ConfigurationError, MediaError

if TYPE_CHECKING:
    from proctor_engine.vision import Reference

_PARTS = ("rules", "warnings", "scoring")

backend_option = click.option(
    "--backend",
    type=click.Choice(["onnx", "dlib"]),
    help="Who runs dlib's models: we do, in ONNX Runtime (onnx), or dlib itself, ten times slower.",
)


def read_configuration(path: Path | None, backend: str | None = None) -> Configuration:
    """`backend` wins over the file's."""
    configuration = load_configuration(path) if path else default_configuration()
    if backend is None:
        return configuration
    return configuration.model_copy(update={"vision": {**configuration.vision, "backend": backend}})


def read_condition(path: Path | None) -> ExamCondition:
    """A JSON object with `rules`, `warnings` and `scoring`, as Moodle stores the restriction and the web service
    lists it."""
    if path is None:
        return ExamCondition()
    try:
        module = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(module, dict):
            raise ValueError("not a JSON object")
        if not any(part in module for part in _PARTS):
            raise ValueError("it has none of them")
        for part in _PARTS:
            if not isinstance(module.get(part) or {}, dict):
                raise ValueError(f"{part} is no object of keys and values")
        return ExamCondition.from_module(module)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or error}") from error
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"{path}: not a condition with rules, warnings and scoring: {error}") from error


def read_references(paths: tuple[Path, ...]) -> Reference | None:
    """Photographs of the candidate, or one file that `enroll` wrote. None where none is given."""
    if not paths:
        return None
    from proctor_engine.media import read_picture
    from proctor_engine.vision import Reference, enrol

    if len(paths) == 1 and _looks_enrolled(paths[0]):
        try:
            return Reference.loads(paths[0].read_bytes())
        except ValueError as error:
            raise MediaError(f"{paths[0]}: {error}: enroll the photographs again") from error
    return enrol([read_picture(path) for path in paths], [str(path) for path in paths])


def _looks_enrolled(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(1) == b"{"
    except OSError as error:
        raise MediaError(f"{path}: {error.strerror or error}") from error
