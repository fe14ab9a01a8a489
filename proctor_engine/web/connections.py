"""How many browsers one web process can take at once."""

from __future__ import annotations

import logging
import sys

log = logging.getLogger(__name__)

MOST = 10_000
"""Browsers that may stay connected to one process. Each keeps a connection open between its frames, and Waitress by
itself lets a hundred-and-first wait until another leaves."""
OWN_FILES = 200
"""What the process itself has open beside connections, with room to spare."""


def prepare() -> int:
    """Lets this process have as many files open as the system grants it; returns for how many browsers that is.

    The usual limit of 1,024 is one for old programs, which each process may raise by itself up to a hard limit.
    """
    if sys.platform == "win32":
        return MOST
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
        except (ValueError, OSError):  # Some systems grant less than the limit that they tell.
            log.warning("the limit of open files stays at %d", soft)
    possible = MOST if soft == resource.RLIM_INFINITY else min(MOST, max(1, soft - OWN_FILES))
    if possible < MOST:
        log.warning("%d files may be open, so that %d browsers can be connected: raise the limit", soft, possible)
    return possible
