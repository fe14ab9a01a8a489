"""What one exam allows and how heavily it weighs: the part of Moodle's condition that an analysis obeys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.condition import CHEATER_LEVEL, RULES, SCORING, WARNINGS

_WEIGHTS = tuple(scoring for scoring in SCORING if scoring.key != CHEATER_LEVEL)
_THRESHOLD = next(scoring for scoring in SCORING if scoring.key == CHEATER_LEVEL)


@dataclass(frozen=True)
class ExamCondition:
    """Keys are those of `contract.condition`; a key that is absent means its default.

    `weights` run from 0 to 10, None or absent meaning the engine's own weight. `cheater_level`, `attention` and
    `rejected` are scores from 0 to 100; None means the configuration's thresholds.
    """

    rules: Mapping[str, bool] = field(default_factory=dict)
    warnings: Mapping[str, bool] = field(default_factory=dict)
    weights: Mapping[str, int | None] = field(default_factory=dict)
    cheater_level: int | None = None
    attention: int | None = None
    rejected: int | None = None

    @classmethod
    def from_module(
        cls, module: Mapping[str, Any], *, attention: int | None = None, rejected: int | None = None
    ) -> ExamCondition:
        """From one module of `user_proctored_modules`.

        Unknown keys and values that are no numbers are left out, numbers are brought into range. A `cheater_level` of
        0, which an emptied field of v0.8's form becomes, is no level: every clean session would reach it.
        """
        scoring = _mapping(module.get("scoring"))
        return cls(
            rules=_flags(module.get("rules"), (rule.key for rule in RULES)),
            warnings=_flags(module.get("warnings"), (warning.key for warning in WARNINGS)),
            weights={
                weight.key: _within(scoring[weight.key], weight.minimum, weight.maximum)
                for weight in _WEIGHTS
                if weight.key in scoring
            },
            cheater_level=_within(scoring.get(CHEATER_LEVEL), _THRESHOLD.minimum, _THRESHOLD.maximum) or None,
            attention=_within(attention, 0, 100),
            rejected=_within(rejected, 0, 100),
        )

    def allows(self, rule: str) -> bool:
        """Whether the teacher allows what `rule` (a key of `contract.condition.RULES`) names."""
        default = next(known.default for known in RULES if known.key == rule)
        return self.rules.get(rule, default)

    def silences(self, warning: str) -> bool:
        """Whether an allowed rule makes this warning meaningless."""
        return any(warning in rule.silences and self.allows(rule.key) for rule in RULES)

    def shows(self, warning: str) -> bool:
        """Whether the student sees this warning while the exam runs."""
        default = next(known.shown_by_default for known in WARNINGS if known.key == warning)
        return self.warnings.get(warning, default)


def _mapping(value: Any) -> Mapping[str, Any]:
    """PHP writes an empty map as a list."""
    return value if isinstance(value, Mapping) else {}


def _flags(value: Any, known: Any) -> dict[str, bool]:
    given = _mapping(value)
    return {key: bool(given[key]) for key in known if given.get(key) is not None}


def _within(value: Any, minimum: int, maximum: int) -> int | None:
    try:
        return min(maximum, max(minimum, int(value)))
    except (TypeError, ValueError):
        return None
