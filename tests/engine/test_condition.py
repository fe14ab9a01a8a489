"""What the exam's condition says, in the typings that Moodle gives it."""

from __future__ import annotations

from contract.condition import RULES, WARNINGS
from proctor_engine.condition import ExamCondition


def test_an_empty_condition_means_the_plugins_defaults() -> None:
    for module in ({}, {"rules": [], "warnings": None, "scoring": []}):
        condition = ExamCondition.from_module(module)
        assert all(condition.allows(rule.key) == rule.default for rule in RULES)
        assert all(condition.shows(warning.key) for warning in WARNINGS)
        assert condition.cheater_level is None


def test_a_module_as_the_web_service_lists_it() -> None:
    condition = ExamCondition.from_module(
        {
            "rules": {"allow_voices": True, "custom_rules": "Be kind", "allow_to_dance": True},
            "warnings": {"warning_talk": False},
            "scoring": {"cheater_level": 150, "extra_user": "12", "phone": None, "charm": 5},
        },
        attention=30,
    )
    assert condition.silences("warning_talk")
    assert condition.silences("warning_voice_detected")
    assert not condition.silences("warning_phone")
    assert not condition.shows("warning_talk")
    assert condition.weights == {"extra_user": 10, "phone": None}
    assert (condition.cheater_level, condition.attention) == (100, 30)


def test_emptied_fields_of_the_old_form_mean_nothing() -> None:
    condition = ExamCondition.from_module({"scoring": {"cheater_level": 0, "phone": "", "voice": "loud"}})
    assert condition.cheater_level is None
    assert condition.weights == {"phone": None, "voice": None}
