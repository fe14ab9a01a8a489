"""A course with a thousand sessions: how their scores lie, who stands out, filters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, selectinload
from werkzeug.datastructures import MultiDict

from proctor_engine.store.model import ExamSession, Person, State
from proctor_engine.web.current import natural, written

BINS = 10
PAGE = 100
NAME_LENGTH = 100
COLUMNS = ("candidate", "e-mail", "exam", "state", "score", "proposal", "conclusion", "identity", "started", "ended")

Conditions = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True)
class Filter:
    """`least` is a score; `outliers` asks for scores far above the course's usual."""

    state: State | None = None
    least: int = 0
    name: str = ""
    outliers: bool = False
    page: int = 0

    @classmethod
    def read(cls, asked: MultiDict[str, str]) -> Filter:
        """Anything that makes no sense is as if it were not asked."""
        return cls(
            state=asked.get("state", type=State),
            least=min(100, asked.get("least", 0, type=natural)),
            name=written(asked.get("name"), NAME_LENGTH),
            outliers="outliers" in asked,
            page=asked.get("page", 0, type=natural),
        )

    def query(self) -> dict[str, str | int]:
        """The same again, without the page, as parameters of an address."""
        asked = {
            "state": self.state.value if self.state else "",
            "least": self.least,
            "name": self.name,
            "outliers": "1" if self.outliers else "",
        }
        return {key: value for key, value in asked.items() if value}


@dataclass(frozen=True)
class View:
    """`bins` counts sessions by tens of their score; `far` is the score from which one is an outlier."""

    name: str | None
    count: int
    bins: tuple[int, ...]
    far: float
    rows: tuple[ExamSession, ...]
    more: bool


def view(db: Session, seen: Conditions, asked: Filter) -> View:
    """Aggregates are the database's work; a page of rows is all that is read."""
    name, count = db.execute(select(func.max(ExamSession.course_name), func.count()).where(*seen)).one()
    far = _far(db, seen)
    tens = case((ExamSession.score >= 100, BINS - 1), else_=ExamSession.score // 10)
    bins = [0] * BINS
    for ten, number in db.execute(select(tens, func.count()).where(*seen, ExamSession.score >= 0).group_by(tens)):
        bins[ten] = number
    found = rows(db, (*seen, *_outlying(asked, far)), asked, limit=PAGE + 1)
    return View(name, count, tuple(bins), far, tuple(found[:PAGE]), len(found) > PAGE)


def matching(db: Session, seen: Conditions, asked: Filter) -> list[ExamSession]:
    """All that the filter lets through, on whatever page."""
    return rows(db, (*seen, *_outlying(asked, _far(db, seen))), asked)


def rows(db: Session, seen: Conditions, asked: Filter, limit: int | None = None) -> list[ExamSession]:
    query = wanted(seen, asked)
    if limit is not None:
        query = query.limit(limit).offset(asked.page * PAGE)
    return list(db.scalars(query))


def wanted(seen: Conditions, asked: Filter) -> Select[ExamSession]:
    """In the order of the score, the highest first."""
    # People are read for the rows of the page: joined before they are counted off, all of the service's would be.
    query = select(ExamSession).options(selectinload(ExamSession.person)).where(*seen)
    if asked.state is not None:
        query = query.where(ExamSession.state == asked.state)
    if asked.least:
        query = query.where(ExamSession.score >= asked.least)
    if asked.name:
        # A look at each session's own person: from the other side, all of the service's would be searched.
        name = select(Person.name).where(Person.id == ExamSession.person_id).scalar_subquery()
        query = query.where(name.icontains(asked.name, autoescape=True))
    return query.order_by(ExamSession.score.desc().nulls_last(), ExamSession.id)


def cells(row: ExamSession) -> Iterable[Any]:
    """In the order of `COLUMNS`."""
    return (
        row.person.name,
        row.person.email,
        row.exam_name,
        row.state.value,
        row.score,
        row.proposal,
        row.conclusion,
        row.identity,
        row.started_at.isoformat() if row.started_at else "",
        row.ended_at.isoformat() if row.ended_at else "",
    )


def _far(db: Session, seen: Conditions) -> float:
    """The score from which one is an outlier: two standard deviations above the mean."""
    score = ExamSession.score
    mean, squares = db.execute(select(func.avg(score), func.avg(score * score)).where(*seen)).one()
    mean, squares = float(mean or 0), float(squares or 0)
    return float(mean + 2 * max(0.0, squares - mean**2) ** 0.5)


def _outlying(asked: Filter, far: float) -> Conditions:
    return (ExamSession.score > far,) if asked.outliers else ()
