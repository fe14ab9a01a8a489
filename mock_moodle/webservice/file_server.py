"""Files by address: pluginfile.php for browsers, tokenpluginfile.php for keys in the path, and both uses of
/webservice/: download with a token and upload into a draft area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from mock_moodle.access import context_by_id, context_user, has_capability
from mock_moodle.errors import AccessException, MoodleError
from mock_moodle.files import mimetype_of
from mock_moodle.geopattern import picture_of
from mock_moodle.login.browser import require_login
from mock_moodle.site import GUEST_ID, current
from mock_moodle.store.core import (
    COURSE,
    MODULE,
    USER,
    Context,
    Course,
    CourseModule,
    Group,
    PrivateKey,
    StoredFile,
    User,
)
from mock_moodle.webservice.clean import clean_param
from mock_moodle.webservice.context import validate_module_context
from mock_moodle.webservice.dispatch import Token, authenticate
from mock_moodle.webservice.php import to_int
from mock_moodle.webservice.pictures import SIZES, silhouette
from mock_moodle.webservice.subnet import address_in_subnet

KEPT = 6 * 3600
PRIVATE, DRAFT = "private", "draft"
"""Areas of a user. A draft is shown by draftfile.php only."""
LONGEST_NAME = 255
KEPT_PICTURE, KEPT_SILHOUETTE, KEPT_PATTERN = 365 * 86_400, 14 * 86_400, 3600


@dataclass(frozen=True)
class Found:
    """`kept` tells for how many seconds a browser may keep it, `public` that whatever stands between may, too."""

    filename: str
    mimetype: str
    content: bytes
    kept: int = 0
    public: bool = False
    modified: int = 0
    """0 for what is made anew each time."""


FOR_THOSE_SIGNED_IN = (("user", "private"), ("user", "profile"), ("calendar", "event_description"))


@dataclass(frozen=True)
class FileAddress:
    """`/13/user/icon/boost/f1`: context, component, area, and what the area makes of the rest."""

    contextid: int
    component: str
    filearea: str
    rest: tuple[str, ...]

    @classmethod
    def parse(cls, path: str) -> FileAddress | None:
        parts = path.strip("/").split("/")
        if len(parts) < 4 or not parts[0].isdecimal():
            return None
        return cls(to_int(parts[0]), parts[1], parts[2], tuple(parts[3:]))


def find(path: str, userid: int) -> Found | None:
    """The file behind an address, if this user may have it."""
    address = FileAddress.parse(path)
    if address is None:
        return None
    context = current.session.get(Context, address.contextid)
    if context is not None and address.filearea == "generated" and address.component in ("course", "group"):
        return _generated(context, address)
    if context is not None and (address.component, address.filearea) == ("user", "icon"):
        return _icon(context, address.rest[-1], userid) if context.contextlevel == USER else None
    if context is None or not _may_read(context, address.filearea, userid):
        return None
    if address.component == "mod_page" and address.rest[-1] in ("index.html", "index.htm"):
        cm = current.session.get_one(CourseModule, context.instanceid)
        return Found(address.rest[-1], "text/html", str(cm.settings.get("content", "")).encode())
    stored = current.session.scalar(_query(address))
    kept = KEPT if address.component == "mod_resource" else 0
    return _found(stored, kept)


def _found(stored: StoredFile | None, kept: int = 0) -> Found | None:
    if stored is None:
        return None
    return Found(stored.filename, stored.mimetype, stored.content, kept, modified=stored.timemodified)


def find_draft(path: str, userid: int) -> Found | None:
    """A file that this user has sent and not kept anywhere yet."""
    address = FileAddress.parse(path)
    context = current.session.get(Context, address.contextid) if address else None
    if address is None or context is None or (address.component, address.filearea) != ("user", DRAFT):
        return None
    if context.contextlevel != USER or context.instanceid != userid:
        return None
    stored = current.session.scalar(_query(address))
    return _found(stored)


def require_entry(path: str) -> None:
    """On the way to a module's file a browser is stopped where the module's page would stop it; a visitor on the way to
    people's own files and descriptions, too."""
    address = FileAddress.parse(path)
    context = current.session.get(Context, address.contextid) if address else None
    if address is not None and (address.component, address.filearea) in FOR_THOSE_SIGNED_IN:
        require_login()
    if address is None or context is None or context.contextlevel != MODULE:
        return
    cm = current.session.get(CourseModule, context.instanceid)
    if cm is not None and address.component == f"mod_{cm.modname}":
        require_login(current.session.get_one(Course, cm.course), cm)


