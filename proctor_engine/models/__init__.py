"""Model files as data: which there are, where they come from, under which licence, and whether they are whole."""

from proctor_engine.models.cache import cache_directory
from proctor_engine.models.registry import MODELS, Model, ModelError, find, list_models, verify, verify_models
from proctor_engine.models.session import Session, open_file, open_session

__all__ = [
    "MODELS",
    "Model",
    "ModelError",
    "Session",
    "cache_directory",
    "find",
    "list_models",
    "open_file",
    "open_session",
    "verify",
    "verify_models",
]
