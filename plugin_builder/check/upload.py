"""What Moodle's "Install plugins" page answers to a ZIP, up to its validation page.

The order is the page's: file picker, form, renaming of the root folder, unpacking, validator.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from plugin_builder.check.collation import collated, sorts_as_nothing
from plugin_builder.check.components import is_component, split_component
from plugin_builder.check.extraction import NAME_MAX, Archive, Disk, Status
from plugin_builder.check.findings import Message, Validation
from plugin_builder.check.libzip import END, LOCAL, Buffer, Entry, NotAZipError
from plugin_builder.check.names import PageCrash
from plugin_builder.check.package import MOST_BYTES_A_FILE, Files, Package
from plugin_builder.check.site import Site
from plugin_builder.check.validator import Validator
from plugin_builder.check.version_php import MOST_BYTES, detected_component

BLANK_CHUNK = 2**20
MOST_BLANK = 2**26
"""A file with so many NUL bytes at its beginning is taken for nothing but NUL."""

MOST_COLLATED = 1000
"""Of more files than this, and nobody ships so many without a name to be seen, those are taken for lost."""
IMS_ZIP = "imscc"
"""The other extension that is a ZIP to Moodle."""


@cache
def file_types() -> frozenset[str]:
    """The extensions that Moodle knows for something else than a ZIP."""
    text = Path(__file__).with_name("file_types.txt").read_text(encoding="ascii")
    return frozenset(text.partition("\n")[2].split())


@dataclass
class Upload:
    """One upload in two steps: `identify()`, and `unpack()` where that refused nothing. Both raise `TooLargeError`.

    After the first it also knows the archive and the package as far as they could be read.
    """

    filename: str
    data: Buffer
    site: Site
    archive: Archive | None = None
    package: Package | None = None
    reason: str = ""
    """Why the archive could not be opened, in words."""
    disk: Disk = field(default_factory=Disk)

    def identify(self) -> Validation | None:
        """What refuses the upload before anything is unpacked but its version.php; None where nothing does."""
        if refused := self._picker():
            return refused
        try:
            self.archive = Archive(self.data, strict=self.site.is_4_5)
        except PageCrash as crash:
            self.reason = f"Moodle's page ends in a {crash}"
            return Validation("form", str(crash))
        except NotAZipError as error:
            self.reason = str(error)
            return Validation("form", "zip_not_valid_plugin_package_page")
        root = self._root(self.archive)
        if not root:
            return Validation("form", "zip_not_valid_plugin_package_page")
        component = self._component(self.archive)
        self.package = Package(root, component, self._files(self.archive, root))
        if component is None:
            return Validation("form", "typedetectionfailed")
        if not is_component(component):
            return Validation("form", "invalidcomponent")
        return None

    def unpack(self) -> Validation:
        """What Moodle answers to the unpacked files."""
        archive, package = self.archive, self.package
        if archive is None or package is None or package.component is None:
            raise ValueError("identify() comes first, and must have refused nothing")
        kind, name = split_component(package.component)
        processed, self.disk = archive.extract()
        if not processed:
            return Validation("extract", None)
        renamed = self._rename_root(processed, name)
        if renamed is None:
            return Validation("extract", "unexpected_archive_structure")
        files = _with_parents(renamed)
        if any(status is not True for status in files.values()):
            return Validation("extract", "corrupted_archive_structure")
        self.disk = self._moved(files)
        return self._validate(archive, files, kind)

    def _picker(self) -> Validation | None:
        """The file picker's refusal: it looks at the content, then at the name, and where that says nothing, at the
        content again. The form it gives the file to looks at the name alone."""
        starts = range(0, min(len(self.data), MOST_BLANK), BLANK_CHUNK)
        if not any(self.data[at : at + BLANK_CHUNK].strip(b"\0") for at in starts):
            return Validation("upload", "upload_error_invalid_file")
        _, dot, last = self.filename.strip().lower().rpartition(".")
        extension = last if dot else ""
        if extension == "zip":
            return None
        if extension == IMS_ZIP or (extension not in file_types() and self.data[:4] in (LOCAL, END)):
            return Validation("form", "err_wrongfileextension")
        return Validation("upload", "invalidfiletype")

    @staticmethod
    def _root(archive: Archive) -> str | None:
        roots = {info.name.split("/", 1)[0] for info in archive.infos}
        root = roots.pop() if len(roots) == 1 else ""
        return None if root == "0" else root

    @staticmethod
    def _component(archive: Archive) -> str | None:
        found = [
            info.name
            for info in archive.infos
            if info.name.split("/")[1:2] == ["version.php"] and not info.is_folder and info.size > 0
        ]
        if not found:
            return None
        processed, disk = archive.extract(only={found[-1]})
        entry = disk.entry(next(iter(processed), ""))
        if entry is None or not archive.reader.opens(entry):
            return None  # what cannot be read leaves an empty file
        return detected_component(archive.reader.read(entry, MOST_BYTES))

    @staticmethod
    def _files(archive: Archive, root: str) -> Files:
        """Every file of the package by its name inside the root, the first of two equal names."""
        entries: dict[str, Entry] = {}
        for info in archive.infos:
            if not info.is_folder and info.name.startswith(f"{root}/"):
                entries.setdefault(info.name[len(root) + 1 :], info.entry)
        readable = {name: entry for name, entry in entries.items() if archive.reader.opens(entry)}
        return Files(readable, lambda entry: archive.reader.read(entry, MOST_BYTES_A_FILE), archive.reader.watch)

    def _rename_root(self, files: dict[str, Status], name: str) -> dict[str, Status] | None:
        """The names after the single folder at the top was renamed; None where there are several."""
        if self.disk.exists(name):
            return files
        folders = [each for each in self.disk.top() if not each.startswith(".") and self.disk.is_folder(each)]
        if len(folders) > 1:
            return None
        if not folders or len(name) > NAME_MAX:
            return files
        self.disk.rename_top(folders[0], name)
        if "~" in folders[0]:
            # Moodle's pattern breaks on its own delimiter, and every name becomes the empty one.
            return {"": list(files.values())[-1]}
        old = f"{folders[0]}/"
        return {f"{name}/{path[len(old) :]}" if path.startswith(old) else path: files[path] for path in files}

    def _moved(self, files: dict[str, Status]) -> Disk:
        """What arrives at the target: listed folders, and the files whose folder is there.

        Moodle since 4.5 moves them sorted, so that folders come first, but for names that sort as if they were empty.
        """
        target = Disk()
        entries = {name: self.disk.entry(name) for name in files}
        if self.site.is_4_5:
            entries.update(dict.fromkeys(_before_their_folders(files)))
        for name, entry in entries.items():
            if entry is None and self.site.is_4_5 and self.disk.is_folder(name):
                target.make_folder(name)
            elif entry is not None and not self.site.is_4_5:
                target.make_folder(name.rpartition("/")[0])
        for name, entry in entries.items():
            if entry is not None:
                target.write(name, entry)
        return target

    def _validate(self, archive: Archive, files: dict[str, Status], kind: str) -> Validation:
        def read(path: str) -> bytes:
            entry = self.disk.entry(path)
            return archive.reader.read(entry, MOST_BYTES) if entry else b""

        validator = Validator(files, self.disk, read, self.site, kind)
        passed = validator.run()
        messages: tuple[Message, ...] = tuple(validator.messages)
        if passed:
            return Validation("ok", None, messages)
        return Validation("validator", validator.error, messages)


def _before_their_folders(files: Collection[str]) -> list[str]:
    """The files that sorting puts before the folder they are in."""
    unseen = [name for name in files if "/" in name and sorts_as_nothing(name.rpartition("/")[2])]
    if not unseen or len(files) > MOST_COLLATED:
        return unseen
    places = {name: place for place, name in enumerate(collated(files))}
    return [name for name in unseen if places[name] < places.get(name.rpartition("/")[0] + "/", -1)]


def _with_parents(files: dict[str, Status]) -> dict[str, Status]:
    """The names with every folder on their way, which a ZIP may leave out. A crumb "0" ends PHP's loop early."""
    found, seen = dict(files), set()
    for path, status in files.items():
        crumbs = path.strip("/").split("/") if status is True else []
        while len(crumbs) > 1 and crumbs.pop() not in ("", "0"):
            folder = "/".join(crumbs) + "/"
            if folder in seen:
                break  # and so were those above it
            seen.add(folder)
            found.setdefault(folder, True)
    return found
