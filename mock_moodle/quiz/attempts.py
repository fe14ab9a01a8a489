"""An attempt from its start to the grade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, select

from mock_moodle.access import context_module, has_capability
from mock_moodle.errors import MissingRecord, QuizError
from mock_moodle.quiz import events
from mock_moodle.quiz.access import AccessRules
from mock_moodle.quiz.grading import final_mark, rescale
from mock_moodle.quiz.layout import make_layout
from mock_moodle.quiz.models import (
    ABANDONED,
    FINISHED,
    IN_PROGRESS,
    NOT_STARTED,
    OVERDUE,
    SUBMITTED,
    QuestionAttempt,
    QuestionDefinition,
    Quiz,
    QuizAttempt,
    QuizGrade,
    QuizSlot,
)
from mock_moodle.quiz.questions import Question, read_question
from mock_moodle.quiz.state import QuestionState, after_finishing, after_saving
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule, Grade

OUT_OF_SEQUENCE = (
    "You have entered data outside the normal sequence. This can occur if you use your browser's Back or Forward "
    "buttons; please don't use these during the test. It can also happen if you click on something while a page is "
    "loading. Click <strong>Continue</strong> to resume."
)


def find_attempt(attempt_id: int) -> QuizAttempt:
    attempt = current.session.get(QuizAttempt, attempt_id)
    if attempt is None:
        raise MissingRecord("quiz_attempts", id=attempt_id)
    return attempt


def user_attempts(quizid: int, userid: int, status: str = "all", *, previews: bool = True) -> list[QuizAttempt]:
    """`status` is all, finished or unfinished; the oldest first."""
    query = select(QuizAttempt).where(QuizAttempt.quiz == quizid, QuizAttempt.userid == userid)
    if status == "finished":
        query = query.where(QuizAttempt.state.in_((FINISHED, ABANDONED, SUBMITTED)))
    elif status == "unfinished":
        query = query.where(QuizAttempt.state.in_((IN_PROGRESS, OVERDUE)))
    if not previews:
        query = query.where(QuizAttempt.preview == 0)
    return list(current.session.scalars(query.order_by(QuizAttempt.attempt)))


def slots_of(quiz: Quiz) -> list[QuizSlot]:
    return list(current.session.scalars(select(QuizSlot).where(QuizSlot.quizid == quiz.id).order_by(QuizSlot.slot)))


def question_attempts(attempt: QuizAttempt) -> list[QuestionAttempt]:
    query = select(QuestionAttempt).where(QuestionAttempt.questionusageid == attempt.uniqueid)
    return list(current.session.scalars(query.order_by(QuestionAttempt.slot)))


def question_of(row: QuestionAttempt) -> Question:
    return read_question(current.session.get_one(QuestionDefinition, row.questionid).definition)


def start_attempt(rules: AccessRules) -> QuizAttempt:
    """Begins the next attempt; whether it may was the access rules' business."""
    quiz, cm, userid, preview = rules.quiz, rules.cm, rules.userid, rules.preview
    session, now = current.session, current.clock.time()
    if preview:
        for old in user_attempts(quiz.id, userid):
            if old.preview:
                _discard(old)
    made = next((one for one in user_attempts(quiz.id, userid) if one.state == NOT_STARTED and not preview), None)
    if made is not None:
        return _begin(made, rules)
    slots = slots_of(quiz)
    if not slots:
        raise QuizError("noquestionsfound", "No questions found")
    number = session.scalar(
        select(func.max(QuizAttempt.attempt)).where(QuizAttempt.quiz == quiz.id, QuizAttempt.userid == userid)
    )
    attempt = QuizAttempt(
        quiz=quiz.id,
        userid=userid,
        attempt=(number or 0) + 1,
        layout=make_layout(len(slots), quiz.questionsperpage),
        preview=int(preview),
        state=IN_PROGRESS,
        timestart=now,
        timemodified=now,
        currentpage=0,
        timefinish=0,
    )
    session.add(attempt)
    session.flush()
    _note_offline(attempt)
    attempt.uniqueid = attempt.id
    for slot in slots:
        definition = session.scalar(select(QuestionDefinition).where(QuestionDefinition.name == slot.question))
        if definition is None:
            raise MissingRecord("question")
        session.add(
            QuestionAttempt(
                questionusageid=attempt.uniqueid,
                slot=slot.slot,
                questionid=definition.id,
                maxmark=slot.maxmark,
                timemodified=now,
            )
        )
    session.flush()
    handle_if_time_expired(attempt, rules)
    events.tell(events.attempt_started, attempt, cm, userid)
    return attempt


