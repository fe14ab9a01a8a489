"""Stored files: where they are kept, how clients are told of them."""

from __future__ import annotations

import mimetypes
from typing import Any

from sqlalchemy import select

from mock_moodle.access import context_module
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule, StoredFile

FILE_MODULES = {"resource": "content", "folder": "content"}
"""Modules whose files stand in the course contents, and the file area they are in."""
REVISION = 1
"""Of a module's files, which is part of their addresses; nothing here changes them."""
ICONS = {
    "archive": "7z gz rar tar tgz zip", "audio": "aac flac m4a mp3 ogg wav", "document": "doc docx", "gif": "gif",
    "image": "bmp jpeg jpg png svg tiff", "json": "css json", "markup": "htm html xml yaml", "pdf": "pdf",
    "powerpoint": "ppt pptx", "sourcecode": "c cpp h java php", "spreadsheet": "csv xls xlsx", "text": "js rtf tex txt",
    "video": "avi mov mp4 mpeg ogv webm", "writer": "odt",
}  # fmt: skip
"""Moodle's name of a file's icon, and the endings of names that have it."""


def contents_of(cm: CourseModule, *, listed: bool = True) -> dict[str, Any]:
    """`contents` and `contentsinfo` of a module, as core_course_get_contents tells them; empty for other modules.
    `listed` False keeps the contents themselves back."""
    if cm.modname == "url":
        contents = [_link(cm)]
    elif cm.modname == "page":
        contents = [_page(cm)]
    elif cm.modname == "book":
        contents = [_structure(cm)]
    elif cm.modname in FILE_MODULES:
        main = cm.modname == "resource"
        contents = [_file(stored, main=main and not at) for at, stored in enumerate(module_files(cm))]
    else:
        return {}
    times = [content["timemodified"] or 0 for content in contents]
    info = {
        "filescount": len(contents),
        "filessize": sum(content["filesize"] for content in contents),
        "lastmodified": max(times, default=0),
        "mimetypes": sorted({content["mimetype"] for content in contents if "mimetype" in content}),
    }
    if contents:
        info["repositorytype"] = ""
    return {"contents": contents if listed else [], "contentsinfo": info}


def attachments_of(cm: CourseModule) -> list[dict[str, Any]]:
    """The files of a resource as lists of activities tell them."""
    return [
        {
            "filename": stored.filename,
            "filepath": stored.filepath,
            "filesize": len(stored.content),
            "fileurl": current.url(_address(stored, stored.itemid)),
            "timemodified": stored.timemodified,
            "mimetype": stored.mimetype,
            "isexternalfile": False,
            "icon": f"f/{icon_of(stored.filename)}",
        }
        for stored in module_files(cm)
    ]


def main_file(cm: CourseModule) -> StoredFile | None:
    """What a resource opens."""
    return next(iter(module_files(cm)), None) if cm.modname == "resource" else None


def icon_of(filename: str) -> str:
    ending = filename.rpartition(".")[2].lower() if "." in filename else ""
    return next((icon for icon, endings in ICONS.items() if ending in endings.split()), "unknown")


def module_files(cm: CourseModule) -> list[StoredFile]:
    """What a resource or a folder offers, the main file first."""
    if cm.modname not in FILE_MODULES:
        return []
    return files_in(context_module(cm.id).id, f"mod_{cm.modname}", FILE_MODULES[cm.modname])


def files_in(context_id: int, component: str, filearea: str) -> list[StoredFile]:
    return list(
        current.session.scalars(
            select(StoredFile)
            .where(
                StoredFile.contextid == context_id, StoredFile.component == component, StoredFile.filearea == filearea
            )
            .order_by(StoredFile.id)
        )
    )


def mimetype_of(filename: str) -> str:
    return mimetypes.guess_type(filename)[0] or "document/unknown"


def download_address(stored: StoredFile) -> str:
    """For a browser."""
    return _path(stored, stored.itemid or REVISION)


def _address(stored: StoredFile, itemid: int | None = None) -> str:
    """For a client with a token."""
    return f"/webservice{_path(stored, itemid if itemid is not None else stored.itemid or REVISION)}"


def _path(stored: StoredFile, itemid: int) -> str:
    place = f"{stored.contextid}/{stored.component}/{stored.filearea}/{itemid}"
    return f"/pluginfile.php/{place}{stored.filepath}{stored.filename}"


def _file(stored: StoredFile, *, main: bool) -> dict[str, Any]:
    return {
        "type": "file",
        "filename": stored.filename,
        "filepath": stored.filepath,
        "filesize": len(stored.content),
        "fileurl": current.url(_address(stored), forcedownload=1),
        "timecreated": stored.timecreated,
        "timemodified": stored.timemodified,
        "sortorder": int(main),
        "mimetype": stored.mimetype,
        "isexternalfile": False,
        "userid": stored.userid,
        "author": stored.author,
        "license": stored.license,
    }


_OF_NOBODY: dict[str, Any] = {"userid": None, "author": None, "license": None}


def _page(cm: CourseModule) -> dict[str, Any]:
    """A page is told as a file that pluginfile.php makes."""
    path = f"/webservice/pluginfile.php/{context_module(cm.id).id}/mod_page/content/index.html"
    return {
        "type": "file",
        "filename": "index.html",
        "filepath": "/",
        "filesize": 0,
        "fileurl": current.url(path, forcedownload=1),
        "timecreated": None,
        "timemodified": cm.added,
        "sortorder": 1,
        **_OF_NOBODY,
    }


def _structure(cm: CourseModule) -> dict[str, Any]:
    """A book's table of contents; the mock's books have no chapters."""
    return {
        "type": "content",
        "filename": "structure",
        "filepath": "/",
        "filesize": 0,
        "fileurl": None,
        "content": "[]",
        "timecreated": cm.added,
        "timemodified": cm.added,
        "sortorder": 0,
        **_OF_NOBODY,
    }


def _link(cm: CourseModule) -> dict[str, Any]:
    return {
        "type": "url",
        "filename": cm.name,
        "filepath": None,
        "filesize": 0,
        "fileurl": cm.settings.get("externalurl", ""),
        "timecreated": None,
        "timemodified": cm.added,
        "sortorder": None,
        **_OF_NOBODY,
    }