def key_owner(key: str, script: str, remote_addr: str) -> User:
    """validate_user_key(): MoodleError for a wrong, expired or elsewhere used key."""
    row = current.session.scalar(select(PrivateKey).where(PrivateKey.value == key, PrivateKey.script == script))
    if row is None:
        raise MoodleError("invalidkey", "Incorrect key")
    if row.validuntil and row.validuntil < current.clock.time():
        raise MoodleError("expiredkey", "Expired key")
    if row.iprestriction and not address_in_subnet(remote_addr, row.iprestriction):
        raise MoodleError("ipmismatch", "Client IP address mismatch")
    user = current.session.get(User, row.userid)
    if user is None or user.deleted or user.suspended:
        raise MoodleError("invaliduserid", "Invalid user ID")
    return user


def token_for_download(token: str | None, remote_addr: str) -> Token:
    found = _token(token, remote_addr)
    if not found.service.downloadfiles:
        raise AccessException("Web service file downloading must be enabled in external service settings")
    return found


def token_for_upload(token: str | None, remote_addr: str) -> Token:
    found = _token(token, remote_addr)
    if not found.service.uploadfiles:
        raise AccessException("Web service file upload must be enabled in external service settings")
    return found


def upload(user: User, uploaded: list[tuple[str, bytes]], *, itemid: int, filepath: str) -> list[dict[str, Any]]:
    """Keeps files (name, content) in the user's draft area; 0 makes a new one. A name that is taken is told, not
    kept."""
    context, session, now = context_user(user.id), current.session, current.clock.time()
    draft = itemid if itemid > 0 else _unused_draft(context)
    results: list[dict[str, Any]] = []
    for sent_name, content in uploaded:
        filename = _stored_name(sent_name, filepath)
        if len(filename) > LONGEST_NAME:
            place = f"{context.id}/user/{DRAFT}/{draft}{filepath}{filename}"
            raise MoodleError("storedfilenotcreated", f"Cannot create file {place}")
        taken = select(StoredFile.id).where(
            StoredFile.contextid == context.id,
            StoredFile.filearea == DRAFT,
            StoredFile.itemid == draft,
            StoredFile.filepath == filepath,
            StoredFile.filename == filename,
        )
        if session.scalar(taken) is not None:
            results.append(
                {
                    "filename": filename,
                    "filepath": f"/tmp/php{current.keys.random_string(6)}",  # noqa: S108 - where PHP had it
                    "size": len(content),
                    "errortype": "filenameexist",
                    "error": f"File name already exists: {filename}",
                }
            )
            continue
        session.add(
            StoredFile(
                contextid=context.id,
                component="user",
                filearea=DRAFT,
                itemid=draft,
                filepath=filepath,
                filename=filename,
                mimetype=mimetype_of(filename),
                content=content,
                userid=user.id,
                author=user.fullname,
                timecreated=now,
                timemodified=now,
            )
        )
        session.flush()
        results.append(
            {
                "component": "user",
                "contextid": context.id,
                "userid": str(user.id),
                "filearea": DRAFT,
                "filename": filename,
                "filepath": filepath,
                "itemid": draft,
                "license": "unknown",
                "author": user.fullname,
                "source": f'O:8:"stdClass":1:{{s:6:"source";s:{len(filename.encode())}:"{filename}";}}',
                "filesize": len(content),
            }
        )
    return results


