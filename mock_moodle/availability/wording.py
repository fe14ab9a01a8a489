"""What a person is told who may not enter, in Moodle's own words: clients show and match them."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from mock_moodle.availability.learner import Names
from mock_moodle.availability.tree import Condition, Failure, Group

ONE_DAY_SECONDS = 86_400
ROOT = {True: "Not available unless:", False: "Not available unless any of:"}
INNER = {True: "All of:", False: "Any of:"}
COMPLETION = {
    (1, False): "The activity {} is marked complete",
    (0, False): "The activity {} is incomplete",
    (2, False): "The activity {} is complete and passed",
    (3, False): "The activity {} is complete and failed",
    (1, True): "The activity {} is incomplete",
    (0, True): "The activity {} is marked complete",
    (2, True): "The activity {} is not complete and passed",
    (3, True): "The activity {} is not complete and failed",
}
PROFILE = {
    ("isequalto", False): "Your {} is {}",
    ("contains", False): "Your {} contains {}",
    ("doesnotcontain", False): "Your {} does not contain {}",
    ("startswith", False): "Your {} starts with {}",
    ("endswith", False): "Your {} ends with {}",
    ("isempty", False): "Your {} is empty",
    ("isnotempty", False): "Your {} is not empty",
    ("isequalto", True): "Your {} is not {}",
    ("contains", True): "Your {} does not contain {}",
    ("doesnotcontain", True): "Your {} contains {}",
    ("startswith", True): "Your {} does not start with {}",
    ("endswith", True): "Your {} does not end with {}",
    ("isempty", True): "Your {} is not empty",
    ("isnotempty", True): "Your {} is empty",
}


def explain(failure: Failure, names: Names) -> str:
    """HTML for one who failed: a sentence for a single reason, a list for several."""
    return _explain(failure, names, root=True)


def explain_all(tree: Group, names: Names) -> str:
    """HTML that tells the staff every restriction, met or not."""
    return explain(_as_failure(tree, negated=False), names)


def _as_failure(node: Condition | Group, *, negated: bool) -> Failure:
    if isinstance(node, Condition):
        return Failure(node, negated)
    child_negated = negated != node.operator.startswith("!")
    return Failure(
        all_needed=node.operator.endswith("&") != child_negated,
        parts=tuple(_as_failure(child, negated=child_negated) for child in node.children),
    )


def _explain(failure: Failure, names: Names, *, root: bool) -> str:
    if failure.condition is not None:
        node = failure.condition.node
        return (_standalone if root else _sentence)(node, names, negated=failure.negated)
    if len(failure.parts) == 1:
        return _explain(failure.parts[0], names, root=root)
    heading = (ROOT if root else INNER)[failure.all_needed]
    items = "".join(f"<li>{_explain(part, names, root=False)}</li>" for part in failure.parts)
    return f"{heading} <ul>{items}</ul>"


def _strong(text: str) -> str:
    return f"<strong>{escape(text, quote=False)}</strong>"


def _standalone(node: Mapping[str, Any], names: Names, *, negated: bool) -> str:
    """The only reason there is. A date has a sentence of its own for that."""
    if node["type"] == "date":
        opens = (node.get("d") == ">=") != negated
        return f"Available {'from' if opens else 'until'} {_date(node, names, opens=opens)}"
    return f"{ROOT[True]} {_sentence(node, names, negated=negated)}"


def _date(node: Mapping[str, Any], names: Names, *, opens: bool) -> str:
    """An activity that closes at midnight closes at the end of the day before, as people say."""
    timestamp = int(node["t"])
    if not opens and names.is_midnight(timestamp):
        return f"end of {_strong(names.date(timestamp - ONE_DAY_SECONDS))}"
    return _strong(names.date(timestamp))


def _sentence(node: Mapping[str, Any], names: Names, *, negated: bool) -> str:
    type_ = node["type"]
    if type_ == "date":
        opens = (node.get("d") == ">=") != negated
        return f"It is {'on or after' if opens else 'before'} {_date(node, names, opens=opens)}"
    if type_ == "group":
        belong = "You do not belong to" if negated else "You belong to"
        return f"{belong} {_strong(names.group(int(node['id'])))}" if node.get("id") else f"{belong} any group"
    if type_ == "grouping":
        belong = "You do not belong to" if negated else "You belong to"
        return f"{belong} a group in {_strong(names.grouping(int(node.get('id') or 0)))}"
    if type_ == "completion":
        cmid = int(node["cm"])
        name = "the previous activity" if cmid == -1 else _strong(names.module(cmid))
        return COMPLETION[int(node.get("e", 1)), negated].format(name)
    if type_ == "grade":
        return _grade(node, names, negated=negated)
    if type_ == "profile":
        field = str(node.get("sf") or node.get("cf") or "")
        template = PROFILE.get((str(node.get("op")), negated), "Your {} is {}")
        return template.format(_strong(names.profile_field(field)), _strong(str(node.get("v") or "")))
    return names.plugin_condition(node, negated=negated)


def _grade(node: Mapping[str, Any], names: Names, *, negated: bool) -> str:
    """Moodle does not give the limits away."""
    name = _strong(names.grade_item(int(node["id"])))
    has_min, has_max = "min" in node, "max" in node
    if negated:
        return (
            f"You do not get certain scores in {name}" if has_min or has_max else f"You do not have a grade in {name}"
        )
    if has_min and has_max:
        return f"You get a particular score in {name}"
    if has_min:
        return f"You achieve higher than a certain score in {name}"
    if has_max:
        return f"You achieve lower than a certain score in {name}"
    return f"You have a grade in {name}"
