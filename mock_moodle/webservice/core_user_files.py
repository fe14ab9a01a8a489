"""A user's private files: uploaded into a draft area, then kept."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contract.webservice import Presence, Single, Value
from mock_moodle.access import context_system, context_user, require_capability
from mock_moodle.errors import coding_error
from mock_moodle.files import files_in
from mock_moodle.site import current
from mock_moodle.store.core import StoredFile
from mock_moodle.webservice.context import require_active_user, validate_system_context
from mock_moodle.webservice.registry import WARNINGS, Call, function

COLUMNS = [column.key for column in StoredFile.__table__.columns if column.key != "id"]


@function("core_user_add_user_private_files", {"draftid": Value("int", "draft area id")}, None, type="write")
def add_user_private_files(call: Call, draftid: int) -> None:
    validate_system_context(call.userid)
    require_capability("moodle/user:manageownfiles", context_system(), call.userid)
    session, context = current.session, context_user(call.userid)
    kept = {(stored.filepath, stored.filename): stored for stored in files_in(context.id, "user", "private")}
    drafts = select(StoredFile).where(
        StoredFile.contextid == context.id, StoredFile.filearea == "draft", StoredFile.itemid == draftid
    )
    found = session.scalars(drafts).all()
    if not found:
        raise coding_error("Nothing to merge or area does not belong to current user")
    for draft in found:  # which stays; a file of the same name is overwritten
        known = kept.get((draft.filepath, draft.filename))
        if known is not None:
            known.content, known.timemodified = draft.content, draft.timemodified
            continue
        copied = {column: getattr(draft, column) for column in COLUMNS}
        session.add(StoredFile(**copied | {"filearea": "private", "itemid": 0}))


@function(
    "core_user_get_private_files_info",
    {"userid": Value("int", "Id of the user, default to current user.", Presence.DEFAULT, 0)},
    Single(
        {
            "filecount": Value("int", "Number of files in the area."),
            "foldercount": Value("int", "Number of folders in the area."),
            "filesize": Value("int", "Total size of the files in the area."),
            "filesizewithoutreferences": Value("int", "Total size of the area excluding file references"),
            "warnings": WARNINGS,
        }
    ),
)
def get_private_files_info(call: Call, userid: int) -> dict[str, Any]:
    validate_system_context(call.userid)
    wanted = userid or call.userid
    if wanted != call.userid:
        require_active_user(wanted)
        require_capability("moodle/site:config", context_system(), call.userid)
    files = files_in(context_user(wanted).id, "user", "private")
    size = sum(len(stored.content) for stored in files)
    folders = {stored.filepath for stored in files if stored.filepath != "/"}
    return {
        "filecount": len(files),
        "foldercount": len(folders),
        "filesize": size,
        "filesizewithoutreferences": size,
        "warnings": [],
    }
