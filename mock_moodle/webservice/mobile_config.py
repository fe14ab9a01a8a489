"""tool_mobile\\api::get_config(): the settings that the app reads, section by section, as a new site has them."""

from __future__ import annotations

from typing import Any

from mock_moodle.access import context_system, has_capability
from mock_moodle.page import site_course
from mock_moodle.site import ADMIN_ID, current
from mock_moodle.store.core import User

_COLOURS = (
    "#81ecec", "#74b9ff", "#a29bfe", "#dfe6e9", "#00b894", "#0984e3", "#b2bec3", "#fdcb6e", "#fd79a8", "#6c5ce7",
)  # fmt: skip
_USER_MENU = "\n".join(
    (
        "profile,moodle|/user/profile.php",
        "grades,grades|/grade/report/mygrades.php",
        "calendar,core_calendar|/calendar/view.php?view=month",
        "privatefiles,moodle|/user/files.php",
        "reports,core_reportbuilder|/reportbuilder/index.php",
    )
)
STATIC: dict[str, dict[str, str]] = {
    "mobileapp": {
        "tool_mobile_forcelogout": "0",
        "tool_mobile_customlangstrings": "",
        "tool_mobile_disabledfeatures": "",
        "tool_mobile_filetypeexclusionlist": "",
        "tool_mobile_custommenuitems": "",
        "tool_mobile_apppolicy": "",
        "tool_mobile_autologinmintimebetweenreq": "360",
        "tool_mobile_autologout": "0",
        "tool_mobile_autologouttime": "86400",
    },
    "calendar": {
        "calendartype": "gregorian",
        "calendar_site_timeformat": "0",
        "calendar_startwday": "1",
        "calendar_adminseesall": "0",
        "calendar_lookahead": "21",
        "calendar_maxevents": "10",
    },
    "coursecolors": {f"core_admin_coursecolor{number}": colour for number, colour in enumerate(_COLOURS, 1)},
    "supportcontact": {"supportavailability": "1", "supportname": "", "supportemail": "", "supportpage": ""},
    "graceperiodsettings": {"coursegraceperiodafter": "0", "coursegraceperiodbefore": "0"},
    "navigation": {"enabledashboard": "1"},
    "themesettings": {"customusermenuitems": _USER_MENU},
    "locationsettings": {"timezone": "", "forcetimezone": "99"},
    "manageglobalsearch": {
        "searchengine": "simpledb",
        "searchenablecategories": "0",
        "searchdefaultcategory": "core-all",
        "searchhideallcategory": "0",
        "searchmaxtopresults": "3",
        "searchbannerenable": "0",
        "searchbanner": "",
    },
    "privacysettings": {
        "tool_dataprivacy_contactdataprotectionofficer": "0",
        "tool_dataprivacy_showdataretentionsummary": "1",
    },
    "blog": {"useblogassociations": "1", "bloglevel": "4", "blogusecomments": "1"},
}


def settings(section: str, userid: int) -> dict[str, Any]:
    """Of one section, of all for an empty name, none for an unknown one."""
    sections = {
        "frontpagesettings": _front_page(userid),
        "sitepolicies": {"sitepolicy": "", "sitepolicyhandler": "", "disableuserimages": "0"},
        "gradessettings": {"mygradesurl": current.url("/grade/report/overview/index.php")},
        **STATIC,
    }
    chosen = sections if not section else {section: sections.get(section, {})}
    told: dict[str, Any] = {name: value for part in chosen.values() for name, value in part.items()}
    admin = current.session.get(User, ADMIN_ID)
    known = {
        "timezone": current.config("timezone"),
        "supportname": admin and admin.fullname,
        "supportemail": admin and admin.email,
    }
    return {name: known.get(name) or value for name, value in told.items()}


def _front_page(userid: int) -> dict[str, Any]:
    front = site_course()
    told: dict[str, Any] = {
        "fullname": front.fullname,
        "shortname": front.shortname,
        "summary": front.summary,
        "summaryformat": "0",
        "frontpage": "6",
        "frontpageloggedin": "6",
        "maxcategorydepth": "2",
        "frontpagecourselimit": "200",
        "numsections": 1,
        "newsitems": str(front.newsitems),
        "commentsperpage": "15",
    }
    if has_capability("moodle/site:config", context_system(), userid):
        told["defaultfrontpageroleid"] = "8"
    return told
