"""One request and what it was answered, as the journal keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

KEPT_BYTES = 65_536
"""Of a body; the rest of a larger one is not kept."""

FORM = "application/x-www-form-urlencoded"


@dataclass
class Exchange:
    """`at` is the site's clock in epoch seconds, `seconds` how long the answer took; `notes` say what the mock left
    out."""

    id: int
    at: float
    method: str
    path: str
    query: str
    request_headers: dict[str, str]
    request_body: bytes
    status: int = 0
    response_headers: list[tuple[str, str]] = field(default_factory=list)
    response_body: bytes = b""
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def parameters(self) -> dict[str, str]:
        """Of query and form together, as sent; the form wins."""
        return dict(
            [*parse_qsl(self.query, keep_blank_values=True), *form_pairs(self.request_headers, self.request_body)]
        )

    @property
    def function(self) -> str | None:
        """The web-service function, if it was a call of one."""
        return self.parameters.get("wsfunction") if self.path.endswith("/server.php") else None

    def as_dict(self) -> dict[str, Any]:
        """For JSON; bodies as text."""
        return {
            "id": self.id,
            "at": self.at,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "parameters": self.parameters,
            "function": self.function,
            "request_headers": self.request_headers,
            "request_body": self.request_body.decode("utf-8", "replace"),
            "status": self.status,
            "response_headers": dict(self.response_headers),
            "response_body": self.response_body.decode("utf-8", "replace"),
            "seconds": round(self.seconds, 6),
            "notes": self.notes,
        }


def form_pairs(headers: dict[str, str], body: bytes) -> list[tuple[str, str]]:
    if not headers.get("Content-Type", "").startswith(FORM):
        return []
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def headers_of(environ: dict[str, Any]) -> dict[str, str]:
    """Request headers of a WSGI environment, with their usual capitals."""
    found = {name[5:].replace("_", "-").title(): value for name, value in environ.items() if name.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        found["Content-Type"] = environ["CONTENT_TYPE"]
    return found
