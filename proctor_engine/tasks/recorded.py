"""Recorded sessions on the service's workers: `batch --broker` puts a task a session into the broker.

The broker carries paths and a line of result, never pictures: command and workers see the same folder under the same
path, and a worker reads and writes nothing outside of it. Exams that run come first: every second a worker looks what
waits of them, and goes on with the recording when nothing does.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from celery import Celery, states
from celery.result import AsyncResult
from kombu.exceptions import OperationalError

from proctor_engine.commands.job import Job, run
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import Configuration
from proctor_engine.errors import EngineError, MediaError
from proctor_engine.recording import Progress
from proctor_engine.tasks.queue import connect

log = logging.getLogger(__name__)

TASK = "proctor.batch"
AT_WORK = "PROGRESS"
NEWS_EVERY = 1.0
"""Seconds between a worker's words about a recording, and between its looks for exams that wait."""
SILENT = 60.0
"""Seconds without a word after which a recording's worker counts as lost."""
ANSWERS_WITHIN = 3.0
"""Seconds in which workers say that they are there."""
LOOK = 0.3
"""Seconds between looks at the results."""


class NobodyWorksError(EngineError):
    """No worker listens to the broker, or nobody answers there at all."""


def attach(app: Celery, recordings: Path | None, turn: Callable[[], bool]) -> None:
    """Let a worker take recorded sessions out of `recordings`. `turn` does what waits of exams, False for nothing."""

    def batch(task: Any, stored: dict[str, Any]) -> dict[str, Any]:
        def tell(second: float) -> None:
            task.update_state(state=AT_WORK, meta={"second": second})

        return analyse(stored, recordings, turn, tell)

    # Acknowledged at once: it takes longer than a broker waits before it gives a task to somebody else as well.
    app.task(name=TASK, bind=True, acks_late=False, ignore_result=False, track_started=True)(batch)


def analyse(
    stored: dict[str, Any], recordings: Path | None, turn: Callable[[], bool], tell: Callable[[float], None]
) -> dict[str, Any]:
    """What `commands.job.run` answers, for a job that came through the broker."""
    last = time.monotonic()

    def observe(step: Progress) -> None:
        nonlocal last
        if time.monotonic() - last < NEWS_EVERY:
            return
        tell(step.time)
        try:
            while turn():
                tell(step.time)
        except Exception:
            log.exception("a turn failed; the recording goes on")
        last = time.monotonic()

    try:
        return run(_restored(stored, recordings), observe)
    except MediaError as error:
        return {"session": Path(stored["session"]).stem, "error": str(error)}


def distribute(broker: str, jobs: list[Job]) -> Iterator[dict[str, Any]]:
    """Each session's line as it is done. One whose worker falls silent is given up, the others go on.

    Raises:
        NobodyWorksError: no worker listens.
    """
    app = connect(broker)
    _check(app)
    waiting: dict[AsyncResult[Any], Job] = {app.send_task(TASK, [_stored(job)]): job for job in jobs}
    heard = dict.fromkeys(waiting, (states.PENDING, None, time.monotonic()))
    while waiting:
        for result, job in [*waiting.items()]:
            state, told = result.state, result.info
            if state in states.READY_STATES:
                del waiting[result]
                yield told if state == states.SUCCESS else _lost(job, f"its worker failed ({told})")
                result.forget()
            elif (state, told) != heard[result][:2]:
                heard[result] = (state, told, time.monotonic())
            elif time.monotonic() - heard[result][2] > SILENT:
                if state != states.PENDING:
                    del waiting[result]
                    yield _lost(job, "its worker has fallen silent")
                else:
                    _check(app)  # It waits for its turn, if there is anybody to take it.
                    heard[result] = (state, told, time.monotonic())
        time.sleep(LOOK)


def _check(app: Celery) -> None:
    address = app.connection().as_uri()
    try:
        answers = app.control.ping(timeout=ANSWERS_WITHIN)
    except (OperationalError, OSError) as error:
        raise NobodyWorksError(f"{address}: the broker does not answer ({error})") from error
    if not answers:
        raise NobodyWorksError(f"{address}: no worker listens: start one with `proctor-engine worker`")


def _lost(job: Job, why: str) -> dict[str, Any]:
    return {"session": job.name, "error": f"{job.session}: {why}: call batch again"}


def _stored(job: Job) -> dict[str, Any]:
    return {
        "session": str(job.session.resolve()),
        "reference": str(job.reference.resolve()) if job.reference else None,
        "out": str(job.out.resolve()),
        "configuration": job.configuration.model_dump(mode="json"),
        "condition": asdict(job.condition),
    }


def _restored(stored: dict[str, Any], recordings: Path | None) -> Job:
    """Raises MediaError for a path outside of the folder that the worker's settings name."""
    return Job(
        _allowed(stored["session"], recordings),
        _allowed(stored["reference"], recordings) if stored["reference"] else None,
        Configuration.model_validate(stored["configuration"]),
        ExamCondition(**stored["condition"]),
        _allowed(stored["out"], recordings),
    )


def _allowed(path: str, recordings: Path | None) -> Path:
    found = Path(path).resolve()
    if recordings is None or not found.is_relative_to(recordings.resolve()):
        where = f"outside of {recordings}" if recordings else "and no `recordings` is set"
        raise MediaError(f"{found}: {where} in the workers' settings: nothing else may be read or written by them")
    return found
