"""`proctor-engine analyze`: a recording, a folder of frames, a picture or a camera to incidents, a score, a report."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from contract.titles import LANGUAGES, Language
from proctor_engine.commands.inputs import backend_option, read_condition, read_configuration, read_references
from proctor_engine.commands.outputs import check_writable, write_whole
from proctor_engine.configuration import MediaSettings

if TYPE_CHECKING:
    from proctor_engine.media import Source
    from proctor_engine.recording import Progress as Step
    from proctor_engine.recording import Result

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("video", type=_FILE, required=False)
@click.option("--camera", type=click.IntRange(min=0), help="Watch this machine's camera instead of a file.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="How long to watch the camera.")
@click.option(
    "--reference",
    "references",
    type=_FILE,
    multiple=True,
    help="A photograph of the candidate, or what `enroll` wrote. Several photographs make a steadier likeness.",
)
@click.option("--condition", type=_FILE, help="JSON with the exam's rules, warnings and scoring.")
@click.option("--configuration", type=_FILE, help="TOML with numbers that differ from the engine's own.")
@backend_option
@click.option("--json", "json_path", type=_FILE, help="Write the analysis here (docs/analysis-format.md).")
@click.option("--report", type=_FILE, help="Write a page for people here.")
@click.option("--json-lines", is_flag=True, help="Print incidents on standard output as they open, change and close.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the report.")
def analyze(
    video: Path | None,
    camera: int | None,
    seconds: float | None,
    references: tuple[Path, ...],
    condition: Path | None,
    configuration: Path | None,
    backend: str | None,
    json_path: Path | None,
    report: Path | None,
    json_lines: bool,
    language: Language,
) -> None:
    """Analyze VIDEO: a video file, a folder of frames, or one picture."""
    if (video is None) == (camera is None):
        raise click.UsageError("Give a video, a folder or a picture, or else --camera.")
    for path in (json_path, report):
        if path:
            check_writable(path)
    settings = read_configuration(configuration, backend)
    exam = read_condition(condition)

    from proctor_engine.analysis import SessionAnalysis
    from proctor_engine.recording import analyse
    from proctor_engine.report import document, html

    source = _source(video, camera, seconds, settings.media)
    analysis = SessionAnalysis(settings, exam, read_references(references))
    console = Console(stderr=True)
    with _bar(console) as bar:
        task = bar.add_task(source.name, total=source.duration)

        def observe(step: Step) -> None:
            bar.update(task, completed=step.time)
            if json_lines:
                _print_lines(step)

        result = analyse(source, analysis, observe)
    if json_path:
        write_whole(json_path, document(result).to_json())
    if report:
        write_whole(report, html(result, language))
    if not json_lines:
        _print_summary(result, language, click.echo)


def _source(video: Path | None, camera: int | None, seconds: float | None, settings: MediaSettings) -> Source:
    from proctor_engine.media import Camera, open_source

    if camera is not None:
        return Camera(camera, settings, seconds)
    assert video is not None  # noqa: S101  # one of the two is given
    return open_source(video, settings)


def _bar(console: Console) -> Progress:
    """Only on a terminal: a log file needs no bar."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


def _print_lines(step: Step) -> None:
    from proctor_engine.report.document import incident_line

    for incident in step.changed:
        sys.stdout.write(incident_line(incident, step.time) + "\n")
    if step.changed:
        sys.stdout.flush()


def _print_summary(result: Result, language: Language, echo: Callable[[str], None]) -> None:
    from proctor_engine.report.document import titles_of
    from proctor_engine.report.timeline import clock

    titles = titles_of(language)
    incidents = result.analysis.incidents()
    for incident in incidents:
        span = f"{clock(incident.start)} - {clock(incident.end)}"
        note = "" if incident.scored else "  (not scored)"
        echo(f"{span:>17}  {titles[incident.type]}  {incident.confidence:.0%}{note}")
    score = result.analysis.score()
    for term in score.terms:
        echo(f"  {term}")
    if result.analysis.reference is None:
        echo("no --reference: whether it was the candidate is not known")
    count = "1 incident" if len(incidents) == 1 else f"{len(incidents)} incidents"
    echo(f"{count}, score {score.value} of 100: {score.conclusion.value}")
