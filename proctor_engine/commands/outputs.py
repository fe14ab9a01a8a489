"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from proctor_engine.errors import MediaError


def check_writable(path: Path) -> None:
    """Before hours of work, not after. Raises MediaError naming the folder."""
    folder = path.absolute().parent
    if path.is_dir():
        raise MediaError(f"{path}: is a folder: name a file in it")
    if not folder.is_dir():
        raise MediaError(f"{folder}: no such folder: make it first")
    if _is_stream(path):
        return
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise MediaError(f"{folder}: may not be written to ({error.strerror or error})") from error


def write_whole(path: Path, text: str, *, private: bool = False) -> None:
    """Writes beside the file, then puts it in its place at once. `private` keeps it to its owner.

    Raises MediaError where that is refused, as by a full disk.
    """
    try:
        if _is_stream(path):
            path.write_text(text, encoding="utf-8")
        else:
            _replace(path, text, private)
    except OSError as error:
        raise MediaError(f"{path}: cannot be written: {error.strerror or error}") from error


def _is_stream(path: Path) -> bool:
    """A pipe, a terminal or a link such as /dev/stdout is written to, never replaced."""
    return path.is_symlink() or (path.exists() and not path.is_file())


def _replace(path: Path, text: str, private: bool) -> None:
    handle, draft = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        if not private:
            umask = os.umask(0)
            os.umask(umask)
            Path(draft).chmod(0o666 & ~umask)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
