from __future__ import annotations

from itertools import pairwise

import pytest

from plugin_builder.errors import BuildError
from plugin_builder.render import TEMPLATES
from plugin_builder.targets import FACTS, RELEASES, TARGETS, release, target_for


def test_every_release_belongs_to_exactly_one_range_in_order() -> None:
    assert [each for target in TARGETS for each in target.releases] == list(RELEASES)


def test_neighbouring_ranges_differ_in_a_fact() -> None:
    for before, after in pairwise(TARGETS):
        assert before.facts != after.facts


def test_within_a_range_no_fact_changes() -> None:
    for target in TARGETS:
        for since in FACTS.values():
            inside = [each.name for each in target.releases[1:]]
            assert since not in inside, f"{since} begins inside {target.name}"


def test_branches_compare_as_moodle_compares_them() -> None:
    branches = [each.branch for each in RELEASES]
    assert branches == sorted(branches)
    assert release("3.10").branch == 310


@pytest.mark.parametrize(
    ("moodle", "hooks", "namespaced_quiz", "bootstrap5"),
    [
        ("3.6", False, False, False),
        ("4.3", False, True, False),
        ("4.5.6", True, True, False),
        ("5.1", True, True, True),
    ],
)
def test_facts_of_a_release(moodle: str, hooks: bool, namespaced_quiz: bool, bootstrap5: bool) -> None:
    target = target_for(moodle)
    assert (target.hooks, target.namespaced_quiz, target.bootstrap5) == (hooks, namespaced_quiz, bootstrap5)


def test_php_of_a_range_spans_its_releases() -> None:
    assert target_for("4.5").php_lowest == (8, 1)
    assert target_for("4.5").php_highest == (8, 3)
    assert target_for("3.6").php_lowest == (7, 1), "nullable types need 7.1"


@pytest.mark.parametrize("name", ["3.5", "4.6", "6", "4", "", "four"])
def test_an_unknown_release_is_named_with_a_mend(name: str) -> None:
    with pytest.raises(BuildError, match=r"name one from 3\.6 to 5\.3"):
        target_for(name)


def test_every_fact_is_asked_by_a_template() -> None:
    """Or else it would keep two ranges apart whose texts are the same."""
    templates = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.j2"))
    assert [fact for fact in FACTS if f"target.{fact}" not in templates] == []
