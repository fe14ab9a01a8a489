"""One check from end to end: Moodle's answer first, then every rule of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from plugin_builder.check.content import MOST_BYTES, FileBuffer
from plugin_builder.check.explanations import explain
from plugin_builder.check.findings import Finding, Report, Validation
from plugin_builder.check.libzip import Buffer, TooLargeError
from plugin_builder.check.package import Package
from plugin_builder.check.site import Site, site
from plugin_builder.check.upload import Upload
from plugin_builder.errors import BuildError

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
            return check_bytes(f"{path.resolve().name}.zip", _zipped(path), target)
        data = FileBuffer(path)
    except OSError as error:
        raise BuildError(f"{path}: {error.strerror}; name a ZIP or a plugin's folder") from None
    return check_bytes(path.name, data, target)


def check_bytes(filename: str, data: Buffer, target: Site) -> Report:
    """The same for a ZIP in memory; `filename` matters because Moodle's file picker looks at it."""
    upload = Upload(filename, data, target)
    try:
        validation = upload.run()
    except TooLargeError as error:
        finding = Finding("toolarge", "error", f"The archive has {error}.", "Zip only the plugin's own files.")
        return Report(target.name, Validation("form", None), [finding])
    report = Report(target.name, validation, list(_findings(upload, validation)), upload.package)
    if upload.archive:
        upload.archive.reader.unlimited()
    return report


def _findings(upload: Upload, validation: Validation) -> Iterator[Finding]:
    refusal = explain(validation, upload.package, upload.reason)
    if refusal:
        yield refusal
    if upload.archive is None:
        return
    from plugin_builder.check.rules import run
    from plugin_builder.check.subject import Subject

    package = upload.package or Package("", None, {})
    for finding in run(Subject(upload.archive, package, upload.site)):
        if refusal is None or finding.code != refusal.code:
            yield finding


def _zipped(folder: Path) -> bytes:
    from plugin_builder.archive import EARLIEST, pack

    files: dict[str, bytes] = {}
    size = 0
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            size += path.stat().st_size
            if size > MOST_BYTES:
                raise BuildError(f"{folder}: more than {MOST_BYTES // 2**20} MB; name the plugin's own folder")
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
    return pack(folder.resolve().name, files, EARLIEST)
