"""How an exam is to be watched: the restriction's node as stored, read as a service is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contract.condition import RULES, SCHEDULED_MODES, SCORING, WARNINGS, Mode

DEFAULT_DURATION = 60


@dataclass(frozen=True)
class Exam:
    """The node's values in their own types, whatever typing a browser or an older version gave them."""

    duration: int
    mode: str
    scheduling_required: bool
    auto_rescheduling: bool
    rules: dict[str, bool]
    warnings: dict[str, bool]
    scoring: dict[str, int | None]
    groups: tuple[int, ...]
    is_trial: bool
    identification: str | None
    no_protection: bool
    user_agreement_url: str | None
    auxiliary_camera: bool
    custom_rules: str | None
    way_in: str | None
    complete: bool
    """Filled up with defaults, and with the custom rules in the answer, which v0.8 leaves out."""

    def to_answer(self) -> dict[str, Any]:
        """The exam's part of a module in the exam list."""
        return {
            "time_limit_mins": self.duration,
            "mode": self.mode,
            "scheduling_required": self.scheduling_required,
            "auto_rescheduling": self.auto_rescheduling,
            "rules": {**self.rules, "custom_rules": self.custom_rules} if self.complete else self.rules,
            "warnings": self.warnings,
            "scoring": self.scoring,
            "is_proctored": True,
            "identification": self.identification,
            "is_trial": self.is_trial,
            "user_agreement_url": self.user_agreement_url,
            "auxiliary_camera": self.auxiliary_camera,
        }


def read_exam(node: Mapping[str, Any], *, complete: bool) -> Exam:
    """`complete` fills maps up with defaults, as the successor does; v0.8 sends rules and scoring as stored."""
    mode = str(node.get("mode") or Mode.NORMAL.value)
    scheduling = node.get("scheduling_required")
    return Exam(
        duration=_int(node.get("duration"), DEFAULT_DURATION),
        mode=mode,
        scheduling_required=mode in {m.value for m in SCHEDULED_MODES} if scheduling is None else _flag(scheduling),
        auto_rescheduling=_flag(node.get("auto_rescheduling")),
        rules=_rules(node.get("rules"), complete=complete),
        warnings=_warnings(node.get("warnings")),
        scoring=_scoring(node.get("scoring"), complete=complete),
        groups=_groups(node.get("groups")),
        is_trial=_flag(node.get("istrial")),
        identification=_text(node.get("identification"), complete=complete),
        no_protection=_flag(node.get("noprotection")),
        user_agreement_url=_text(node.get("useragreementurl"), complete=complete),
        auxiliary_camera=_flag(node.get("auxiliarycamera")),
        custom_rules=_text(node.get("customrules"), complete=True),
        way_in=_text(node.get("wayin"), complete=True),
        complete=complete,
    )


def _rules(stored: Any, *, complete: bool) -> dict[str, bool]:
    defaults = {rule.key: rule.default for rule in RULES}
    if not isinstance(stored, Mapping):  # absent, null or PHP's empty array
        return defaults
    kept = {key: _flag(value) for key, value in stored.items() if key in defaults}
    return defaults | kept if complete else kept


def _warnings(stored: Any) -> dict[str, bool]:
    given = stored if isinstance(stored, Mapping) else {}
    return {warning.key: _flag(given.get(warning.key, warning.shown_by_default)) for warning in WARNINGS}


def _scoring(stored: Any, *, complete: bool) -> dict[str, int | None]:
    given = stored if isinstance(stored, Mapping) else {}
    scores: dict[str, int | None] = {}
    for key in SCORING:
        value = given.get(key.key, key.default)
        if value is None or (complete and value == ""):
            if complete or key.key in given:
                scores[key.key] = None
        else:
            scores[key.key] = max(key.minimum, min(key.maximum, _int(value, 0)))
    return scores


def _groups(stored: Any) -> tuple[int, ...]:
    values = stored.values() if isinstance(stored, Mapping) else stored if isinstance(stored, list) else ()
    return tuple(_int(value, 0) for value in values)


def _flag(value: Any) -> bool:
    """PHP's (bool): "0" and empty containers are false too."""
    return value not in (None, False, 0, "", "0", [], {})


def _int(value: Any, default: int) -> int:
    if value is None:
        return default
    try:
        return int(float(str(value)))
    except (ValueError, OverflowError):
        return 0


def _text(value: Any, *, complete: bool) -> str | None:
    return None if value is None or (complete and value == "") else str(value)
