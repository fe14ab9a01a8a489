"""Programs that a test needs beside Python: without one a test skips and says what to install; in CI it fails."""

from __future__ import annotations

import os
import shutil

import pytest


def need(program: str, *, package: str | None = None) -> str:
    """The path of `program`; `package` is the Debian package that brings it."""
    if found := shutil.which(program):
        return found
    missing = f"{program} is not installed: apt-get install {package or program}"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)
