"""A built wheel carries the templates: `examus-build` works from it alone, far from the checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SOURCES = ["setup.cfg", "pyproject.toml", "README.md", "LICENSE", "build.py"]
PACKAGES = ["contract", "plugin_template", "plugin_builder", "mock_moodle", "proctor_engine", "demo"]


def test_examus_build_from_a_wheel_in_an_empty_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)  # it may lead to the checkout
    wheel = built_wheel(tmp_path)
    binaries = empty_environment(tmp_path / "venv")
    python = str(binaries / "python")
    subprocess.run(
        [sys.executable, "-m", "pip", "--quiet", "--python", python, "install", "--no-deps", "--no-index", str(wheel)],
        check=True,
        cwd=tmp_path,
    )
    where = "import plugin_builder; print(plugin_builder.__file__)"
    home = subprocess.run([python, "-c", where], check=True, cwd=tmp_path, capture_output=True, text=True).stdout
    assert home.startswith(str(tmp_path)), "the environment must not see the checkout"

    for command in ([str(binaries / "examus-build")], [sys.executable, str(tmp_path / "source" / "build.py")]):
        subprocess.run([*command, "--out", Path(command[-1]).stem], check=True, cwd=tmp_path, capture_output=True)
    installed = {each.name: each.read_bytes() for each in (tmp_path / "examus-build").iterdir()}
    checkout = {each.name: each.read_bytes() for each in (tmp_path / "build").iterdir()}
    assert installed == checkout

    (newest,) = (tmp_path / "examus-build").glob("*-moodle5*.zip")
    command = [str(binaries / "examus-build"), "check", str(newest), "--moodle", "5.1"]
    subprocess.run(command, check=True, cwd=tmp_path, capture_output=True)


def built_wheel(folder: Path) -> Path:
    """Built from a copy, since setuptools writes beside its sources."""
    copy = folder / "source"
    copy.mkdir()
    for name in SOURCES:
        shutil.copy(REPOSITORY / name, copy)
    for name in PACKAGES:
        shutil.copytree(REPOSITORY / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(copy)], check=True, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def empty_environment(folder: Path) -> Path:
    """An environment with the libraries at hand but without our packages; returns its folder of programs.

    A path in a `.pth` file is only appended to `sys.path`: the editable install that makes our packages importable
    is itself a `.pth` file there, which Python then does not read.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    site = sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)})
    Path(site, "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"
