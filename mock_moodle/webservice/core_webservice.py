"""core_webservice_get_site_info: the first question of every client."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_system, has_capability
from mock_moodle.site import current
from mock_moodle.store.core import Course, ExternalService, PrivateKey, User
from mock_moodle.webservice import catalogue
from mock_moodle.webservice.pictures import picture_url
from mock_moodle.webservice.registry import Call, function

OPTIONAL = Presence.OPTIONAL
MAX_UPLOAD_BYTES = 2097152
NO_LIMIT = -1

ADVANCED_FEATURES = (
    "usecomments", "usetags", "enablenotes", "messaging", "enableblogs", "enablecompletion", "enablebadges",
    "messagingallusers", "enablecustomreports", "enableglobalsearch", "mnet_dispatcher_mode", "enablecompetencies",
)  # fmt: skip
SWITCHED_OFF = (None, "", "0", "off")
ALWAYS_ON = frozenset({"enablecompetencies"})

_RETURNS: dict[str, Schema] = {
    "sitename": Value("raw", "site name"),
    "username": Value("raw", "username"),
    "firstname": Value("text", "first name"),
    "lastname": Value("text", "last name"),
    "fullname": Value("text", "user full name"),
    "lang": Value("alphanumext", "Current language."),
    "userid": Value("int", "user id"),
    "siteurl": Value("raw", "site url"),
    "userpictureurl": Value("url", "the user profile picture."),
    "functions": Multiple(
        Single({"name": Value("raw", "function name"), "version": Value("text", "version of the function's component")})
    ),
    "downloadfiles": Value("int", "1 if users are allowed to download files, 0 if not", OPTIONAL),
    "uploadfiles": Value("int", "1 if users are allowed to upload files, 0 if not", OPTIONAL),
    "release": Value("text", "Moodle release number", OPTIONAL),
    "version": Value("text", "Moodle version number", OPTIONAL),
    "mobilecssurl": Value("url", "Mobile custom CSS theme", OPTIONAL),
    "advancedfeatures": Multiple(
        Single({"name": Value("alphanumext", "feature name"), "value": Value("int", "feature value, mostly 1 or 0")}),
        "Advanced features availability",
        OPTIONAL,
    ),
    "usercanmanageownfiles": Value("bool", "true if the user can manage his own files", OPTIONAL),
    "userquota": Value("int", "user quota (bytes). 0 means user can ignore the quota", OPTIONAL),
    "usermaxuploadfilesize": Value("int", "user max upload file size (bytes)", OPTIONAL),
    "userhomepage": Value("int", "the default home page for the user", OPTIONAL),
    "userhomepageurl": Value("url", "the URL of the custom user home page", OPTIONAL),
    "userprivateaccesskey": Value("alphanum", "Private user access key for fetching files.", OPTIONAL),
    "siteid": Value("int", "Site course ID", OPTIONAL),
    "sitecalendartype": Value("plugin", "Calendar type set in the site.", OPTIONAL),
    "usercalendartype": Value("plugin", "Calendar typed used by the user.", OPTIONAL),
    "userissiteadmin": Value("bool", "Whether the user is a site admin or not.", OPTIONAL),
    "theme": Value("theme", "Current theme for the user.", OPTIONAL),
    "limitconcurrentlogins": Value("int", "Number of concurrent sessions allowed", OPTIONAL),
    "usersessionscount": Value("int", "Number of active sessions for current user.", OPTIONAL),
    "policyagreed": Value("int", "Whether user accepted all the policies.", OPTIONAL),
}

_TABLES = (
    "config", "course", "user", "external_services", "external_tokens", "plugins", "user_private_key", "role",
    "role_capabilities", "role_assignments",
)  # fmt: skip


@function(
    "core_webservice_get_site_info",
    {"serviceshortnames": Multiple(Value("alphanumext", "service shortname"), "DEPRECATED", Presence.DEFAULT, ())},
    Single(_RETURNS),
)
def get_site_info(call: Call, serviceshortnames: list[str]) -> dict[str, Any]:  # noqa: ARG001 - deprecated in Moodle
    return current.cached(_TABLES, ("site_info", call.userid, call.serviceid), lambda: _collect(call))


def _collect(call: Call) -> dict[str, Any]:
    session, site = current.session, current.site
    user = session.get_one(User, call.userid)
    front = session.get_one(Course, 1)
    service = session.get_one(ExternalService, call.serviceid)
    theme = current.config("theme") or "boost"
    return {
        "sitename": front.fullname,
        "username": user.username,
        "firstname": user.firstname,
        "lastname": user.lastname,
        "fullname": user.fullname,
        "lang": user.lang or current.config("lang"),
        "userid": user.id,
        "siteurl": site.wwwroot,
        "userpictureurl": picture_url(user, size="f1"),
        "functions": catalogue.listed(service),
        "downloadfiles": int(service.downloadfiles),
        "uploadfiles": int(service.uploadfiles),
        "release": current.config("world_release") or site.release.release,
        "version": current.config("world_version") or site.release.version,
        "mobilecssurl": "",
        "advancedfeatures": [
            {"name": name, "value": int(name in ALWAYS_ON or current.config(name) not in SWITCHED_OFF)}
            for name in ADVANCED_FEATURES
        ],
        "usercanmanageownfiles": has_capability("moodle/user:manageownfiles", context_system(), user.id),
        "userquota": 0 if user.siteadmin else int(current.config("userquota") or 0),
        "usermaxuploadfilesize": NO_LIMIT if user.siteadmin else MAX_UPLOAD_BYTES,
        "userhomepage": 1,
        "userprivateaccesskey": private_key("core_files", user.id),
        "siteid": front.id,
        "sitecalendartype": "gregorian",
        "usercalendartype": "gregorian",
        "userissiteadmin": user.siteadmin,
        "theme": theme,
        "limitconcurrentlogins": int(current.config("limitconcurrentlogins") or 0),
        "policyagreed": 0,
    }


def private_key(script: str, userid: int) -> str:
    """get_user_key(): the user's key for a script, made at first need."""
    wanted = select(PrivateKey.value).where(PrivateKey.script == script, PrivateKey.userid == userid)
    found = current.session.scalar(wanted)
    if found is not None:
        return found
    value = current.keys.md5()
    key = PrivateKey(script=script, value=value, userid=userid, timecreated=current.clock.time())
    with current.aside() as session:
        session.add(key)
    return value
