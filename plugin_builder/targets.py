"""Moodle's releases, the API facts that templates ask for, and the ranges one rendered text can serve.

A fact is a question that a template may ask (`target.hooks`) and the release since which its answer is yes. Ranges
follow from the facts: the longest runs of releases that answer every question alike. So no rendered text needs a
version switch, and no range is kept apart without a reason. A new fact moves the borders by itself.

What needs no fact: `$plugin->supported` is ignored before 3.9 and harmless there; explicit nullable types need
PHP 7.1, which is why the oldest range asks for it although Moodle 3.6 itself would run on 7.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from plugin_builder.errors import BuildError

PHP = tuple[int, int]


@dataclass(frozen=True)
class Release:
    """One stable series of Moodle; `version` is that of its .0 release, the number that `requires` compares."""

    name: str
    branch: int
    version: int
    php_lowest: PHP
    php_highest: PHP


RELEASES: tuple[Release, ...] = (
    Release("3.6", 36, 2018120300, (7, 0), (7, 3)),
    Release("3.7", 37, 2019052000, (7, 1), (7, 3)),
    Release("3.8", 38, 2019111800, (7, 1), (7, 4)),
    Release("3.9", 39, 2020061500, (7, 2), (7, 4)),
    Release("3.10", 310, 2020110900, (7, 2), (7, 4)),
    Release("3.11", 311, 2021051700, (7, 3), (8, 0)),
    Release("4.0", 400, 2022041900, (7, 3), (8, 0)),
    Release("4.1", 401, 2022112800, (7, 4), (8, 1)),
    Release("4.2", 402, 2023042400, (8, 0), (8, 2)),
    Release("4.3", 403, 2023100900, (8, 0), (8, 2)),
    Release("4.4", 404, 2024042200, (8, 1), (8, 3)),
    Release("4.5", 405, 2024100700, (8, 1), (8, 3)),
    Release("5.0", 500, 2025041400, (8, 2), (8, 4)),
    Release("5.1", 501, 2025100600, (8, 2), (8, 4)),
    Release("5.2", 502, 2026042000, (8, 3), (8, 4)),
    Release("5.3", 503, 2026100500, (8, 3), (8, 4)),
)

PHP_FLOOR: PHP = (7, 1)
"""The oldest PHP that the plugin is written for."""

FACTS: dict[str, str] = {
    "user_fields": "3.11",  # \core_user\fields; the functions it replaces give notices from then on and end in 4.3
    "behat_axe": "3.11",  # "should meet accessibility standards"; 3.10 has it, but shares its range with older ones
    "accurate_times": "4.0",  # the language string strftimedatetimeaccurate: date and time with seconds
    "reportbuilder": "4.0",  # core_reportbuilder\local\entities\base
    "namespaced_quiz": "4.2",  # mod_quiz\quiz_attempt and its kin; the old names end in 5.0
    "namespaced_external": "4.2",  # core_external\*; the old names give notices in 5.3
    "hooks": "4.4",  # core\hook\output\*; the callbacks in lib.php give notices from then on
    "report_default_tables": "4.4",  # get_default_tables() in the place of get_default_table_aliases()
    "phpunit_attributes": "5.0",  # PHPUnit 11 asks for attributes; 9.6, which Moodle has before, knows annotations only
    "quiz_submission_split": "5.0",  # process_submit() and process_grade_submission() in the place of process_finish()
    "bootstrap5": "5.0",  # form-select, mb-3, data-bs-*; the old classes live in a layer until 6.0
}
"""Each fact and the release since which it holds."""


def release(name: str) -> Release:
    """The release called `name`, like `4.5` or `4.5.6`."""
    series = ".".join(name.split(".")[:2])
    for candidate in RELEASES:
        if candidate.name == series:
            return candidate
    known = f"{RELEASES[0].name} to {RELEASES[-1].name}"
    raise BuildError(f"--moodle: there is no Moodle {name!r} here; name one from {known}")


@dataclass(frozen=True)
class Target:
    """A run of releases that one rendered text serves, and what templates may ask of it.

    >>> target = target_for("4.5")
    >>> target.name, target.supported, target.hooks
    ('4.4-4.5', (404, 405), True)
    """

    releases: tuple[Release, ...]

    @property
    def lowest(self) -> str:
        return self.releases[0].name

    @property
    def highest(self) -> str:
        return self.releases[-1].name

    @property
    def name(self) -> str:
        return self.lowest if len(self.releases) == 1 else f"{self.lowest}-{self.highest}"

    @property
    def requires(self) -> int:
        """What `$plugin->requires` says."""
        return self.releases[0].version

    @property
    def supported(self) -> tuple[int, int]:
        """What `$plugin->supported` says: the lowest and the highest branch."""
        return (self.releases[0].branch, self.releases[-1].branch)

    @property
    def php_lowest(self) -> PHP:
        return max(PHP_FLOOR, min(each.php_lowest for each in self.releases))

    @property
    def php_highest(self) -> PHP:
        return max(each.php_highest for each in self.releases)

    @cached_property
    def facts(self) -> dict[str, bool]:
        return {fact: release(since).branch <= self.releases[0].branch for fact, since in FACTS.items()}

    def __getattr__(self, fact: str) -> bool:
        if fact in FACTS:
            return self.facts[fact]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {fact!r}")


def _ranges(releases: Sequence[Release]) -> tuple[Target, ...]:
    def answers(each: Release) -> tuple[bool, ...]:
        return tuple(release(since).branch <= each.branch for since in FACTS.values())

    return tuple(Target(tuple(run)) for _, run in groupby(releases, key=answers))


TARGETS: tuple[Target, ...] = _ranges(RELEASES)


def target_for(name: str) -> Target:
    """The range that holds the release called `name`."""
    wanted = release(name)
    return next(target for target in TARGETS if wanted in target.releases)


def php_name(php: PHP) -> str:
    return f"{php[0]}.{php[1]}"
