"""Which language a page speaks, and its texts: gettext catalogues in `locale/`, compiled when the service starts."""

from __future__ import annotations

import io
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from babel import Locale, negotiate_locale
from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, request
from flask import session as browser

from contract.titles import LANGUAGES, Language

LOCALE = Path(__file__).parent / "locale"


def install(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, lambda one, many, count: _catalogue(current()).ungettext(one, many, count), newstyle=True
    )
    app.context_processor(lambda: {"language": current(), "query": _query})
    app.jinja_env.filters["moment"] = moment


def _query(**values: str) -> str:
    """The query of this request with some values changed."""
    return urlencode({**request.args.to_dict(), **values})


def current() -> Language:
    """The choice made on our pages, else Moodle's, else the browser's."""
    if "language" not in g:
        chosen = request.args.get("lang") or browser.get("language") or (browser.get("profile") or {}).get("lang")
        chosen = known(chosen or "")
        if chosen is None:
            accepted = [value.replace("_", "-") for value in request.accept_languages.values()]
            chosen = negotiate_locale(accepted, list(LANGUAGES), sep="-") or "en"
        if request.args.get("lang") == chosen:
            browser["language"] = chosen
        g.language = chosen
    language: Language = g.language
    return language


def known(code: str) -> Language | None:
    """A language of ours for Moodle's code of one, which may name a variant, such as `en_us`."""
    return next((language for language in LANGUAGES if code.partition("_")[0] == language), None)


def gettext(text: str) -> str:
    return str(_catalogue(current()).ugettext(text))


def locale() -> Locale:
    return Locale.parse(current())


def moment(value: str | None) -> str:
    """A time in ISO 8601 as people write it. In UTC: a file is read wherever it is sent."""
    if not value:
        return "–"
    return format_datetime(datetime.fromisoformat(value), "d MMM y, HH:mm 'UTC'", timezone.utc, locale())


@cache
def _catalogue(language: Language) -> NullTranslations:
    source = LOCALE / f"{language}.po"
    if not source.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)
