"""Incidents to points: every term can be worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.condition import WARNINGS
from contract.entry import CONCLUSIONS, Status
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import Configuration, default_configuration
from proctor_engine.incidents import Incident
from proctor_engine.incidents.rules import REPORTED, is_scored
from proctor_engine.scoring import score


def incident(kind: str, start: float, end: float, confidence: float = 1.0) -> Incident:
    return Incident(1, kind, REPORTED, start, end, False, confidence, is_scored(kind, REPORTED))


def test_a_term_is_weight_times_incidents_and_minutes(configuration: Configuration) -> None:
    away = [incident("warning_avert_eyes", 0, 30), incident("warning_avert_eyes", 60, 90, 0.5)]
    result = score(away, ExamCondition(weights={"look_away": 4}), configuration.scoring)
    [term] = result.terms
    amount = configuration.scoring.keys["look_away"]
    assert (term.weight, term.incidents, term.seconds) == (4, 1.5, 45.0)
    assert term.points == pytest.approx(4 * (1.5 * amount.per_incident + 0.75 * amount.per_minute), abs=0.05)
    assert result.value == int(term.points + 0.5)
    assert str(term).startswith("look_away: 4 x (1.5 incidents")


def test_one_certain_substitution_is_suspicious_by_itself(configuration: Configuration) -> None:
    result = score([incident("warning_substitution_user", 10, 20)], ExamCondition(), configuration.scoring)
    assert result.conclusion is Status.SUSPICIOUS


def test_a_weight_of_zero_silences_a_sign(configuration: Configuration) -> None:
    seen = [incident("warning_phone", 0, 3600)]
    assert score(seen, ExamCondition(weights={"phone": 0}), configuration.scoring).value == 0


def test_the_conditions_thresholds_win(configuration: Configuration) -> None:
    seen = [incident("warning_phone", 0, 1)]
    points = score(seen, ExamCondition(), configuration.scoring).value
    assert 0 < points < configuration.scoring.attention
    strict = ExamCondition(attention=points, rejected=100)
    assert score(seen, strict, configuration.scoring).conclusion is Status.SUSPICIOUS
    assert score(seen, ExamCondition(cheater_level=points), configuration.scoring).conclusion is Status.RULES_VIOLATION


@given(
    st.lists(
        st.builds(
            incident,
            st.sampled_from([warning.key for warning in WARNINGS if warning.technical]),
            st.floats(0, 1e4),
            st.floats(1e4, 1e5),
        )
    )
)
def test_technical_faults_never_raise_the_score(faults: list[Incident]) -> None:
    assert score(faults, ExamCondition(), default_configuration().scoring).value == 0


@given(
    st.lists(
        st.builds(
            incident,
            st.sampled_from([warning.key for warning in WARNINGS]),
            st.floats(0, 1e4),
            st.floats(1e4, 1e5),
            st.floats(0, 1),
        ),
        max_size=20,
    )
)
def test_more_incidents_never_lower_the_score_and_it_stays_in_range(incidents: list[Incident]) -> None:
    settings = default_configuration().scoring
    values = [score(incidents[:count], ExamCondition(), settings) for count in range(len(incidents) + 1)]
    assert [result.value for result in values] == sorted(result.value for result in values)
    assert all(0 <= result.value <= 100 and result.conclusion in CONCLUSIONS for result in values)
