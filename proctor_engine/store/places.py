"""What sealed rows are sealed for: the name under which alone they open."""

from __future__ import annotations


def events(session_id: str, sequence: int) -> str:
    return f"{session_id}/{sequence:08d}.events"


def reference(session_id: str) -> str:
    return f"{session_id}/reference"


def progress(session_id: str) -> str:
    return f"{session_id}/progress"
