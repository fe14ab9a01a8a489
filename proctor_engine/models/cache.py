"""Converted models on disk: made once, checked on every use, made again when damaged."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from proctor_engine.models import detection, embedding, forest, keras, tflite
from proctor_engine.models.registry import MODELS, ModelError, find, verify

ENVIRONMENT_VARIABLE = "PROCTOR_ENGINE_CACHE"
FORMAT = 3
"""Goes up when a converter changes what it writes, so that older files are left alone."""

CONVERTERS: dict[str, Callable[[bytes], bytes]] = {
    "face-embedding": embedding.convert,
    "face-detection-mmod": detection.convert,
    "landmarks-68": forest.convert,
    "landmarks-mesh": tflite.convert,
    "face-detection-blaze": tflite.convert,
    "iris": tflite.convert,
    "emotion": keras.convert,
}

_log = logging.getLogger(__name__)


def cache_directory() -> Path:
    """Where converted models are kept: $PROCTOR_ENGINE_CACHE, else the platform's cache folder for this user."""
    if chosen := os.environ.get(ENVIRONMENT_VARIABLE):
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "proctor-engine"


def converted(name: str) -> bytes:
    """The model in the form that we run: as it came, or converted once and then read from the cache.

    A cache that cannot be written costs a conversion in each process, nothing else.

    Raises:
        ModelError: the model's own file is missing or damaged.
    """
    if name not in CONVERTERS:
        return verify(name).read_bytes()
    source = find(name)
    file = cache_directory() / f"{name}-{MODELS[name].sha256[:12]}-v{FORMAT}"
    if (cached := _read(file)) is not None:
        return cached
    verify(name)
    try:
        content = CONVERTERS[name](source.read_bytes())
    except (ValueError, IndexError, OverflowError) as error:
        raise ModelError(f"{source}: {error}. Install it again: {MODELS[name].mend}") from error
    try:
        _write(file, content)
    except OSError as error:
        _log.warning("%s: %s; set %s to a folder that can be written", file, error.strerror, ENVIRONMENT_VARIABLE)
    return content


def _read(file: Path) -> bytes | None:
    """The file's content after its leading digest, None where there is none or it does not match."""
    try:
        data = file.read_bytes()
    except OSError:
        return None
    size = hashlib.sha256().digest_size
    digest, content = data[:size], data[size:]
    return content if hashlib.sha256(content).digest() == digest else None


def _write(file: Path, content: bytes) -> None:
    """Digest and content in one file, put in place in one step: two workers may convert at the same time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=file.name, delete=False) as temporary:
        temporary.write(hashlib.sha256(content).digest() + content)
    try:
        Path(temporary.name).replace(file)
    except OSError:
        Path(temporary.name).unlink(missing_ok=True)
        raise