def _begin(made: QuizAttempt, rules: AccessRules) -> QuizAttempt:
    """An attempt that was made in advance, as Moodle 5.0 can."""
    made.state, made.timestart, made.timemodified = IN_PROGRESS, current.clock.time(), current.clock.time()
    current.session.flush()
    _note_offline(made)
    handle_if_time_expired(made, rules)
    events.tell(events.attempt_started, made, rules.cm, made.userid)
    return made


def save_responses(attempt: QuizAttempt, fields: Mapping[str, str]) -> None:
    """What mod_quiz_save_attempt and the page's autosave do: kept, but no step. What is out of sequence is ignored."""
    now = current.clock.time()
    for row in question_attempts(attempt):
        sent = _sent(attempt, row, fields)
        if sent is None:
            continue
        _flag(row, sent)
        if sent.pop(":sequencecheck", None) != str(row.steps):
            continue
        question = question_of(row)
        response = question.cleaned(sent)
        row.autosaved = None if question.same(response, row.response) else response
        row.state = after_saving(question, row.response if row.autosaved is None else response).key
        row.timemodified = now
    attempt.timemodified = now
    _note_offline(attempt)


def submit_responses(attempt: QuizAttempt, fields: Mapping[str, str]) -> None:
    """A page of the attempt: each answer that differs is a step.

    Raises:
        MoodleError: for a form that is older than the last step.
    """
    now = current.clock.time()
    for row in question_attempts(attempt):
        sent = _sent(attempt, row, fields)
        if sent is None:
            continue
        sequence = sent.pop(":sequencecheck", None)
        _flag(row, sent)
        if sequence is None:
            continue
        if sequence != str(row.steps):
            raise QuizError("submissionoutofsequencefriendlymessage", OUT_OF_SEQUENCE)
        _store(row, question_of(row).cleaned(sent), now)
    attempt.timemodified = now
    _note_offline(attempt)
    current.session.flush()


def _note_offline(attempt: QuizAttempt) -> None:
    """Web services, as of the app, leave a mark of their own."""
    if current.visit.userid is not None:
        attempt.timemodifiedoffline = attempt.timemodified


def finish_attempt(attempt: QuizAttempt, cm: CourseModule, actorid: int, *, at: int | None = None) -> None:
    """Hands it in and grades it. What was only saved counts."""
    now = current.clock.time() if at is None else at
    rows = question_attempts(attempt)
    for row in rows:
        question = question_of(row)
        if row.autosaved is not None:
            _store(row, row.autosaved, now)
        outcome = after_finishing(question, row.response)
        row.state, row.fraction = outcome.state.key, outcome.fraction
        row.steps += 1
        row.timemodified = now
    attempt.state = FINISHED
    attempt.timefinish = attempt.timemodified = now
    attempt.timecheckstate = None
    attempt.sumgrades = sum_of_marks(rows)
    attempt.gradednotificationsenttime = None if _awaits_notification(attempt, cm) else now
    current.session.flush()
    if not attempt.preview:
        update_grade(attempt.quiz, attempt.userid, cm)
    events.tell(events.attempt_submitted, attempt, cm, actorid)


def sum_of_marks(rows: Sequence[QuestionAttempt]) -> float | None:
    """None while somebody has still to grade one of them."""
    if any(row.state == QuestionState.NEEDS_GRADING.key for row in rows):
        return None
    return round(sum((row.fraction or 0.0) * row.maxmark for row in rows), 5)


def abandon_attempt(attempt: QuizAttempt, cm: CourseModule) -> None:
    attempt.state = ABANDONED
    attempt.timecheckstate = None
    attempt.timemodified = current.clock.time()
    events.tell(events.attempt_abandoned, attempt, cm, 0)


