"""ZIPs on their way in. An uploaded one waits for the administrator's word; then its code lies on Moodle's disk, and
the database still has to be upgraded."""

from __future__ import annotations

from sqlalchemy import Select, delete, select

from mock_moodle.access import context_system
from mock_moodle.site import current
from mock_moodle.store.core import StoredFile

COMPONENT = "tool_installaddon"
UPLOADED, ON_DISK = "uploaded", "ondisk"


def keep(filename: str, content: bytes) -> str:
    """The name under which the ZIP waits."""
    storage, now = current.keys.md5(), current.clock.time()
    current.session.add(
        StoredFile(
            contextid=context_system().id,
            component=COMPONENT,
            filearea=UPLOADED,
            filepath=f"/{storage}/",
            filename=filename,
            content=content,
            mimetype="application/zip",
            timecreated=now,
            timemodified=now,
        )
    )
    return storage


def uploaded(storage: str) -> StoredFile | None:
    """The ZIP that waits under this name."""
    return current.session.scalar(_in(UPLOADED).where(StoredFile.filepath == f"/{storage}/"))


def lay_down(file: StoredFile, component: str) -> None:
    """Its code replaces what lies in the plugin's folder."""
    take_away(component)
    file.filearea, file.filepath = ON_DISK, f"/{component}/"


def take_away(component: str) -> None:
    current.session.execute(
        delete(StoredFile).where(
            StoredFile.component == COMPONENT, StoredFile.filearea == ON_DISK, StoredFile.filepath == f"/{component}/"
        )
    )


def on_disk() -> dict[str, StoredFile]:
    """By component: what the database does not know yet."""
    return {file.filepath.strip("/"): file for file in current.session.scalars(_in(ON_DISK))}


def _in(filearea: str) -> Select[StoredFile]:
    return (
        select(StoredFile)
        .where(StoredFile.component == COMPONENT, StoredFile.filearea == filearea)
        .order_by(StoredFile.id)
    )
