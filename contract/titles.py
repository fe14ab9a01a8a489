"""Names shown to people, in each language the plugin ships."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "ru"]
LANGUAGES: tuple[Language, ...] = ("en", "ru")


@dataclass(frozen=True)
class Title:
    """A short text in every language of `LANGUAGES`."""

    en: str
    ru: str

    def in_language(self, language: Language) -> str:
        return self.en if language == "en" else self.ru
