"""An entry's life as a state machine: in whatever order things happen, the site follows the contract's transitions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from conformance import quiz
from conformance.browser import Browser
from conformance.lab import Lab, Person
from conformance.proctoring import Proctoring, leads_to_quiz, open_entry, renew
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contract.entry import CONCLUSIONS, OPEN_STATUSES, TRANSITIONS, Status, Transition, Trigger
from contract.wire import SLOT_GRACE_SECONDS

HOUR = 3600


@dataclass
class Known:
    """What the model believes of one student's entries."""

    statuses: dict[str, Status] = field(default_factory=dict)
    """By access code."""
    current: str = ""
    """The code that the exam list gives."""
    presented: str | None = None
    """The code that this browser presented last."""
    attempt: int | None = None
    """A running attempt."""
    slot_missed: bool = False
    attempted: set[str] = field(default_factory=set)
    """Codes that an attempt was made with."""
    unseen: bool = False
    """There is a fresh entry that the exam list has not shown yet."""

    def has_unused(self) -> bool:
        return self.unseen or Status.NOT_INITED in self.statuses.values()

    def transition(self, code: str, trigger: Trigger) -> Transition | None:
        return next(
            (each for each in TRANSITIONS if (each.before, each.trigger) == (self.statuses[code], trigger)), None
        )


class EntryLife(RuleBasedStateMachine):
    lab: Lab

    @initialize()
    def poll_for_a_new_student(self) -> None:
        self.student: Person = self.lab.student()
        self.browser: Browser = self.lab.browser(self.student)
        self.proctoring = Proctoring(self.lab.service)
        self.known = Known()
        self._poll()
        assert self.known.statuses[self.known.current] is Status.NOT_INITED

    @rule()
    def poll(self) -> None:
        self._poll()

    @precondition(lambda self: self.known.attempt is None)
    @rule(data=st.data())
    def present_code(self, data: st.DataObject) -> None:
        code = data.draw(st.sampled_from(sorted(self.known.statuses)), "code")
        transition = self.known.transition(code, Trigger.ENTRY_OPENED)
        page = open_entry(self.browser, code)
        assert leads_to_quiz(page, self.lab.exam.cmid) is (transition is not None)
        if transition:
            self.known.statuses[code] = transition.after
            self.known.presented = code

    @precondition(lambda self: self.known.attempt is None)
    @rule()
    def start_attempt(self) -> None:
        admitted = self.known.presented and self.known.transition(self.known.presented, Trigger.ATTEMPT_STARTED)
        self.known.attempt = quiz.start(self.browser, self.lab.exam.cmid)
        assert (self.known.attempt is not None) is bool(admitted)
        if self.known.presented and admitted:
            self.known.statuses[self.known.presented] = admitted.after
            self.known.attempted.add(self.known.presented)

    @precondition(lambda self: self.known.attempt is not None)
    @rule()
    def submit_attempt(self) -> None:
        assert self.known.attempt is not None
        assert self.known.presented is not None
        quiz.submit(self.browser, self.known.attempt, self.lab.exam.cmid)
        transition = self.known.transition(self.known.presented, Trigger.ATTEMPT_SUBMITTED)
        assert transition is not None
        self.known.statuses[self.known.presented] = transition.after
        self.known.attempt = None

    @precondition(lambda self: self.known.attempt is None)
    @rule(missed=st.booleans())
    def book_slot(self, missed: bool) -> None:
        code = self.known.current
        transition = self.known.transition(code, Trigger.SLOT_BOOKED)
        slot = int(time.time()) + (-2 * SLOT_GRACE_SECONDS if missed else HOUR)
        answer = self.proctoring.review(code, Status.SCHEDULED.value, timescheduled=slot)
        assert answer["success"] is bool(transition)
        if transition:
            self.known.statuses[code] = transition.after
            self.known.slot_missed = missed

    @precondition(lambda self: self.known.attempt is None)
    @rule(conclusion=st.sampled_from((*CONCLUSIONS, Status.NOT_REVIEWED)))
    def review(self, conclusion: Status) -> None:
        code = self.known.current
        assert self.proctoring.review(code, conclusion.value)["success"] is True
        self.known.statuses[code] = conclusion
        if code not in self.known.attempted and not self.known.has_unused():
            self.known.unseen = True  # a verdict on what was never attempted does not lock the student out

    @precondition(lambda self: self.known.attempt is None)
    @rule()
    def ask_for_a_fresh_entry(self) -> None:
        code = self.known.current
        answer = self.proctoring.reset(code)
        assert answer["success"] is not self.known.has_unused()
        self.known.unseen |= answer["success"]

    @precondition(lambda self: self.known.attempt is None)
    @rule()
    def force_new_entry(self) -> None:
        code = self.known.current
        transition = self.known.transition(code, Trigger.FORCED)
        renew(self.lab.admin, int(self.proctoring.behind(code)["id"]), force=True)
        if transition:
            self.known.statuses[code] = transition.after
            self.known.unseen |= transition.renews

    @invariant()
    def site_and_model_agree(self) -> None:
        if hasattr(self, "known"):
            assert {code: self.proctoring.status(code) for code in self.known.statuses} == self.known.statuses

    def _poll(self) -> None:
        exam = self.proctoring.exam(self.student.email)
        code, status = exam["accesscode"], Status(exam["status"])
        before = self.known.current
        if before and self.known.slot_missed and self.known.statuses[before] is Status.SCHEDULED:
            transition = self.known.transition(before, Trigger.SLOT_MISSED)
            assert transition is not None
            self.known.statuses[before] = transition.after
            self.known.slot_missed = False
        if code in self.known.statuses:
            assert status in OPEN_STATUSES, f"the list gives a code that opens nothing: {status.value}"
        else:
            assert status is Status.NOT_INITED
            open_codes = [code for code, status in self.known.statuses.items() if status in OPEN_STATUSES]
            assert self.known.unseen or not open_codes, "the list gives a new code beside one that still opens"
            self.known.statuses[code] = status
            self.known.unseen = False
        self.known.current = code


@pytest.fixture
def examples(lab: Lab) -> Iterator[int]:
    """A real Moodle takes seconds for what the mock does in milliseconds."""
    EntryLife.lab = lab
    yield 6 if lab.real else 25
    del EntryLife.lab


def test_every_order_of_events_follows_the_transitions(examples: int) -> None:
    run_state_machine_as_test(
        EntryLife,
        settings=settings(
            max_examples=examples,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate] if EntryLife.lab.real else [Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
