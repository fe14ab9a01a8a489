"""A virtual environment or npm folder for each foreign client, made once and kept in the cache directory."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
INSTALL_SECONDS = 300
DONE = ".installed"


def python_of(client: str) -> Path:
    """Python of a virtual environment with `requirements/<client>.txt` installed."""
    requirements = HERE / "requirements" / f"{client}.txt"

    def install(folder: Path) -> None:
        _run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
        target = str(folder / "bin" / "python")
        _run([*_installer(target), "--no-deps", "--requirement", str(requirements)])

    python = f"{sys.implementation.name}-{sys.version_info.major}.{sys.version_info.minor}"
    return _kept(f"{client}-{python}", requirements.read_bytes(), install) / "bin" / "python"


def _installer(python: str) -> list[str]:
    """Puts packages into another environment: uv where it is at hand, which is much quicker, else our own pip."""
    if find_spec("uv"):
        return [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python]
    return [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--disable-pip-version-check"]


def modules_of(client: str, npm: str) -> Path:
    """The `node_modules` of an npm folder with `requirements/<client>/package-lock.json` installed."""
    source = HERE / "requirements" / client

    def install(folder: Path) -> None:
        folder.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, folder)
        _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder)

    return _kept(client, (source / "package-lock.json").read_bytes(), install) / "node_modules"


def _kept(name: str, pins: bytes, install: Callable[[Path], None]) -> Path:
    """The folder for these pins; a half-made one is made again."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "moodle-proctoring" / "clients"
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"{name}-{hashlib.sha256(pins).hexdigest()[:12]}"
    with _alone(folder.with_suffix(".lock")):
        if not (folder / DONE).exists():
            shutil.rmtree(folder, ignore_errors=True)
            install(folder)
            (folder / DONE).touch()
    return folder


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """No other test process installs meanwhile."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(command: list[str], cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
