"""What has no place in a released plugin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugin_builder.check.findings import Finding
from plugin_builder.check.subject import Subject

FOLDERS = {
    ".git": "the repository's history",
    ".svn": "the repository's history",
    ".hg": "the repository's history",
    "__MACOSX": "what macOS adds",
    "node_modules": "the tools of the build",
    ".idea": "an editor's settings",
    ".vscode": "an editor's settings",
    "__pycache__": "compiled Python",
}
FILES = re.compile(
    r"\.DS_Store|Thumbs\.db|desktop\.ini|\.env|.*\.(?:swp|orig|rej|bak)|.*~|(?:error|debug|npm-debug|yarn-error)\.log",
    re.DOTALL,
)


def folders(subject: Subject) -> Iterator[Finding]:
    """One finding a folder, however many files it holds."""
    seen = set()
    for entry in subject.archive.entries:
        crumbs = entry.raw_name.decode("utf-8", "replace").split("/")
        for depth, crumb in enumerate(crumbs[:-1]):
            if crumb in FOLDERS and (path := "/".join(crumbs[: depth + 1])) not in seen:
                seen.add(path)
                yield Finding("leftover", "warning", f"A leftover: {FOLDERS[crumb]}.", "Leave it out.", path)


def files(subject: Subject) -> Iterator[Finding]:
    for entry in subject.archive.entries:
        name = entry.raw_name.decode("utf-8", "replace")
        if FILES.fullmatch(name.rsplit("/", 1)[-1]):
            yield Finding("leftover", "warning", "A leftover of somebody's machine.", "Leave it out.", name)


RULES = (folders, files)
