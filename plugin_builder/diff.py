"""What differs between the plugin as it would be built and a ZIP that somebody has."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

from plugin_builder.check import Package, check_path
from plugin_builder.errors import BuildError
from plugin_builder.targets import TARGETS, Target


def packaged(path: Path) -> Package:
    """The plugin inside a ZIP or folder. Raises `BuildError` where there is none to be read."""
    report = check_path(path)
    if report.package is None:
        reason = report.findings[0].message if report.findings else "it cannot be read"
        raise BuildError(f"{path}: {reason}")
    return report.package


def target_of(package: Package) -> Target:
    """The range that the package was built for, as its `requires` tells; the newest where it does not."""
    requires = package.version.get("requires")
    return next((target for target in TARGETS if target.requires == requires), TARGETS[-1])


def differences(ours: Mapping[str, bytes], theirs: Mapping[str, bytes]) -> Iterator[str]:
    """A unified diff from theirs to ours, file by file; empty where they are the same."""
    for name in sorted({*ours, *theirs}):
        before, after = theirs.get(name), ours.get(name)
        if before == after:
            continue
        if before is None or after is None:
            yield f"{'Only in the build' if before is None else 'Only in the other'}: {name}\n"
            continue
        try:
            lines = (before.decode().splitlines(keepends=True), after.decode().splitlines(keepends=True))
        except UnicodeDecodeError:
            yield f"Binary files differ: {name}\n"
            continue
        for line in difflib.unified_diff(*lines, f"other/{name}", f"build/{name}"):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
