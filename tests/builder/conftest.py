"""Templates of a tiny plugin, so that the renderer's tests do not hang on the real one's wording."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

WriteTree = Callable[[dict[str, str]], Path]


@pytest.fixture
def write_tree(tmp_path: Path) -> WriteTree:
    """Writes files (name → text) below a new `plugin_template` folder and returns it."""

    def write(files: dict[str, str]) -> Path:
        root = tmp_path / "plugin_template"
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return root

    return write
