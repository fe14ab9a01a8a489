"""The addresses of the exports."""

from __future__ import annotations

import base64
import json
from typing import Any

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from proctor_engine.store import audit
from proctor_engine.store.model import ExamSession
from proctor_engine.web import staff
from proctor_engine.web.current import service
from proctor_engine.web.export import pdf, sheet
from proctor_engine.web.facts import gather
from proctor_engine.web.language import current
from proctor_engine.web.pictures import kept

pages = Blueprint("export", __name__)

PICTURES = 24
"""At most so many in one file; the rest are on the review page."""
NEAR = 15.0
"""Seconds within which a picture shows a moment; the review page has the same."""
_TYPES = {"html": "text/html", "pdf": "application/pdf", "csv": "text/csv", "json": "application/json"}


@pages.get("/review/<session_id>/report.<kind>")
@staff.staff_only("reviewer")
def one(session_id: str, kind: str) -> ResponseReturnValue:
    if kind not in _TYPES:
        abort(404)
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id)
        audit.record(db, staff.on_duty().name, f"export.{kind}", row.id)
        facts = gather(db, row, service().configuration, current())
    content = _content(kind, row, facts)
    headers = {
        "Content-Disposition": f'attachment; filename="session-{row.id[:8]}.{kind}"',
        # Opened from our address, the file may run nothing and load nothing.
        "Content-Security-Policy": "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'",
    }
    return Response(content, headers=headers, content_type=f"{_TYPES[kind]}; charset=utf-8")


def _content(kind: str, row: ExamSession, facts: dict[str, Any]) -> str | bytes:
    if kind == "json":
        return json.dumps(facts, ensure_ascii=False, indent=2)
    if kind == "csv":
        return sheet.incidents(facts)
    pictures = _pictures(row, facts)
    if kind == "pdf":
        return pdf.render(facts, pictures)
    inline = {time: base64.b64encode(content).decode() for time, content in pictures.items()}
    return render_template("export.html", facts=facts, pictures=inline)


def _pictures(row: ExamSession, facts: dict[str, Any]) -> dict[float, bytes]:
    """The kept frame nearest to each incident's strongest moment, if it is near enough to show it."""
    frames = {piece["time"]: piece["key"] for piece in facts["evidence"] if piece["kind"] == "frame"}
    wanted = [time for incident in facts["incidents"] for time in incident["evidence"][:1]]
    nearest = {min(frames, key=lambda time: abs(time - want)): want for want in wanted} if frames else {}
    shown = sorted(time for time, want in nearest.items() if abs(time - want) <= NEAR)
    return {time: kept(f"{row.id}/{frames[time]}") for time in shown[:PICTURES]}
