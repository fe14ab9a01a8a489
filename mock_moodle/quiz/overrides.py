"""Limits of a quiz for one user: their own override, else their groups' most generous, else the quiz's."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select

from mock_moodle.quiz.models import Quiz, QuizOverride
from mock_moodle.site import current
from mock_moodle.store.core import GroupMember

LIMITED_BY = (Quiz.__tablename__, QuizOverride.__tablename__, GroupMember.__tablename__)
"""Tables."""


@dataclass(frozen=True)
class Limits:
    """Epoch seconds, seconds and a count; 0 is "no limit" in each."""

    timeopen: int
    timeclose: int
    timelimit: int
    attempts: int
    password: str


def effective(quiz: Quiz, userid: int) -> Limits:
    groups = select(GroupMember.groupid).where(GroupMember.userid == userid)
    rows = current.session.scalars(
        select(QuizOverride).where(
            QuizOverride.quiz == quiz.id, or_(QuizOverride.userid == userid, QuizOverride.groupid.in_(groups))
        )
    ).all()
    own = [row for row in rows if row.userid == userid]
    shared = [row for row in rows if row.userid != userid]

    def pick(name: str, *, widest_is_lowest: bool = False) -> int:
        mine = next((value for row in own if (value := getattr(row, name)) is not None), None)
        if mine is not None:
            return int(mine)
        values = [int(value) for row in shared if (value := getattr(row, name)) is not None]
        if not values:
            return int(getattr(quiz, name))
        return 0 if 0 in values else min(values) if widest_is_lowest else max(values)

    password = next((row.password for row in (*own, *shared) if row.password is not None), quiz.password)
    return Limits(
        timeopen=pick("timeopen", widest_is_lowest=True),
        timeclose=pick("timeclose"),
        timelimit=pick("timelimit"),
        attempts=pick("attempts"),
        password=password,
    )
