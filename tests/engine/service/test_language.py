"""Pages speak English and Russian, whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from actors import Browser, Candidate
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

import proctor_engine
from proctor_engine.service import Service

ENGINE = Path(proctor_engine.__file__).parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
REFUSALS = {
    "abort": (2,),
    **dict.fromkeys(
        ("WrongStateError", "ElsewhereError", "ChunkRefusedError", "SecondReviewerError", "SlotError", "TicketError")
    ),
}
"""Calls whose text is translated where the answer is made."""


def texts() -> set[str | tuple[str, ...]]:
    """All that a person may read on our pages and in the answers to them."""
    found: set[str | tuple[str, ...]] = set()
    for folder in ("web", "store", "tasks", "lms"):
        found |= {one[2] for one in extract_from_dir(ENGINE / folder, METHODS, keywords=DEFAULT_KEYWORDS | REFUSALS)}
    return found


def test_every_text_is_translated_into_russian() -> None:
    with (ENGINE / "web" / "locale" / "ru.po").open("rb") as file:
        russian = read_po(file, locale="ru")
    missing = []
    for text in texts():
        known = russian.get(text if isinstance(text, str) else text[0])
        if known is None or not all([known.string] if isinstance(known.string, str) else known.string):
            missing.append(text)
    assert missing == []
    assert len(texts()) > 300


def test_placeholders_survive_the_translation() -> None:
    with (ENGINE / "web" / "locale" / "ru.po").open("rb") as file:
        russian = read_po(file, locale="ru")
    assert [list(message.check()) for message in russian if list(message.check())] == []
    for message in russian:
        if isinstance(message.id, str) and message.id:
            assert message.id.count("{") == str(message.string).count("{"), message.id


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


def test_refusals_are_said_in_the_readers_language(begin: Callable[..., Candidate]) -> None:
    ann = begin()
    ann.post("finish")
    ann.browser.get("/exams?lang=ru")
    assert ann.events(time=0).json["error"] == "экзамен: закончен"
    assert "такой сессии нет" in ann.browser.get("/room/nothing").text
    assert "Такой страницы нет." in ann.browser.get("/nowhere").text
    unknown = ann.browser.post("/api/sessions", json={"access_code": "x" * 32, "consent": True})
    assert unknown.json["error"].startswith("Этот экзамен вам сейчас не назначен.")
