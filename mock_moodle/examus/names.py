"""Names as Moodle's format_string() gives them: no tags, and a lone ampersand escaped."""

from __future__ import annotations

import re

from mock_moodle.webservice.clean import strip_tags


def formatted(name: str) -> str:
    escaped = re.sub(r"&(?![a-zA-Z0-9#]{1,8};)", "&amp;", name)
    return strip_tags(escaped)
