"""One recorded session of a folder, analysed by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proctor_engine.commands.inputs import read_references
from proctor_engine.commands.outputs import write_whole
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import Configuration
from proctor_engine.errors import EngineError, MediaError

if TYPE_CHECKING:
    from proctor_engine.recording import Progress

_VIDEOS = frozenset({".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".ogv", ".ts", ".flv"})
_REFERENCES = (".jpg", ".jpeg", ".png", ".webp", ".json")


@dataclass(frozen=True)
class Job:
    """A session, the photograph or enrolled reference that lies beside it, and the folder for its documents."""

    session: Path
    reference: Path | None
    configuration: Configuration
    condition: ExamCondition
    out: Path

    @property
    def name(self) -> str:
        return _name(self.session)


def jobs_in(folder: Path, configuration: Configuration, condition: ExamCondition, out: Path) -> list[Job]:
    """Raises MediaError where the folder has no session, or two of one name."""
    if not folder.is_dir():
        raise MediaError(f"{folder}: no such folder")
    found = sorted(path for path in folder.iterdir() if path.is_dir() or path.suffix.lower() in _VIDEOS)
    if not found:
        raise MediaError(f"{folder}: no session in it: neither videos nor folders of frames")
    names = [_name(path) for path in found]
    for name in names:
        if names.count(name) > 1:
            raise MediaError(f"{folder}: two sessions are called {name}: rename one, their reports would be one file")
    return [Job(session, _reference_of(session), configuration, condition, out) for session in found]


def run(job: Job, observe: Callable[[Progress], None] | None = None) -> dict[str, Any]:
    """What one line tells of one session. Writes its documents."""
    from proctor_engine.analysis import SessionAnalysis
    from proctor_engine.media import open_source
    from proctor_engine.models import ModelError
    from proctor_engine.recording import analyse
    from proctor_engine.report import document, html
    from proctor_engine.vision import ImageError

    try:
        reference = read_references((job.reference,) if job.reference else ())
        source = open_source(job.session, job.configuration.media)
        result = analyse(source, SessionAnalysis(job.configuration, job.condition, reference), observe)
        written = document(result)
        write_whole(job.out / f"{job.name}.json", written.to_json())
        write_whole(job.out / f"{job.name}.html", html(result))
    except (EngineError, ImageError, ModelError) as error:
        return {"session": job.name, "error": str(error)}
    return {
        "session": job.name,
        "reference": job.reference.name if job.reference else None,
        "duration": written.duration,
        "incidents": len(written.incidents),
        "score": written.score.value,
        "conclusion": written.conclusion,
    }


def _name(session: Path) -> str:
    return session.name if session.is_dir() else session.stem


def _reference_of(session: Path) -> Path | None:
    beside = (session.with_name(_name(session) + suffix) for suffix in _REFERENCES)
    return next((path for path in beside if path.is_file()), None)
