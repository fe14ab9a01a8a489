"""One check from end to end: Moodle's answer first, then every rule of ours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from plugin_builder.check.content import FileBuffer
from plugin_builder.check.explanations import explain
from plugin_builder.check.extraction import Archive
from plugin_builder.check.findings import Finding, Report, Validation
from plugin_builder.check.folder import FolderBuffer
from plugin_builder.check.libzip import Buffer, TooLargeError
from plugin_builder.check.package import Package
from plugin_builder.check.site import Site, site
from plugin_builder.check.upload import Upload
from plugin_builder.errors import BuildError

if TYPE_CHECKING:
    from plugin_builder.check.subject import Subject

DEFAULT_MOODLE = "4.5"


def check_path(path: str | Path, moodle: str = DEFAULT_MOODLE, installed: float | None = None) -> Report:
    """Checks a ZIP, or a folder as if it were zipped.

    `moodle` names the release to install into, `installed` the version of the plugin that is there already. Raises
    `BuildError` where there is nothing to check: no such file, or an unknown release.
    """
    target = site(moodle, installed)
    path = Path(path)
    try:
        if path.is_dir():
            return check_bytes(f"{path.resolve().name}.zip", FolderBuffer(path), target)
        if path.exists() and not path.is_file():
            raise BuildError(f"{path}: neither a file nor a folder; name a ZIP or a plugin's folder")
        data = FileBuffer(path)
    except OSError as error:
        raise BuildError(f"{path}: {error.strerror}; name a ZIP or a plugin's folder") from None
    return check_bytes(path.name, data, target)


def check_bytes(filename: str, data: Buffer, target: Site) -> Report:
    """The same for a ZIP in memory; `filename` matters because Moodle's file picker looks at it."""
    upload = Upload(filename, data, target)
    subject = None
    try:
        refusal = upload.identify()
        if upload.archive:
            subject = _subject(upload, upload.archive)
        validation = refusal or upload.unpack()
    except TooLargeError as error:
        finding = Finding("toolarge", "error", f"The archive has {error}.", "Zip only the plugin's own files.")
        return Report(target.name, Validation("form", None), [finding])
    report = Report(target.name, validation, list(_findings(upload, validation, subject)), upload.package)
    if subject:
        subject.archive.reader.unlimited()
    return report


def _subject(upload: Upload, archive: Archive) -> Subject:
    """What the rules will look at. PHP begins to read it here, beside the unpacking that follows."""
    from plugin_builder.check.subject import Subject

    subject = Subject(archive, upload.package or Package("", None, {}), upload.site)
    archive.reader.work_at("rules")
    with contextlib.suppress(TooLargeError):
        subject.real_php  # noqa: B018 -- asked for, and not waited for
    archive.reader.work_at("archive")
    return subject


def _findings(upload: Upload, validation: Validation, subject: Subject | None) -> Iterator[Finding]:
    refusal = explain(validation, upload.package, upload.reason)
    if refusal:
        yield refusal
    if subject is None:
        return
    from plugin_builder.check.rules import run

    for finding in run(subject):
        if refusal is None or finding.code != refusal.code:
            yield finding
