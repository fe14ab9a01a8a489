"""A question of an attempt as HTML, in Moodle's structure: ids, names and classes are what clients look for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import md5
from re import sub

from flask import has_request_context
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from mock_moodle.access import context_module, context_system, has_capability
from mock_moodle.cleaned_html import cleaned_html
from mock_moodle.login.browser import browser
from mock_moodle.quiz.attempts import question_of
from mock_moodle.quiz.models import FINISHED, QuestionAttempt, Quiz, QuizAttempt
from mock_moodle.quiz.pages import cm_of
from mock_moodle.quiz.questions import Question
from mock_moodle.quiz.review import DURING
from mock_moodle.quiz.state import QuestionState, graded
from mock_moodle.site import current
from mock_moodle.store.core import Context
from mock_moodle.webservice.pictures import theme_image

_templates = Environment(loader=PackageLoader("mock_moodle"), autoescape=True)
"""Of their own: a web service renders questions where no page is being made."""


@dataclass(frozen=True)
class Shown:
    """What of a question's outcome may be seen: nothing while the attempt runs."""

    outcome: bool
    readonly: bool
    links: bool = True
    """Whether those who grade are led to the page where they do."""
    marks: bool = True
    """Whether it is told what the question is worth, and if it can be seen at all whether it was right."""


QUOTES = {"&#34;": "&quot;", "&#39;": "&#039;"}
"""How markupsafe escapes quotation marks, and how PHP does."""

RUNNING = Shown(outcome=False, readonly=False)
REVIEW = Shown(outcome=True, readonly=True)
GRADING = Shown(outcome=True, readonly=True, links=False)
CLOSED = Shown(outcome=False, readonly=True)


@dataclass(frozen=True)
class View:
    """What the template needs; `response` is the newest, saved or only autosaved."""

    attempt: QuizAttempt
    row: QuestionAttempt
    question: Question
    response: dict[str, str]
    state: QuestionState
    shown: Shown

    @property
    def prefix(self) -> str:
        return f"q{self.attempt.uniqueid}:{self.row.slot}_"

    @property
    def mark(self) -> str:
        """ "0.80"; empty without one, or where it may not be seen."""
        if not self.shown.outcome or self.row.fraction is None:
            return ""
        return self._rounded(self.row.fraction * self.row.maxmark)

    def _rounded(self, mark: float) -> str:
        quiz = current.session.get_one(Quiz, self.attempt.quiz)
        own = quiz.questiondecimalpoints
        return f"{mark:.{quiz.decimalpoints if own < 0 else own}f}"

    @property
    def grade_text(self) -> str:
        if not self.shown.marks:
            return ""
        out_of = self._rounded(self.row.maxmark)
        if self.mark:
            return f"Mark {self.mark} out of {out_of}"
        return f"Marked out of {out_of}"

    @property
    def status(self) -> str:
        return self.state.title

    @property
    def css_class(self) -> str:
        return self.state.css_class

    @property
    def told_state(self) -> str:
        """In the question's own head: what waits for a teacher is just complete."""
        return "Complete" if self.state is QuestionState.NEEDS_GRADING else self.status

    @property
    def told_class(self) -> str:
        return "complete" if self.state is QuestionState.NEEDS_GRADING else self.css_class

    def verdict(self, fraction: float) -> QuestionState:
        """How one answer of several is marked."""
        return graded(fraction).state

    @property
    def comment_link(self) -> str:
        """Where who looks may grade by hand; empty for others, and for what is only a preview."""
        offered = self.shown.outcome and self.shown.links and not self.attempt.preview
        if not offered or not self._may("mod/quiz:grade"):
            return ""
        return current.url("/mod/quiz/comment.php", attempt=self.attempt.id, slot=self.row.slot)

    @property
    def comment_link_id(self) -> str:
        return f"action_link{current.keys.md5()[:13]}1"

    @property
    def tells_version(self) -> bool:
        """To who edits questions: of the whole site where a web service reviews. The mock's have one version each."""
        everywhere = self.shown.readonly and not _on_page()
        where = context_system() if everywhere else self._context()
        known = current.site.release.at_least("4.4")
        return known and has_capability("moodle/question:editall", where, _viewer())

    def _may(self, capability: str) -> bool:
        return has_capability(capability, self._context(), _viewer())

    def _context(self) -> Context:
        return context_module(cm_of(self.attempt.quiz).id)

    @property
    def flag(self) -> str:
        """Whether the flag is "editable", "visible" or "hidden" for who looks."""
        if not self._may("moodle/question:flag"):
            return "hidden"
        return "editable" if self.attempt.userid == _viewer() else "visible"

    @property
    def flag_data(self) -> str:
        """The query that the flag's script posts; its checksum is Moodle's guard against forged ones."""
        pairs = f"{self.row.questionusageid}_{self.row.id}_{self.row.questionid}_{self.row.slot}"
        checksum = md5(pairs.encode(), usedforsecurity=False).hexdigest()
        return (
            f"qaid={self.row.id}&qubaid={self.attempt.uniqueid}&qid={self.row.questionid}&slot={self.row.slot}"
            f"&checksum={checksum}&sesskey={_sesskey()}&newstate="
        )


def _sesskey() -> str:
    """A web-service call has a key too, which opens nothing."""
    return browser().sesskey if _on_page() else current.keys.random_string(10)


def _viewer() -> int:
    return browser().userid if _on_page() else current.visit.userid or 0


def _on_page() -> bool:
    return current.visit.userid is None and has_request_context()


def in_review(attempt: QuizAttempt) -> Shown:
    """An attempt that still runs has nothing to tell but what was answered."""
    return REVIEW if attempt.state == FINISHED else CLOSED


def running(attempt: QuizAttempt) -> Shown:
    """While it runs, and to whoever previews, a quiz may keep secret what its questions are worth."""
    quiz = current.session.get_one(Quiz, attempt.quiz)
    return RUNNING if quiz.reviewoptions & DURING or attempt.preview else replace(RUNNING, marks=False)


def as_line(html: str) -> str:
    """A text of paragraphs in one line: each but the last ends in a break."""
    return sub(r"(<br\s*/?>)+$", "", sub(r"\s*</p>\s*", "<br />", sub(r"\s*<p>\s*", "", html))).strip()


def shown_html(text: str | None) -> Markup:
    """A student's HTML without what could do harm."""
    return Markup(cleaned_html(text or ""))  # noqa: S704 - cleaned


_templates.filters |= {"as_line": as_line, "shown_html": shown_html}


def view_of(attempt: QuizAttempt, row: QuestionAttempt, shown: Shown) -> View:
    response = row.autosaved if row.autosaved is not None else row.response
    return View(attempt, row, question_of(row), response, QuestionState.of(row.state), shown)


def render(view: View) -> Markup:
    html = _templates.get_template("quiz/question.html").render(
        view=view,
        question=view.question,
        flag_icon=theme_image("core", "i/flagged" if view.row.flagged else "i/unflagged"),
        wwwroot=current.site.wwwroot,
    )
    for ours, php in QUOTES.items():
        html = html.replace(ours, php)
    return Markup(html)  # noqa: S704 - the template escapes what is not the question author's own HTML
