"""The analysis as a page for people: one file, no script, no address outside it."""

from __future__ import annotations

import base64
from importlib.resources import files

from jinja2 import BaseLoader, Environment, StrictUndefined

from contract.condition import SCORING
from contract.entry import STATUS_TITLES
from contract.titles import Language
from proctor_engine.recording import Result
from proctor_engine.report.document import titles_of
from proctor_engine.report.plots import HEIGHT, plots
from proctor_engine.report.timeline import clock, timeline
from proctor_engine.report.words import words

_MOST_THUMBNAILS = 3


def html(result: Result, language: Language = "en") -> str:
    """A page of its own, with the timeline drawn in it and the evidence as pictures in it."""
    environment = Environment(loader=BaseLoader(), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    axis = timeline(result.analysis.incidents(), result.duration, language)
    environment.filters["clock"] = clock
    source = files("proctor_engine.report").joinpath("templates/report.html.j2").read_text(encoding="utf-8")
    incidents = result.analysis.incidents()
    score = result.analysis.score()
    pictures = {
        time: "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
        for time, jpeg in result.thumbnails.items()
    }
    return environment.from_string(source).render(
        language=language,
        words=words(language),
        source=result.source,
        duration=result.duration,
        frames=result.frames,
        incidents=incidents,
        evidence={
            incident.number: sorted(
                [(time, pictures[time]) for time in incident.evidence if time in pictures][:_MOST_THUMBNAILS]
            )
            for incident in incidents
        },
        titles=titles_of(language),
        keys={key.key: key.title.in_language(language) for key in SCORING},
        score=score,
        conclusion=STATUS_TITLES[score.conclusion].in_language(language),
        coverage=result.analysis.coverage.shares(),
        timeline=axis,
        plots=plots(result.traces, axis, result.analysis.configuration),
        plot_height=HEIGHT,
    )
