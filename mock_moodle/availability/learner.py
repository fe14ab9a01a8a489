"""What a condition may ask about the person at the door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Learner(Protocol):
    """One user in one course, now.

    A plugin's condition is answered by `plugin_condition`, since what it asks (a session, an access code) is the
    plugin's own business.
    """

    @property
    def now(self) -> int:
        """Epoch seconds."""

    def group_ids(self) -> frozenset[int]:
        """Groups of this course that the user belongs to."""

    def grouping_ids(self) -> frozenset[int]:
        """Groupings that contain one of those groups."""

    def sees_all_groups(self) -> bool:
        """Whether groups keep nobody out: the user may access all of them."""

    def completion_state(self, cmid: int) -> int:
        """0 incomplete, 1 complete, 2 complete and passed, 3 complete and failed."""

    def previous_module(self, cmid: int) -> int | None:
        """The course module with completion tracking that stands before `cmid`."""

    def profile_field(self, name: str) -> str:
        """A standard field, or a custom one by its short name; empty where unset."""

    def grade_percent(self, item_id: int) -> float | None:
        """The user's grade of an item, 0 to 100, or None without a grade."""

    def plugin_condition(self, node: Mapping[str, Any], *, negated: bool) -> bool:
        """Whether an installed plugin's condition lets the user in; a type nobody installed never does."""


class Names(Protocol):
    """How the objects that conditions point to are called."""

    def group(self, group_id: int) -> str: ...

    def grouping(self, grouping_id: int) -> str: ...

    def module(self, cmid: int) -> str: ...

    def grade_item(self, item_id: int) -> str: ...

    def profile_field(self, name: str) -> str: ...

    def plugin_condition(self, node: Mapping[str, Any], *, negated: bool) -> str:
        """The plugin's own sentence."""

    def date(self, timestamp: int) -> str:
        """A day, or a day and a time where the time is not midnight."""

    def is_midnight(self, timestamp: int) -> bool: ...
