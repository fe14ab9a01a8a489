"""The machine a figure belongs to."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path


def describe() -> dict[str, str]:
    names = [line.split(":", 1)[1].strip() for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{package: version(package) for package in ("dlib-bin", "onnxruntime", "opencv-python-headless", "numpy")},
    }


def one_line() -> str:
    facts = describe()
    return (
        f"{facts['processor']}, {facts['cores']} cores, load {facts['load']}; Python {facts['python']}, "
        + ", ".join(
            f"{package} {facts[package]}" for package in ("dlib-bin", "onnxruntime", "opencv-python-headless", "numpy")
        )
    )


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []
