from __future__ import annotations

import os
from pathlib import Path

from plugin_builder.watch import changes


def test_changed_new_and_removed_files_are_told_once(tmp_path: Path) -> None:
    kept, removed = tmp_path / "kept", tmp_path / "removed"
    for path in (kept, removed):
        path.write_text("a")
    waits = iter(
        [
            lambda: None,
            lambda: (tmp_path / "new").write_text("b"),
            lambda: removed.unlink(),
            lambda: os.utime(kept, ns=(1, 1)),
        ]
    )

    def wait(_: float) -> None:
        next(waits)()

    told = changes([tmp_path], wait)
    assert next(told) == []
    assert [next(told) for _ in range(3)] == [[tmp_path / "new"], [removed], [kept]]


def test_a_single_file_is_watched_too(tmp_path: Path) -> None:
    path = tmp_path / "plugin.toml"

    told = changes([path], lambda _: path.write_text("now it is there") and None)
    assert next(told) == []
    assert next(told) == [path]
