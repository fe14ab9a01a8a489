"""The journal: the latest exchanges, to filter, to count and to wait for.

journal.find(function="core_webservice_get_site_info", status=200)
journal.wait_for(path="/mod/quiz/view.php", timeout=5)         # the exchange, or TimeoutError
"""

from __future__ import annotations

import threading
import time
from collections import deque
from fnmatch import fnmatchcase
from typing import Any

from mock_moodle.control.exchange import Exchange

KEPT = 1000
"""Exchanges; older ones are forgotten."""

FILTERS = ("method", "path", "function", "status", "after")


class Journal:
    def __init__(self) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=KEPT)
        self._arrived = threading.Condition()
        self._last = 0

    def next_id(self) -> int:
        with self._arrived:
            self._last += 1
            return self._last

    def record(self, exchange: Exchange) -> None:
        with self._arrived:
            self._exchanges.append(exchange)
            self._arrived.notify_all()

    def clear(self) -> None:
        with self._arrived:
            self._exchanges.clear()

    def find(self, **wanted: Any) -> list[Exchange]:
        """Oldest first. `path` and `function` may hold wildcards, `after` is the id of the last exchange already known,
        and any other keyword names a parameter of the request that must have that value."""
        with self._arrived:
            exchanges = list(self._exchanges)
        return [exchange for exchange in exchanges if _matches(exchange, wanted)]

    def count(self, **wanted: Any) -> int:
        return len(self.find(**wanted))

    def wait_for(self, *, count: int = 1, timeout: float = 5.0, **wanted: Any) -> list[Exchange]:
        """Blocks until `count` exchanges match; TimeoutError after `timeout` seconds, which names what came instead."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            while True:
                found = [exchange for exchange in self._exchanges if _matches(exchange, wanted)]
                if len(found) >= count:
                    return found
                left = deadline - time.monotonic()
                if left <= 0 or not self._arrived.wait(left):
                    seen = ", ".join(
                        f"{each.method} {each.function or each.path}" for each in list(self._exchanges)[-5:]
                    )
                    raise TimeoutError(
                        f"{len(found)} of {count} requests like {wanted} within {timeout:g} s;"
                        f" the latest were: {seen or 'none'}"
                    )


def _matches(exchange: Exchange, wanted: dict[str, Any]) -> bool:
    for name, value in wanted.items():
        if name == "after":
            if exchange.id <= int(value):
                return False
        elif name == "status":
            if exchange.status != int(value):
                return False
        elif name == "method":
            if exchange.method != str(value).upper():
                return False
        elif name in ("path", "function"):
            if not fnmatchcase(getattr(exchange, name) or "", str(value)):
                return False
        elif exchange.parameters.get(name) != str(value):
            return False
    return True
