"""Every text that the plugin shows exists, in every language, in the order that Moodle's code style asks for."""

from __future__ import annotations

import re

import pytest

from contract.titles import LANGUAGES

_DEFINED = re.compile(r"^\$string\['([^']+)'\] = '((?:[^'\\]|\\.)*)';$", re.MULTILINE)
_USED = (
    re.compile(r"get_string\(\s*'([\w:]+)',\s*(?:'availability_examus'|\$name)"),
    re.compile(r"moodle_exception\(\s*'([\w:]+)',\s*'availability_examus'"),
    re.compile(r"\{\{#str\}\}([\w:]+), availability_examus"),
    re.compile(r"self\.text\('(\w+)'\)|this\.text\('(\w+)'\)"),
    re.compile(r"availability_examus:(error_\w+)'"),
)


def _strings(files: dict[str, str], language: str) -> dict[str, str]:
    return dict(_DEFINED.findall(files[f"lang/{language}/availability_examus.php"]))


def test_every_string_that_is_used_is_defined(files: dict[str, str]) -> None:
    defined = _strings(files, "en")
    used = {
        "".join(found) if isinstance(found, tuple) else found
        for name, text in files.items()
        for pattern in _USED
        for found in pattern.findall(text)
    }
    assert len(used) > 70, "the patterns find what the code uses"
    assert used - defined.keys() == set()


def test_the_form_has_every_string_before_it_asks(files: dict[str, str]) -> None:
    """A string that the page has not been given shows as its name in brackets."""
    literal = re.compile(r"'(\w+)'")
    form, frontend = files["yui/src/form/js/form.js"], files["classes/frontend.php"]
    given = frontend.split("function get_javascript_strings", 1)[1].split("function ", 1)[0]
    asked = set(re.findall(r"(?:text|get_string)\('(\w+)'[,)]", form)) | set(re.findall(r"string: '(\w+)'", form))
    asked |= set(re.findall(r"flag\('\w+', '(\w+)'", form)) | set(re.findall(r"'(error_\w+)'", form))
    assert len(asked) > 20, "the patterns find what the form asks for"
    assert asked - set(literal.findall(given)) == set()


def test_each_language_has_the_same_strings_with_the_same_places(files: dict[str, str]) -> None:
    english = _strings(files, "en")
    for language in LANGUAGES:
        other = _strings(files, language)
        assert other.keys() == english.keys()
        for key, text in other.items():
            assert text.strip(), key
            assert ("{$a}" in text) == ("{$a}" in english[key]), f"{language}: {key}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_strings_stand_in_alphabetical_order(files: dict[str, str], language: str) -> None:
    keys = list(_strings(files, language))
    assert keys == sorted(keys)


def test_russian_strings_are_russian(files: dict[str, str]) -> None:
    plain = {key for key, text in _strings(files, "ru").items() if not re.search("[а-яА-Я]", text)}
    assert plain <= {"title", "error_push"}
