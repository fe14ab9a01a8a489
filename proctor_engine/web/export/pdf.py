"""One session as a PDF: the facts, a timeline, the incidents with their strongest pictures."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from proctor_engine.store.model import Decision
from proctor_engine.web import words
from proctor_engine.web.language import gettext as _
from proctor_engine.web.language import moment

_TYPEFACE = "DejaVu"


class _Document(FPDF):
    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(_TYPEFACE, size=8)
        self.cell(0, 6, f"{self.page_no()} / {{nb}}", align="R")


def render(facts: Mapping[str, Any], pictures: Mapping[float, bytes]) -> bytes:
    """`pictures` are JPEGs by their time in seconds, in order."""
    document = _Document(format="A4")
    # matplotlib brings a typeface with Latin and Cyrillic letters.
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    document.add_font(_TYPEFACE, "", fonts / "DejaVuSans.ttf")
    document.add_font(_TYPEFACE, "B", fonts / "DejaVuSans-Bold.ttf")
    document.set_title(f"{facts['candidate']}: {facts['exam']}")
    document.add_page()
    _heading(document, f"{facts['candidate']}: {facts['exam']}", 16)
    for name, value in _summary(facts):
        _line(document, f"{name}: {value}")
    if faults := words.faults(facts["frames"]):
        _line(document, faults)
    _timeline(document, facts)
    _heading(document, _("Incidents"), 12)
    for incident in facts["incidents"]:
        _incident(document, incident)
    _pictures(document, pictures)
    return bytes(document.output())


def _summary(facts: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        (_("Course"), facts["course"]),
        (_("Started"), moment(facts["started_at"])),
        (_("Ended"), moment(facts["ended_at"])),
        (_("Score"), f"{facts['score']['value']} ({facts['score']['attention']} / {facts['score']['rejected']})"),
        *((f"    {term['title']}", term["text"]) for term in facts["score"]["terms"]),
        (_("Identity"), words.identity(facts["identity"])),
        (_("Proposal"), words.conclusion(facts["proposal"])),
        (_("Conclusion"), words.conclusion(facts["conclusion"])),
        *(
            (_("Review"), f"{review['reviewer']}: {words.conclusion(review['conclusion'])}. {review['comment']}")
            for review in facts["reviews"]
        ),
    ]


def _heading(document: FPDF, text: str, size: int) -> None:
    document.set_font(_TYPEFACE, "B", size)
    document.multi_cell(0, size * 0.55, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    document.ln(1)


def _line(document: FPDF, text: str) -> None:
    document.set_font(_TYPEFACE, size=10)
    document.multi_cell(0, 5.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _timeline(document: FPDF, facts: Mapping[str, Any]) -> None:
    length = max([facts["duration"], *(incident["end"] for incident in facts["incidents"]), 1])
    document.ln(2)
    left, top, width = document.l_margin, document.get_y(), document.epw
    document.set_fill_color(230, 234, 232)
    document.rect(left, top, width, 6, style="F")
    for incident in facts["incidents"]:
        colour = (200, 204, 202) if incident["decision"] == "dismissed" else (201, 130, 43)
        document.set_fill_color(*(colour if incident["scored"] else (138, 152, 160)))
        span = max(0.6, (incident["end"] - incident["start"]) / length * width)
        document.rect(left + incident["start"] / length * width, top, span, 6, style="F")
    document.set_y(top + 9)


def _incident(document: FPDF, incident: Mapping[str, Any]) -> None:
    times = f"{incident['start']:.1f}–{incident['end']:.1f} s"
    notes = [words.decision(incident["decision"])] if incident["decision"] != Decision.UNDECIDED else []
    notes += [] if incident["scored"] else [_("not scored")]
    notes += [incident["detail"]] if incident["detail"] else []
    _line(document, f"{times}  {incident['title']}" + (f"  ({', '.join(notes)})" if notes else ""))


def _pictures(document: FPDF, pictures: Mapping[float, bytes]) -> None:
    if pictures:
        _heading(document, _("Pictures"), 12)
    width = document.epw / 3 - 3
    for index, time in enumerate(pictures):
        if index % 3 == 0:
            if document.will_page_break(width * 0.75 + 8):
                document.add_page()
            top = document.get_y()
        x = document.l_margin + (index % 3) * (width + 4.5)
        document.image(io.BytesIO(pictures[time]), x=x, y=top, w=width)
        document.set_xy(x, top + width * 0.75 + 1)
        document.set_font(_TYPEFACE, size=8)
        document.cell(width, 4, f"{time:.0f} s")
        document.set_xy(document.l_margin, top + (width * 0.75 + 8 if index % 3 == 2 else 0))
