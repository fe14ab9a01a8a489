"""What is wrong with the restriction as a form sends it: the plugin of this repository says so, v0.8 takes anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from contract.condition import (
    CUSTOM_RULES_LENGTH,
    DURATION_STEP_MINUTES,
    IDENTIFICATION_TITLES,
    MODE_TITLES,
    SCORING,
)
from contract.panel import WayIn
from mock_moodle.examus.strings import string

MODES = {mode.value for mode in MODE_TITLES}
IDENTIFICATIONS = {"", *(value.value for value in IDENTIFICATION_TITLES)}
WAYS_IN = {"", *(way.value for way in WayIn)}


def problems(node: Mapping[str, Any]) -> list[str]:
    """Messages for the form. As in PHP, what is null is as if it were not there."""
    url, rules = _given(node, "useragreementurl"), _given(node, "customrules")
    wrong = {
        "error_setduration": not _is_duration(node.get("duration")),
        "error_choice": not (
            _is_one_of(node.get("mode"), MODES)
            and _is_one_of(_given(node, "identification"), IDENTIFICATIONS)
            and _is_one_of(_given(node, "wayin"), WAYS_IN)
        ),
        "error_agreementurl": url != "" and not (isinstance(url, str) and re.match(r"https?://\S+$", url, re.I)),
        "error_customrules": not (isinstance(rules, str) and len(rules) <= CUSTOM_RULES_LENGTH),
        "error_scoring": not _is_scoring(node.get("scoring")),
    }
    return [string(name) for name, is_wrong in wrong.items() if is_wrong]


def _given(node: Mapping[str, Any], key: str) -> Any:
    return "" if node.get(key) is None else node[key]


def _is_one_of(value: Any, choices: set[str]) -> bool:
    return isinstance(value, str) and value in choices


def _is_duration(value: Any) -> bool:
    if isinstance(value, str) and re.fullmatch("[0-9]{1,18}", value):
        value = int(value)
    return type(value) is int and value > 0 and value % DURATION_STEP_MINUTES == 0


def _is_scoring(scores: Any) -> bool:
    if not isinstance(scores, Mapping):
        return True  # PHP's cast to an array gives no known key
    given = [(key, scores[key.key]) for key in SCORING if scores.get(key.key) is not None]
    return all(type(score) is int and key.minimum <= score <= key.maximum for key, score in given)
