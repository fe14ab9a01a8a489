"""HTML that somebody wrote, without what could do harm to whoever reads it."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

KEPT = (
    "a", "b", "blockquote", "br", "code", "div", "em", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p", "pre", "s",
    "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
)  # fmt: skip
DROPPED_WITH_CONTENT = ("script", "style", "iframe", "object")


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.inside = ""
        """The element that is left out at the moment."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.inside:
            return
        if tag in DROPPED_WITH_CONTENT:
            self.inside = tag
        elif tag in KEPT:
            href = next((value or "" for name, value in attrs if name == "href"), "") if tag == "a" else ""
            web = href.startswith(("http://", "https://", "mailto:"))
            self.out.append(f'<{tag} href="{escape(href)}">' if web else f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.inside:
            self.inside = ""
        elif not self.inside and tag in KEPT and tag not in ("br", "hr"):
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.out.append(escape(data, quote=False))


def cleaned_html(html: str) -> str:
    """What remains are harmless elements without attributes, but for the addresses of links."""
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    return "".join(cleaner.out)
