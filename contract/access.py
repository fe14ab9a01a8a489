"""Capabilities of the plugin, as `db/access.php` declares them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from contract.titles import Title


@dataclass(frozen=True)
class Capability:
    """`name` is the part after `availability/examus:`; `archetypes` are the roles that hold it from the start."""

    name: str
    captype: Literal["read", "write"]
    context: Literal["system", "course"]
    archetypes: tuple[str, ...]
    risks: tuple[Literal["personal", "config"], ...]
    title: Title

    def full_name(self, plugin: str = "examus") -> str:
        return f"availability/{plugin}:{self.name}"


LOG_ACCESS = Capability(
    "logaccess",
    "write",
    "system",
    (),
    ("personal", "config"),
    Title("Open the proctoring log", "Открывать журнал прокторинга"),
)
LOG_ACCESS_ALL = Capability(
    "logaccess_all",
    "write",
    "system",
    (),
    ("personal", "config"),
    Title("See the log of all courses", "Видеть журнал всех курсов"),
)
LOG_ACCESS_COURSE = Capability(
    "logaccess_course",
    "read",
    "course",
    ("teacher", "editingteacher"),
    ("personal", "config"),
    Title("See the log of one's own course", "Видеть журнал своего курса"),
)
PROCTOR_AUTH = Capability(
    "proctor_auth", "read", "course", (), ("personal",), Title("Sign in as a proctor", "Входить как проктор")
)
REVIEWER_AUTH = Capability(
    "reviewer_auth", "read", "course", (), ("personal",), Title("Sign in as a reviewer", "Входить как проверяющий")
)
WEBSERVICE = Capability(
    "webservice",
    "write",
    "system",
    (),
    ("personal",),
    Title("Call the plugin's web service functions", "Вызывать функции веб-сервиса плагина"),
)
"""New after v0.8, whose functions asked for no capability at all."""

CAPABILITIES: tuple[Capability, ...] = (
    LOG_ACCESS,
    LOG_ACCESS_ALL,
    LOG_ACCESS_COURSE,
    PROCTOR_AUTH,
    REVIEWER_AUTH,
    WEBSERVICE,
)
