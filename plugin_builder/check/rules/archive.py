"""The ZIP itself: what Moodle loses or refuses while unpacking, and what a stranger might have put in."""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Iterator

from plugin_builder.check.content import MOST_BYTES, Unreadable
from plugin_builder.check.extraction import Info
from plugin_builder.check.findings import Finding, Level
from plugin_builder.check.libzip import ENCRYPTED
from plugin_builder.check.subject import Subject

UNIX = 3
MOST_LINK_BYTES = 4096
BOMB_RATIO = 100
"""How many times an honest archive's size its files have at the very most."""


def outside_names(subject: Subject) -> Iterator[Finding]:
    """Names that try to leave the folder. Moodle cuts that off; other tools may not."""
    for entry in subject.archive.entries:
        crumbs = entry.raw_name.replace(b"\\", b"/").split(b"/")
        if b".." in crumbs or entry.raw_name[:1] == b"/" or entry.raw_name[1:2] == b":":
            name = entry.raw_name.decode("utf-8", "replace")
            message = "The name leads out of the archive's folder."
            yield Finding("outsidename", "error", message, "Zip the plugin's folder by its relative name.", name)


def symlinks(subject: Subject) -> Iterator[Finding]:
    """Moodle unpacks a link as a text file with its target's name; other tools may follow it."""
    for info in subject.archive.infos:
        if info.entry.made_by >> 8 == UNIX and stat.S_ISLNK(info.entry.attributes >> 16):
            message = "It is a symbolic link; Moodle unpacks it as a text file."
            level: Level = "error" if _leads_out(subject, info) else "warning"
            yield Finding("symlink", level, message, "Put the file itself into the archive.", info.name)


def _leads_out(subject: Subject, link: Info) -> bool:
    """Whether a link points outside the archive's root folder."""
    try:
        target = subject.archive.reader.read(link.entry, MOST_LINK_BYTES)
    except Unreadable:
        return True
    depth = link.name.count("/") - 1
    for crumb in target.replace(b"\\", b"/").split(b"/"):
        depth += {b"..": -1, b".": 0, b"": 0}.get(crumb, 1)
        if depth < 0:
            return True
    return target.startswith(b"/") or target[1:2] == b":"


def encrypted_entries(subject: Subject) -> Iterator[Finding]:
    for info in subject.archive.infos:
        if info.entry.flags & ENCRYPTED:
            yield Finding("encrypted", "error", "It is encrypted.", "Zip without a password.", info.name)


def duplicates(subject: Subject) -> Iterator[Finding]:
    """Of equal names Moodle unpacks the first, other tools the last."""
    names = Counter(info.name for info in subject.archive.infos if not info.is_folder)
    for name, count in names.items():
        if count > 1:
            message = f"The archive has it {count} times; Moodle unpacks the first, other tools the last."
            yield Finding("duplicate", "warning", message, "Keep one.", name)
    folded: dict[str, str] = {}
    for name in names:
        if folded.setdefault(name.casefold(), name) != name:
            message = (
                f"It differs from {folded[name.casefold()]} only in capitals; on some disks one overwrites the other."
            )
            yield Finding("capitals", "warning", message, "Rename one.", name)


def bombs(subject: Subject) -> Iterator[Finding]:
    archive = subject.archive
    if archive.reader.exhausted:
        ratio = sum(entry.size for entry in archive.entries) // max(1, archive.size)
        times = f", {ratio} times its size" if ratio > 1 else ""
        message = f"It unpacks to more than {MOST_BYTES // 2**20} MB{times}; the rest was not looked at."
        if ratio > BOMB_RATIO:
            yield Finding("archivebomb", "error", message, "Do not unpack it.")
        else:
            yield Finding("toolarge", "warning", message, "Ship the plugin's own files only.")


def root_folder(subject: Subject) -> Iterator[Finding]:
    """Moodle renames the root to the plugin's name; whoever unpacks by hand gets a misplaced plugin."""
    name = subject.package.name
    if name and subject.package.root != name:
        message = f"The root folder is {subject.package.root!r}; only Moodle's upload page renames it."
        yield Finding("rootname", "warning", message, f"Call it {name!r}.")


def empty_folders(subject: Subject) -> Iterator[Finding]:
    if not subject.site.is_4_5:
        return
    filled = {info.name.rstrip("/").rpartition("/")[0] + "/" for info in subject.archive.infos}
    empty = [info.name for info in subject.archive.infos if info.is_folder and info.name not in filled]
    if empty:
        message = "An empty folder; Moodle before 4.5 refuses the whole archive for it."
        yield Finding("emptyfolder", "warning", message, "Leave folder entries out.", empty[0])


RULES = (outside_names, symlinks, encrypted_entries, duplicates, bombs, root_folder, empty_folders)
