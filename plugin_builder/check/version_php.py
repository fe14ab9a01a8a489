"""What Moodle's upload makes of a version.php: two readings by pattern, neither of which runs it.

The form looks for the component in the raw text. The validator strips comments and whitespace first, then takes only
bare numbers, bare MATURITY_* constants and quoted texts, and of several assignments the last.
"""

from __future__ import annotations

import re

from plugin_builder.check.php_stripped import stripped

MOST_BYTES = 2**19
"""How much of a version.php is looked at; real ones have one or two thousand bytes."""

MOST_COMPONENTS = 1000
"""Beyond, PHP's own pattern gives up on its limits, and finds none."""
MOST_STEPS = 2**25
"""Number of quoted assignments times bytes: beyond, looking for the ends of their quotes would take long."""

_DETECTED = re.compile(rb"""^[^\S\n]*\$plugin->component\s*=\s*(['"])(.[^_\n]*_.+?)\1\s*;""", re.MULTILINE)
_NUMBERS = re.compile(rb"\$((?:plugin|module)->(?:version|maturity|release|requires))=(\d+(?:\.\d+)?);")
_MATURITIES = re.compile(rb"\$((?:plugin|module)->maturity)=(MATURITY_\w+);")
_RELEASES = re.compile(rb"""\$((?:plugin|module)->release)=(['"])(.*?)\2;""")
_COMPONENTS = re.compile(rb"""\$((?:plugin|module)->component)=(['"])(.[^_\n]*_.+?)\2;""")


def detected_component(source: bytes) -> str | None:
    """The component that the upload form finds: only where its pattern matches exactly once."""
    if source.count(b"->component") > MOST_COMPONENTS:
        return None
    found = _DETECTED.findall(source)
    return _text(found[0][1]) if len(found) == 1 else None


def declared(source: bytes) -> dict[str, str]:
    """What the validator reads: `{"plugin->version": "2026112300", ...}`, values as text."""
    found: dict[str, str] = {}
    code = stripped(source)
    if (code.count(b"->component=") + code.count(b"->release=")) * len(code) > MOST_STEPS:
        return found
    for pattern in (_NUMBERS, _MATURITIES, _RELEASES, _COMPONENTS):
        for match in pattern.finditer(code):
            found[_text(match[1])] = _text(match[match.re.groups])
    return found


def _text(found: bytes) -> str:
    return found.decode("utf-8", "replace")
