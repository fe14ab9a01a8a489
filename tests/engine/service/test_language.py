"""Pages speak English and Russian, whole."""

from __future__ import annotations

from pathlib import Path

from actors import Browser
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import proctor_engine.web
from proctor_engine.service import Service

WEB = Path(proctor_engine.web.__file__).parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]


def test_every_text_is_translated_into_russian() -> None:
    with (WEB / "locale" / "ru.po").open("rb") as file:
        russian = read_po(file, locale="ru")
    texts = {found[2] for found in extract_from_dir(WEB, METHODS)}
    missing = []
    for text in texts:
        known = russian.get(text if isinstance(text, str) else text[0])
        if known is None or not all([known.string] if isinstance(known.string, str) else known.string):
            missing.append(text)
    assert missing == []
    assert len(texts) > 200


def test_placeholders_survive_the_translation() -> None:
    with (WEB / "locale" / "ru.po").open("rb") as file:
        assert [list(message.check()) for message in read_po(file, locale="ru") if list(message.check())] == []


def test_the_language_is_chosen_by_link_and_kept(service: Service) -> None:
    browser = Browser(service)
    assert "Войти через Moodle" in browser.get("/?lang=ru").text
    page = browser.get("/").text
    assert '<html lang="ru">' in page
    assert "Войти через Moodle" in page


def test_the_browsers_language_is_heard_and_an_unknown_one_gives_english(service: Service) -> None:
    browser = Browser(service)
    assert "Войти" in browser.get("/", headers={"Accept-Language": "de, ru;q=0.8"}).text
    assert "Sign in with Moodle" in browser.get("/", headers={"Accept-Language": "de"}).text
    assert "Sign in with Moodle" in browser.get("/?lang=xx").text
