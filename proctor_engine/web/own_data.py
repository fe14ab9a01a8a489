"""What is known of whoever asks: Moodle's privacy export links here."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from contract.wire import OWN_DATA_PATH
from proctor_engine.store import audit, disclosure
from proctor_engine.store.model import ExamSession, Person, State
from proctor_engine.web.current import service, sign_in_required, signed_in
from proctor_engine.web.limits import limiter

pages = Blueprint("own_data", __name__)


@pages.get(OWN_DATA_PATH)
@sign_in_required
@limiter.limit("10 per hour", key_func=lambda: signed_in().email)
def own_data() -> ResponseReturnValue:
    """A ZIP, once every exam is concluded: nobody learns during an exam what was noticed."""
    who = signed_in()
    with service().database.begin() as db:
        open_exams = select(ExamSession.id).join(Person).where(Person.email == who.email)
        if db.scalar(open_exams.where(ExamSession.state != State.CONCLUDED).limit(1)) is not None:
            abort(409, "An exam of yours is not concluded yet. Come back then, or ask whom the consent names.")
        audit.record(db, who.email, "person.export-own")
    content = disclosure.disclose(service(), who.email)
    if content is None:
        abort(404, "Nothing is known of you here.")
    headers = {"Content-Disposition": 'attachment; filename="my-data.zip"', "Cache-Control": "no-store"}
    return Response(content, headers=headers, content_type="application/zip")
