"""What Moodle's packer would leave on disk, worked out without writing anything.

The model is a Linux file system with its limits of 255 bytes a name and 4096 a path. Statuses are those of
`zip_packer::extract_to_pathname()`: True, or a sentence.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from plugin_builder.check.content import Reader, Unreadable
from plugin_builder.check.libzip import Buffer, Entry, TooLargeError, read_directory
from plugin_builder.check.names import PageCrash, lookup, without_lookup

NAME_MAX = 255
PATH_MAX = 4096 - 50
"""What is left of Linux's 4096 below Moodle's temporary folder, where that is in `/tmp`."""
MOST_FOLDER_BYTES = 2**24
"""Length of names times depth, all entries together: what listing their folders would cost."""
MOST_CRUMBS = 400_000
"""Parts of all names together, each of which is cleaned by itself."""
OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")

CANNOT_MAKE_FOLDER = "Can not create directory"
CANNOT_WRITE = "Can not write target file"
CANNOT_READ = "Can not read file from zip archive"
NOT_CREATED = "Unknown error during zip extraction (file not created)."
WRONG_SIZE = "Unknown error during zip extraction (file size mismatch)."

Status = bool | str


class Info(NamedTuple):
    """An entry as Moodle lists it: with its cleaned name, and a folder where that ends in a slash."""

    name: str
    is_folder: bool
    size: int
    entry: Entry


@dataclass
class Disk:
    """A folder tree: normalised path → the entry whose content the file has, or None for a folder."""

    nodes: dict[str, Entry | None] = field(default_factory=dict)

    def exists(self, path: str) -> bool:
        normal = _normal(path)
        return normal in self.nodes or not normal

    def is_folder(self, path: str) -> bool:
        normal = _normal(path)
        return not normal or (normal in self.nodes and self.nodes[normal] is None)

    def is_file(self, path: str) -> bool:
        return not path.endswith("/") and self.nodes.get(_normal(path)) is not None

    def entry(self, path: str) -> Entry | None:
        """Whose content the file has; None for a folder and for nothing at all."""
        return self.nodes.get(_normal(path))

    def make_folder(self, path: str) -> bool:
        """As `mkdir -p`; False where a file is in the way or a name is too long."""
        parent = _normal(path)
        if parent in self.nodes:
            return self.nodes[parent] is None
        if not _fits(parent):
            return False
        missing = []
        while parent and parent not in self.nodes:
            missing.append(parent)
            parent = parent.rpartition("/")[0]
        if parent and self.nodes[parent] is not None:
            return False
        self.nodes.update(dict.fromkeys(reversed(missing)))
        return True

    def write(self, path: str, entry: Entry) -> bool:
        normal = _normal(path)
        folder = normal.rpartition("/")[0]
        if not normal or path.endswith("/") or self.nodes.get(normal, entry) is None or not _fits(normal):
            return False
        if folder and self.nodes.get(folder, entry) is not None:
            return False
        self.nodes[normal] = entry
        return True

    def remove(self, path: str) -> None:
        if not self.is_folder(path):
            self.nodes.pop(_normal(path), None)

    def top(self) -> list[str]:
        return sorted({path.split("/", 1)[0] for path in self.nodes})

    def rename_top(self, old: str, new: str) -> None:
        self.nodes = {
            new + path[len(old) :] if path == old or path.startswith(old + "/") else path: entry
            for path, entry in self.nodes.items()
        }


def _normal(path: str) -> str:
    path = path.strip("/")
    if "//" in path or "/./" in f"/{path}/":
        path = "/".join(crumb for crumb in path.split("/") if crumb not in ("", "."))
    return path


def _fits(path: str) -> bool:
    if path.isascii() and len(path) <= NAME_MAX:
        return True
    encoded = path.encode("utf-8", "surrogateescape")
    return len(encoded) < PATH_MAX and all(len(crumb) <= NAME_MAX for crumb in encoded.split(b"/"))


def php_path(name: str) -> str | None:
    """Where PHP's `extractTo` puts the entry called `name`, relative to the target; None where it refuses."""
    if not name or len(name.encode("utf-8", "surrogateescape")) >= PATH_MAX:
        return None
    if not any(part in f"/{name}" for part in ("./", ":/", "//")) and not name.endswith(("/", ".")):
        return name
    crumbs: list[str] = []
    for crumb in name.split("/"):
        if crumb == "..":
            crumbs[-1:] = []
        elif crumb not in ("", "."):
            crumbs.append(crumb)
    # PHP mistakes a folder whose name ends in a dot or a colon for the end of `..` or of a drive, and starts after it.
    for place in range(len(crumbs) - 2, -1, -1):
        if not name.startswith("/") and crumbs[place][-1] in ".:" and len("/".join(crumbs[: place + 1])) >= 2:
            crumbs = crumbs[place + 1 :]
            break
    return "/".join(crumbs) or None


