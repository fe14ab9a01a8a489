"""What Moodle's validation page writes about a ZIP, in Moodle's words."""

from __future__ import annotations

import json
from collections.abc import Iterator

from plugin_builder.check import Message, Report

NAMES = {
    "componentmismatchname": "Plugin name mismatch",
    "componentmismatchtype": "Plugin type mismatch",
    "filenotexists": "Extracted file not found",
    "filesnumber": "Not enough files found in the package",
    "filestatus": "Unable to extract all files",
    "maturity": "Declared maturity level",
    "missingcomponent": "Plugin does not declare its component name",
    "missingexpectedlangenfile": "English language file name mismatch",
    "missinglangenfile": "No English language file found",
    "missinglangenfolder": "Missing English language folder",
    "missingversion": "Plugin does not declare its version",
    "missingversionphp": "File version.php not found",
    "multiplelangenfiles": "Multiple English language files found",
    "onedir": "Invalid structure of the ZIP package.",
    "pluginversiontoolow": "A higher version of this plugin is already installed",
    "requiresmoodle": "Required Moodle version",
    "rootdirinvalid": "Invalid plugin name",
    "targetexists": "Target location already exists and will be removed",
    "unknowntype": "Unknown plugin type",
    "versionphpsyntax": "Unsupported syntax detected in version.php file",
}
"""Of what is told without debugging."""
LEVELS = {"error": "Error", "warning": "Warning"}
DETAILS = {
    "componentmismatchname": "The plugin declares its name is '{0}' but that does not match the name of the root"
    " directory.",
    "componentmismatchtype": "Expected type '{0[expected]}' but the plugin declares its type is '{0[found]}'.",
    "filestatus": "Attempting to extract file {0[file]} resulted in error '{0[status]}'.",
    "missingexpectedlangenfile": "The given plugin type is missing the expected English language file {0}.",
}


def shows(report: Report) -> bool:
    """Whether it is for the validation page to refuse the ZIP; what is wrong before, the upload form tells."""
    return report.validation.stage == "validator"


def component_of(report: Report) -> str:
    """Of a ZIP that got past the upload form."""
    return (report.package.component if report.package else None) or ""


def console(component: str, report: Report) -> Iterator[tuple[bool, str]]:
    """The page's lines, and whether each is a warning, which is printed bold."""
    passed = report.validation.verdict == "pass"
    yield False, f"Validating {component} ... {'OK' if passed else 'Error'}"
    for message in report.validation.messages:
        if message.level in LEVELS:
            yield message.level == "warning", f"  [{LEVELS[message.level]}] {_line(message)}"
    if passed:
        yield False, ""
    yield (
        False,
        (
            "Validation successful, installation can continue"
            if passed
            else "Installation aborted due to validation failure"
        ),
    )


def _line(message: Message) -> str:
    name, info = NAMES.get(message.code, message.code), message.info
    if info is not None and message.code in DETAILS:
        return f"{name} [{DETAILS[message.code].format(info)}]"
    return f"{name} [{info if isinstance(info, str) else json.dumps(info)}]"
