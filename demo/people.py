"""Who plays in the demo, as `world.yaml` knows them, and where."""

from __future__ import annotations

from dataclasses import dataclass

MOODLE = "4.5"
QUIZ, COURSE = 1, "Astronomy"
"""The quiz's course-module id and the name of its course."""


@dataclass(frozen=True)
class Account:
    username: str
    password: str

    def as_form(self) -> dict[str, str]:
        return {"username": self.username, "password": self.password}


ADMIN = Account("admin", "Admin.1234")
STUDENT = Account("eileen", "Student.1234")
TEACHER = Account("tamara", "Teacher.1234")
TEACHER_NAME = "Tamara Teacher"