def _stored_name(sent: str, filepath: str) -> str:
    """PHP takes folders off a sent name, Moodle what no file system likes."""
    if not (filepath.startswith("/") and filepath.endswith("/")):
        raise _stored_file_problem("Invalid file path")
    filename = str(clean_param(sent.replace("\\", "/").rpartition("/")[2], "file"))
    if not filename:
        raise _stored_file_problem("Invalid file name")
    return filename


def _stored_file_problem(what: str) -> MoodleError:
    return MoodleError("storedfileproblem", f"Unknown exception related to local files ({what})")


def _token(token: str | None, remote_addr: str) -> Token:
    if not current.enabled("enablewebservices"):
        raise MoodleError("enablewsdescription", "Web services must be enabled in Advanced features.")
    found = authenticate(token, remote_addr)
    current.visit.userid = found.user.id
    if not found.service.enabled:
        raise MoodleError(
            "servicenotavailable", "Web service is not available. (It doesn't exist or might be disabled.)"
        )
    return found


def _unused_draft(context: Context) -> int:
    """Moodle draws one below a thousand million; a client may have named a higher one itself."""
    drawn = (StoredFile.contextid == context.id, StoredFile.filearea == DRAFT, StoredFile.itemid < 999_999_999)
    return (current.session.scalar(select(func.max(StoredFile.itemid)).where(*drawn)) or 100_000_000) + 1


def _may_read(context: Context, area: str, userid: int) -> bool:
    if context.contextlevel == USER:
        return context.instanceid == userid and area == PRIVATE
    if context.contextlevel == MODULE:
        cm = current.session.get(CourseModule, context.instanceid)
        if cm is None or not userid:
            return False
        try:
            validate_module_context(cm, userid)
        except MoodleError:
            return False
        return True
    return has_capability("moodle/course:view", context_by_id(context.id), userid)


def _generated(context: Context, address: FileAddress) -> Found | None:
    """The pattern for a course, or a group of it, without a picture."""
    if context.contextlevel != COURSE:
        return None
    identifier = context.instanceid if address.component == "course" else to_int(address.rest[0])
    if address.component == "group":
        group = current.session.get(Group, identifier)
        if group is None or group.courseid != context.instanceid:
            return None
    return Found(f"{address.component}.svg", "image/svg+xml", picture_of(identifier).encode(), KEPT_PATTERN)


def _icon(context: Context, name: str, userid: int) -> Found:
    """A user's picture; whoever has none has the theme's silhouette, as all have for visitors of a closed site."""
    user = current.session.get(User, context.instanceid)
    wanted = select(StoredFile).where(StoredFile.contextid == context.id, StoredFile.filearea == "icon")
    stored = current.session.scalar(wanted.order_by(StoredFile.id.desc())) if user and user.picture else None
    closed = current.enabled("forcelogin")
    if stored is not None and (userid or not closed):
        return Found(stored.filename, stored.mimetype, stored.content, KEPT_PICTURE, public=not closed)
    shown = name if name in SIZES else "f1"
    image = silhouette(shown)
    return Found(f"{shown}.png", "image/png", image, KEPT_SILHOUETTE, public=userid in (0, GUEST_ID))


def _query(address: FileAddress) -> Any:
    """Areas with item ids keep one before the path; a user's private files have none."""
    rest = list(address.rest)
    wanted = select(StoredFile).where(
        StoredFile.contextid == address.contextid,
        StoredFile.component == address.component,
        StoredFile.filearea == address.filearea,
    )
    if address.filearea != PRIVATE:
        itemid = rest.pop(0)
        if address.filearea != "content" and itemid.isdecimal():
            wanted = wanted.where(StoredFile.itemid == to_int(itemid))
    filename = rest[-1] if rest else ""
    folder = "/".join(["", *rest[:-1], ""])
    return wanted.where(StoredFile.filename == filename, StoredFile.filepath == folder)
