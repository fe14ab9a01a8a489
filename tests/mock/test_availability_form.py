"""What an activity's form may send as its restrictions, and in which words the rest is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mock.campus import CONDITION, EXAM, Campus, Page

from contract.condition import CUSTOM_RULES_LENGTH
from mock_moodle.store.core import CourseModule

DATE = {"type": "date", "d": ">=", "t": 1}


def tree(*children: Any, **more: Any) -> dict[str, Any]:
    return {"op": "&", "c": list(children), "showc": [True] * len(children), **more}


def save(campus: Campus, sent: Any) -> Page:
    admin = campus.sign_in("admin")
    text = sent if isinstance(sent, str) else json.dumps(sent)
    form = admin.get("/course/modedit.php", update=EXAM)
    return admin.follow(
        admin.submit(form, "#mform1", {"availabilityconditionsjson": text, "name": "Saved"}, press="submitbutton")
    )


def kept(campus: Campus) -> tuple[str, Any]:
    with campus.site.visit(write=False) as visit:
        cm = visit.session.get_one(CourseModule, EXAM)
        return cm.name, cm.availability


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("{", "Invalid JSON from availabilityconditionsjson field"),
        ("[]", "Invalid JSON from availabilityconditionsjson field"),
        ('{"op":"&","c":[],"showc":[],"x":NaN}', "Invalid JSON from availabilityconditionsjson field"),
        ("[" * 9999, "Invalid JSON from availabilityconditionsjson field"),
        ("5", "Invalid availability structure (not object)"),
        ({"c": []}, "Invalid availability structure (missing ->op)"),
        ({"op": "?", "c": []}, "Invalid availability structure (unknown ->op)"),
        ({"op": "&", "c": []}, "Invalid availability structure (missing ->showc)"),
        ({"op": "&", "c": [], "showc": True}, "Invalid availability structure (->showc not array)"),
        ({"op": "&", "c": [DATE], "showc": [1]}, "Invalid availability structure (->showc value not bool)"),
        ({"op": "&", "c": [DATE], "showc": []}, "Invalid availability structure (->c, ->showc mismatch)"),
        ({"op": "|", "c": [DATE]}, "Invalid availability structure (missing ->show)"),
        ({"op": "|", "c": [DATE], "show": 1}, "Invalid availability structure (->show not bool)"),
        ({"op": "|", "show": True}, "Invalid availability structure (missing ->c)"),
        ({"op": "|", "show": True, "c": {}}, "Invalid availability structure (->c not array)"),
        (tree(1), "Invalid availability structure (child not object)"),
        (tree({"x": 1}), "Invalid availability structure (missing ->op)"),
        (tree({"type": "moon"}), "Unknown condition type: moon"),
        (tree({"type": "date", "d": "=", "t": 1}), "Missing or invalid ->d for date condition"),
    ],
)
def test_what_is_no_tree_is_a_coding_error(campus: Campus, sent: Any, told: str) -> None:
    before = kept(campus)
    page = save(campus, sent)
    assert f"Coding error detected, it must be fixed by a programmer: {told}" in page.text
    assert kept(campus) == before


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"duration": 0}, "multiple of 30 minutes"),
        ({"duration": ""}, "multiple of 30 minutes"),
        ({"duration": 31}, "multiple of 30 minutes"),
        ({"duration": True}, "multiple of 30 minutes"),
        ({"mode": "nobody"}, "Choose the mode"),
        ({"mode": None}, "Choose the mode"),
        ({"identification": ["face"]}, "Choose the mode"),
        ({"wayin": "window"}, "Choose the mode"),
        ({"useragreementurl": "javascript:alert(1)"}, "must begin with http"),
        ({"customrules": "я" * (CUSTOM_RULES_LENGTH + 1)}, "shorten them"),
        ({"scoring": {"voice": 11}}, "whole numbers within the limits"),
        ({"scoring": {"voice": "1"}}, "whole numbers within the limits"),
    ],
)
def test_the_plugin_refuses_what_cannot_be_chosen(campus: Campus, changed: dict[str, Any], told: str) -> None:
    before = kept(campus)
    page = save(campus, tree({"op": "|", "c": [CONDITION | changed]}))
    assert told in page.text
    assert page.form("[name=name]")["value"] == "Saved"  # the form is shown again, as it was filled in
    assert kept(campus) == before


def test_the_predecessor_takes_anything(campus_v08: Campus) -> None:
    sent = tree(CONDITION | {"duration": 31, "mode": "nobody"})
    save(campus_v08, sent)
    assert kept(campus_v08) == ("Saved", sent)


def test_what_the_form_s_script_complains_of_is_told(campus: Campus) -> None:
    wrong = ["availability_group:error_selectgroup", "availability_moon:error_full"]
    page = save(campus, tree({"type": "group"}, errors=wrong))
    assert "You must select a group. [[error_full]]" in page.text


@pytest.mark.parametrize("sent", [tree(CONDITION), tree({"op": "!|", "c": [DATE, CONDITION]}), ""])
def test_good_restrictions_are_kept(campus: Campus, sent: Any) -> None:
    save(campus, sent)
    assert kept(campus) == ("Saved", sent or None)


def test_an_empty_tree_is_no_restriction(campus: Campus) -> None:
    save(campus, tree())
    assert kept(campus) == ("Saved", None)


def test_the_message_stands_at_its_field(campus: Campus) -> None:
    page = save(campus, tree(CONDITION | {"duration": 0}))
    field = page.form("[name=availabilityconditionsjson]")
    assert "is-invalid" in field["class"]
    described = page.soup.find(id=field["aria-describedby"])
    assert described is not None
    assert "30 minutes" in described.get_text()
