"""Tells a good plugin package from a bad one: `check_path("plugin.zip", moodle="4.5")`.

The report says what Moodle's own upload would answer and, beside that, everything else worth mending. Works for every
plugin type, on ZIPs and on folders, and without a Moodle. A hostile archive ends in a finding: nothing is written,
nothing is run.
"""

from plugin_builder.check.checking import check_bytes, check_path
from plugin_builder.check.findings import Finding, Message, Report, Validation
from plugin_builder.check.package import Package

__all__ = ["Finding", "Message", "Package", "Report", "Validation", "check_bytes", "check_path"]
