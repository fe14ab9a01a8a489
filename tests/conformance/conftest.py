"""One prepared site for the whole session: the mock Moodle, or a real one with --moodle-url."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conformance.browser import Browser
from conformance.lab import Lab, Person
from conformance.proctoring import Proctoring


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    address = request.config.getoption("moodle_url")
    if not address:
        from conformance.mock_site import mock_lab

        with mock_lab(tmp_path_factory.mktemp("mock")) as mock:
            yield mock
        return
    password = request.config.getoption("admin_password")
    from conformance.real_moodle import RealMoodle

    moodle = RealMoodle(address, password)
    moodle.prepare()
    yield moodle
    moodle.clear()


@pytest.fixture
def proctoring(lab: Lab) -> Proctoring:
    return Proctoring(lab.service)


@pytest.fixture
def student(lab: Lab) -> Person:
    return lab.student()


@pytest.fixture
def browser(lab: Lab, student: Person) -> Browser:
    """The student's, signed in."""
    return lab.browser(student)


@pytest.fixture
def accesscode(proctoring: Proctoring, student: Person) -> str:
    """Of the student's entry, not yet used."""
    return str(proctoring.exam(student.email)["accesscode"])
