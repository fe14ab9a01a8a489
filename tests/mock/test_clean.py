"""What PARAM_* types leave of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.webservice import ParamType
from mock_moodle.webservice.clean import CLEANERS, clean_param, is_clean


@pytest.mark.parametrize(
    ("param", "given_text", "cleaned"),
    [
        ("alpha", "a1-b_", "ab"),
        ("alphanumext", "a1-b_ c", "a1-b_c"),
        ("text", "a <b>bold</b> < 3", "a bold < 3"),
        ("text", "an <unclosed", "an "),
        ("notags", "<script>x</script>", "x"),
        ("raw_trimmed", "  a ", "a"),
        ("sequence", "1,2;3", "1,23"),
        ("username", "An Na!@x", "anna@x"),
        ("email", "a@b.c", "a@b.c"),
        ("email", "no address", ""),
        ("component", "mod_quiz", "mod_quiz"),
        ("component", "mod__quiz", ""),
        ("url", "https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
        ("url", "/course/view.php?id=2", "/course/view.php?id=2"),
        ("url", "javascript:alert(1)", ""),
        ("timezone", "Europe/Berlin", "Europe/Berlin"),
        ("timezone", "Nowhere/At all", ""),
        ("path", "/a/../b//c", "/a/b/c"),
        ("file", "a/b:c.txt", "abc.txt"),
        ("bool", "yes", 1),
        ("bool", "off", 0),
    ],
)
def test_each_type_keeps_what_it_allows(param: ParamType, given_text: str, cleaned: object) -> None:
    assert clean_param(given_text, param) == cleaned


@pytest.mark.parametrize(("text", "clean"), [("1.5", True), ("-.5", True), ("1e3", True), ("1,5", False), ("", False)])
def test_a_float_is_asked_for_its_form_not_its_precision(text: str, clean: bool) -> None:
    assert is_clean(text, "float") is clean


@given(st.sampled_from(sorted(CLEANERS.keys() - {"capability"})), st.text(max_size=40))  # that one asks the site
def test_what_is_clean_stays_clean(param: ParamType, text: str) -> None:
    once = clean_param(text, param)
    if isinstance(once, str) and param not in ("text", "notags", "file", "path"):
        assert clean_param(once, param) == once


@given(st.text(max_size=60))
def test_no_tag_survives_text(text: str) -> None:
    assert "<script>" not in str(clean_param(text + "<script>", "text"))
