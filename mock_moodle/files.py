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


def contents_of(cm: CourseModule) -> dict[str, Any]:
    """`contents` and `contentsinfo` of a module, as core_course_get_contents tells them; empty for other modules."""
    if cm.modname == "url":
        contents = [_link(cm)]
    elif cm.modname in FILE_MODULES:
        area = FILE_MODULES[cm.modname]
        contents = [_file(stored) for stored in files_in(context_module(cm.id).id, f"mod_{cm.modname}", area)]
    else:
        return {}
    times = [content["timemodified"] or 0 for content in contents]
    return {
        "contents": contents,
        "contentsinfo": {
            "filescount": len(contents),
            "filessize": sum(content["filesize"] for content in contents),
            "lastmodified": max(times, default=0),
            "mimetypes": sorted({content["mimetype"] for content in contents if "mimetype" in content}),
            "repositorytype": "",
        },
    }


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


def _file(stored: StoredFile) -> dict[str, Any]:
    path = (
        f"/webservice/pluginfile.php/{stored.contextid}/{stored.component}/{stored.filearea}/{stored.itemid or 1}"
        f"{stored.filepath}{stored.filename}"
    )
    return {
        "type": "file",
        "filename": stored.filename,
        "filepath": stored.filepath,
        "filesize": len(stored.content),
        "fileurl": current.url(path, forcedownload=1),
        "timecreated": stored.timecreated,
        "timemodified": stored.timemodified,
        "sortorder": 1,
        "mimetype": stored.mimetype,
        "isexternalfile": False,
        "userid": stored.userid,
        "author": stored.author,
        "license": stored.license,
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
        "userid": None,
        "author": None,
        "license": None,
    }