class Archive:
    """A ZIP as Moodle's `zip_archive` and `zip_packer` present it. Raises libzip's errors and `PageCrash`.

    `strict` is whether Moodle's cleaning of names insists on its result, as it does since 4.5.
    """

    def __init__(self, data: Buffer, *, strict: bool) -> None:
        self.size = len(data)
        self.entries = read_directory(data)
        if sum(entry.raw_name.count(b"/") + entry.raw_name.count(b"\\") for entry in self.entries) > MOST_CRUMBS:
            raise TooLargeError("names of more parts than a plugin has")
        self.reader = Reader(data)
        self.reader.count_ahead(self.entries)
        self._by_name: dict[bytes, Entry] = {}
        for entry in self.entries:
            self._by_name.setdefault(entry.name, entry)
        self.infos = self._list(lookup(data, strict), strict) if self.entries else []
        if sum(len(info.name) * info.name.count("/") for info in self.infos) > MOST_FOLDER_BYTES:
            raise TooLargeError("folders nested more deeply than a file system should be asked for")

    def _list(self, names: dict[bytes, str], strict: bool) -> list[Info]:
        infos = []
        for entry in self.entries:
            raw = entry.raw_name
            name = names.get(raw)
            if name is None:
                name = without_lookup(raw, strict)
            if not self._is_system_file(name):
                folder = name.endswith("/")
                infos.append(Info(name, folder, 0 if folder else entry.size, entry))
        return infos

    def _is_system_file(self, name: str) -> bool:
        if name.startswith("__MACOSX") or name.endswith(".DS_Store"):
            return True
        if not name.endswith("Thumbs.db"):
            return False
        entry = self._by_name.get(name.encode())
        try:
            return self.reader.read(entry, 8) == OLE_MAGIC if entry else self._crash()
        except Unreadable:
            return self._crash()

    @staticmethod
    def _crash() -> bool:
        raise PageCrash("TypeError")

    def extract(self, only: Collection[str] | None = None) -> tuple[dict[str, Status], Disk]:
        """Cleaned name → status, in order, and what lies on disk then; `only` picks names."""
        disk = Disk()
        processed: dict[str, Status] = {}
        for info in self.infos:
            if info.name and info.name not in processed and (only is None or info.name in only):
                if info.is_folder:
                    processed[info.name] = disk.make_folder(info.name) or CANNOT_MAKE_FOLDER
                else:
                    processed[info.name] = self._extract_file(info, disk)
        return processed, disk

    def _extract_file(self, info: Info, disk: Disk) -> Status:
        if not disk.make_folder(info.name.rpartition("/")[0]):
            return CANNOT_MAKE_FOLDER
        source = self._by_name[info.entry.name]
        target: str | None = info.name
        if "./" not in f"/{info.name}":
            target = php_path(source.name.decode("utf-8", "surrogateescape"))
        elif not disk.write(info.name, source):
            return CANNOT_WRITE
        if target is None or not self.reader.opens(source):
            return CANNOT_READ
        if not (disk.make_folder(target.rpartition("/")[0]) and disk.write(target, source)):
            return CANNOT_READ
        if not disk.exists(info.name):
            return NOT_CREATED
        written = disk.entry(info.name)
        if written is None or self.reader.size(written) != info.size:
            disk.remove(info.name)
            return WRONG_SIZE
        return True
