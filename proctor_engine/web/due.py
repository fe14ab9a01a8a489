"""The exams that Moodle lists for whoever is signed in."""

from __future__ import annotations

from flask import abort

from proctor_engine.lms.models import Exam
from proctor_engine.web.current import service, signed_in


def exams() -> tuple[Exam, ...]:
    return service().moodle.exams(signed_in().email)


def own_exam(access_code: str) -> Exam:
    exam = next((exam for exam in exams() if exam.accesscode == access_code), None)
    if exam is None:
        abort(404, "This exam is not due for you. Go back to the list: it may have moved or been handed in.")
    return exam
