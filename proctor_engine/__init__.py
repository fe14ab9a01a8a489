"""Watches a proctored exam and says what it saw: evidence for a person to judge.

The names below are the whole of the public interface; docs/engine.md shows them at work. Importing this package is
cheap: what needs a model or a decoder is loaded when its name is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proctor_engine.analysis import SessionAnalysis
    from proctor_engine.condition import ExamCondition
    from proctor_engine.configuration import Configuration, default_configuration, load_configuration
    from proctor_engine.errors import EngineError
    from proctor_engine.incidents import BrowserEvent, Incident
    from proctor_engine.media import open_source
    from proctor_engine.recording import Result, analyse
    from proctor_engine.report import document, html
    from proctor_engine.scoring import Score
    from proctor_engine.vision import Reference, enrol

_HOMES = {
    "BrowserEvent": "incidents",
    "Configuration": "configuration",
    "EngineError": "errors",
    "ExamCondition": "condition",
    "Incident": "incidents",
    "Reference": "vision",
    "Result": "recording",
    "Score": "scoring",
    "SessionAnalysis": "analysis",
    "analyse": "recording",
    "default_configuration": "configuration",
    "document": "report",
    "enrol": "vision",
    "html": "report",
    "load_configuration": "configuration",
    "open_source": "media",
}

__all__ = [
    "BrowserEvent",
    "Configuration",
    "EngineError",
    "ExamCondition",
    "Incident",
    "Reference",
    "Result",
    "Score",
    "SessionAnalysis",
    "analyse",
    "default_configuration",
    "document",
    "enrol",
    "html",
    "load_configuration",
    "open_source",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
