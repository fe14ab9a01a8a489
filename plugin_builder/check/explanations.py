"""Moodle's codes in words, with the place and the mend."""

from __future__ import annotations

from typing import Any

from plugin_builder.check.components import language_file
from plugin_builder.check.findings import Finding, Validation
from plugin_builder.check.package import Package

_VERSION = "version.php"

_TEXTS: dict[str, tuple[str | None, str, str]] = {
    "upload_error_invalid_file": (None, "The file is empty, or nothing but NUL bytes.", "Build the ZIP again."),
    "invalidfiletype": (None, "Moodle's file picker takes only names that end in .zip.", "Rename the file."),
    "err_wrongfileextension": (None, "Moodle's upload form takes only names that end in .zip.", "Rename the file."),
    "zip_not_valid_plugin_package_page": (
        None,
        "Moodle sees no plugin package: the archive must be a readable ZIP with one folder at its top.",
        "Zip the plugin's folder, nothing beside it.",
    ),
    "typedetectionfailed": (
        _VERSION,
        "Moodle finds no component: exactly one line must begin with $plugin->component = 'type_name';, comments "
        "at a line's beginning included.",
        "Write it on a line of its own, once, as a plain string.",
    ),
    "invalidcomponent": (_VERSION, "The component is no valid name.", "Use small letters, digits and _: type_name."),
    "corrupted_archive_structure": (
        None,
        "Moodle cannot unpack an entry under its own name.",
        "Use plain names, no encryption, and deflate or no compression.",
    ),
    "unexpected_archive_structure": (None, "There are several folders at the top.", "Keep the plugin's own."),
    "filesnumber": (None, "Too few files: a version.php and an English language file are needed.", "Add them."),
    "filenotexists": (None, "An entry is gone after unpacking.", "Leave empty folders out of the archive."),
    "onedir": (None, "Not everything lies in one folder.", "Put everything below the plugin's folder."),
    "rootdirinvalid": (None, "The root folder has no plugin's name.", "Name it as the plugin, like examus."),
    "missingversionphp": (_VERSION, "There is no version.php.", "Add it."),
    "versionphpsyntax": (_VERSION, "It assigns to $module, as plugins did before 2.5.", "Write $plugin->version."),
    "missingversion": (
        _VERSION,
        "Moodle finds no version: it reads a bare number only.",
        "Write $plugin->version = YYYYMMDDRR; as one number, without quotes, sums or underscores.",
    ),
    "requiresmoodle": (_VERSION, "It requires a newer Moodle.", "Check against the release it is for (--moodle)."),
    "missingcomponent": (_VERSION, "There is no component in the code itself.", "Write $plugin->component."),
    "componentmismatchtype": (_VERSION, "Two components contradict each other.", "Keep one."),
    "componentmismatchname": (_VERSION, "The component is not the folder's name.", "Make both the same."),
    "pluginversiontoolow": (_VERSION, "The site has a higher version already.", "Raise $plugin->version."),
    "missinglangenfolder": (None, "There is no lang/en.", "Ship English strings."),
    "missinglangenfile": (None, "lang/en holds no PHP file.", "Ship English strings."),
    "unknowntype": (_VERSION, "This release has no such plugin type.", "Correct the component or --moodle."),
    "TypeError": (None, "Moodle's upload page itself breaks on this archive.", "Use plain names; leave Thumbs.db out."),
    "ValueError": (None, "Moodle's upload page itself breaks on this archive.", "Leave the archive's comment out."),
}


def explain(validation: Validation, package: Package | None, reason: str) -> Finding | None:
    """The refusal as a finding; `reason` is what reading the archive stumbled on. None where nothing is refused."""
    if validation.verdict == "pass":
        return None
    code = validation.code or "refused"
    if code == "missingexpectedlangenfile" and package and package.type and package.name:
        file = f"lang/en/{language_file(package.type, package.name)}"
        component = f"{package.type}_{package.name}"
        message = f"There is no such file, but version.php names the component {component}."
        return Finding(code, "error", message, "Name the language file so, or correct the component.", file)
    file_, message, mend = _TEXTS.get(code, (None, "Moodle refuses it.", "See the other findings."))
    detail = f" ({reason})" if reason else _detail(validation)
    return Finding(code, "error", message + detail, mend, file_)


def _detail(validation: Validation) -> str:
    info: Any = next((message.info for message in validation.messages if message.level == "error"), None)
    if isinstance(info, dict):
        info = ", ".join(str(value) for value in info.values())
    return f" ({info})" if info else ""
