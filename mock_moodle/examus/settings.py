"""The successor's settings, under the plugin's own name in the site's configuration."""

from __future__ import annotations

from urllib.parse import urlsplit

from contract.panel import WayIn
from contract.wire import COMPONENT
from mock_moodle.admin.setting import CHECKS
from mock_moodle.examus.exam import Exam
from mock_moodle.examus.strings import string
from mock_moodle.site import current

DEFAULT_CODE_SECONDS = 30 * 86_400
USUAL_PORTS = {"http": 80, "https": 443}


def code_lifetime() -> int:
    """Seconds after which an unused access code is worth nothing; 0 keeps it good."""
    stored = current.config("codelifetime", COMPONENT)
    return DEFAULT_CODE_SECONDS if stored is None else max(0, int(stored or 0))


def way_in() -> WayIn:
    value = current.config("wayin", COMPONENT)
    return WayIn(value) if value in {way.value for way in WayIn} else WayIn.PANEL


def way_in_of(exam: Exam) -> WayIn:
    """The exam's own choice, else the site's."""
    return WayIn(exam.way_in) if exam.way_in in {way.value for way in WayIn} else way_in()


def engine_url() -> str:
    return (current.config("engineurl", COMPONENT) or "").strip().rstrip("/")


def origins() -> list[str]:
    """With whom quiz pages may talk: the engine's, and those that the setting names."""
    words = f"{engine_url()} {current.config('origins', COMPONENT) or ''}".replace(",", " ").split()
    return list(dict.fromkeys(origin for word in words if (origin := origin_of(word))))


def origin_of(url: str) -> str | None:
    """`https://engine.example` of any address there; None for what is no web address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in USUAL_PORTS or not parts.hostname:
        return None
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port and port != USUAL_PORTS[parts.scheme] else "")


def problem_of_origins(text: str) -> str:
    """What the plugin says against a list of origins; empty for a good one."""
    strange = next((word for word in text.replace(",", " ").split() if origin_of(word) is None), None)
    return "" if strange is None else string("error_origin", strange)


CHECKS["setting_origins"] = problem_of_origins


def accepts_plain_message() -> bool:
    return current.enabled("acceptplainready", COMPONENT)