def delete_attempt(attempt: QuizAttempt, cm: CourseModule, actorid: int) -> None:
    _discard(attempt)
    update_grade(attempt.quiz, attempt.userid, cm)
    events.tell(events.attempt_deleted, attempt, cm, actorid)


def _awaits_notification(attempt: QuizAttempt, cm: CourseModule) -> bool:
    """Whether somebody who wants to hear of it has still to be graded by hand."""
    wanted = has_capability("mod/quiz:emailnotifyattemptgraded", context_module(cm.id), attempt.userid)
    return wanted and attempt.sumgrades is None


def is_due(attempt: QuizAttempt, rules: AccessRules) -> bool:
    """Whether looking at the time would change the attempt."""
    end = None if attempt.preview else rules.end_time(attempt)
    if end is None or rules.now < end:
        return attempt.timecheckstate != end
    return attempt.state in (IN_PROGRESS, OVERDUE) or attempt.timecheckstate is not None


def handle_if_time_expired(attempt: QuizAttempt, rules: AccessRules) -> None:
    """What the quiz is set to do with an attempt whose time is up."""
    end = None if attempt.preview else rules.end_time(attempt)
    if end is None or rules.now < end:
        attempt.timecheckstate = end
        return
    if attempt.state not in (IN_PROGRESS, OVERDUE):
        attempt.timecheckstate = None
        return
    if rules.quiz.overduehandling == "autosubmit":
        finish_attempt(attempt, rules.cm, 0)  # now: only Moodle's cron, without the student, says when time was up
    elif rules.quiz.overduehandling == "graceperiod" and rules.now < end + rules.quiz.graceperiod:
        attempt.state = OVERDUE
        attempt.timecheckstate = end + rules.quiz.graceperiod
    else:
        abandon_attempt(attempt, rules.cm)


def update_grade(quizid: int, userid: int, cm: CourseModule) -> None:
    """The user's grade from all finished attempts. Where none is marked yet the gradebook knows of them, no more."""
    session, now = current.session, current.clock.time()
    quiz = session.get_one(Quiz, quizid)
    marks = [attempt.sumgrades for attempt in user_attempts(quizid, userid, "finished", previews=False)]
    grade = rescale(final_mark(marks, quiz.grademethod), quiz.sumgrades, quiz.grade)
    session.execute(delete(QuizGrade).where(QuizGrade.quiz == quizid, QuizGrade.userid == userid))
    key = (cm.course, cm.id, userid)
    stored = session.get(Grade, key)
    if stored is None:
        stored = Grade(courseid=cm.course, cmid=cm.id, userid=userid)
        session.add(stored)
    if grade is None:
        stored.finalgrade = None
        return
    session.add(QuizGrade(quiz=quizid, userid=userid, grade=round(grade, 5), timemodified=now))
    stored.finalgrade, stored.timemodified = round(grade, 5), now


def unanswered(rows: Sequence[QuestionAttempt]) -> int:
    return sum(row.state in (QuestionState.TODO.key, QuestionState.INVALID.key) for row in rows)


def _store(row: QuestionAttempt, response: dict[str, str], now: int) -> None:
    row.autosaved = None
    question = question_of(row)
    if question.same(response, row.response):
        return
    row.response = response
    row.state = after_saving(question, response).key
    row.steps += 1
    row.timemodified = now


def _flag(row: QuestionAttempt, sent: Mapping[str, str]) -> None:
    if ":flagged" in sent:
        row.flagged = sent[":flagged"] == "1"


def _sent(attempt: QuizAttempt, row: QuestionAttempt, fields: Mapping[str, str]) -> dict[str, str] | None:
    """The fields of one question without their prefix; None if the form says nothing about it."""
    prefix = f"q{attempt.uniqueid}:{row.slot}_"
    sent = {name[len(prefix) :]: value for name, value in fields.items() if name.startswith(prefix)}
    return sent or None


def _discard(attempt: QuizAttempt) -> None:
    session = current.session
    session.execute(delete(QuestionAttempt).where(QuestionAttempt.questionusageid == attempt.uniqueid))
    session.delete(attempt)
    session.flush()
