"""What the service is told of an exam and of who takes it: the payload of the form that a browser carries there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from contract.condition import RULES, SCORING
from mock_moodle.access import context_user
from mock_moodle.examus2.models import Session
from mock_moodle.examus2.names import ACCOUNT_ID, COMPONENT, LANGUAGES
from mock_moodle.quiz.models import Quiz
from mock_moodle.quiz.overrides import effective
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseModule, PrivateKey, User

SCHEDULED_MODES = ("online", "identification")
VISIBLE_WARNINGS = (
    "warning_extra_user_in_frame",
    "warning_substitution_user",
    "warning_no_user_in_frame",
    "warning_avert_eyes",
    "warning_change_active_window_on_computer",
    "warning_forbidden_device",
    "warning_voice_detected",
    "warning_phone",
)
FLAGS = {
    "ldb": "ldb",
    "allowMultipleDisplays": "allowmultipledisplays",
    "faceHuntingEnabled": "facehuntingenabled",
    "allowMobileDevices": "allowmobiledevices",
    "allowVirtualEnvironment": "allowvirtualenvironment",
    "checkIdPhotoQuality": "checkidphotoquality",
}
PROCESSES = {
    "desktopAppForbiddenProcesses": "enabledForbiddenProcesses",
    "desktopAppAllowedProcesses": "enabledAllowedProcesses",
}
FIRST_DAY, LAST_DAY = 1_640_995_200, 1_956_528_000
"""2022 and 2032: where the quiz says nothing of both its ends."""


def payload(node: Mapping[str, Any], cm: CourseModule, user: User, session: Session, address: str) -> dict[str, Any]:
    """`address` is where the service shall send the browser."""
    course = current.session.get_one(Course, cm.course)
    start, end = _bracket(cm, user)
    language = LANGUAGES.get(user.lang) or LANGUAGES.get(user.lang.partition("_")[0])
    return {
        "accountId": ACCOUNT_ID,
        "accountName": current.config("account_name", COMPONENT) or "",
        "examId": cm.id,
        "examName": cm.name,
        "courseName": course.fullname,
        **_exam(node),
        "userId": user.username,
        "firstName": user.firstname,
        "lastName": user.lastname,
        "thirdName": "",
        "email": user.email if current.config("user_emails", COMPONENT) not in ("0", "") else None,
        **({"language": language} if language else {}),
        "startDate": _iso(start),
        "endDate": _iso(end),
        "sessionId": session.accesscode,
        "sessionUrl": address,
        "biometricIdentification": {
            "enabled": bool(node.get("biometryenabled")),
            "skip_fail": bool(node.get("biometryskipfail")),
            "flow": node.get("biometryflow"),
            "theme": node.get("biometrytheme"),
            "photo_url": _picture(user),
        },
    }


def _exam(node: Mapping[str, Any]) -> dict[str, Any]:
    mode = node.get("mode") or "online"
    schedule = node.get("scheduling_required")
    rules, warnings, scoring = (_mapping(node.get(name)) for name in ("rules", "warnings", "scoring"))
    told = {
        "duration": node.get("duration", 60),
        "schedule": mode in SCHEDULED_MODES if schedule is None else bool(schedule),
        "proctoring": mode,
        "userAgreementUrl": node.get("useragreementurl"),
        "identification": node.get("identification"),
        "trial": bool(node.get("istrial")),
        "auxiliaryCamera": bool(node.get("auxiliarycamera")),
        "auxiliaryCameraMode": node.get("auxiliarycameramode") or "video",
        "scoreConfig": {key.key: scoring[key.key] for key in SCORING if scoring.get(key.key) is not None},
        "visibleWarnings": {name: bool(warnings.get(name, True)) for name in VISIBLE_WARNINGS},
        **{name: bool(node.get(key)) for name, key in FLAGS.items()},
        "webCameraMainView": node.get("webcameramainview") or "front",
        "rules": {
            **{rule.key: bool(rules.get(rule.key, rule.default)) for rule in RULES},
            "custom_rules": node.get("customrules") or "",
        },
    }
    return told | {name: _processes(node.get(name)) for name, enabled in PROCESSES.items() if node.get(enabled)}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _processes(stored: Any) -> Any:
    """A list, which is kept as JSON in a text."""
    try:
        return json.loads(stored) if isinstance(stored, str) else None
    except ValueError:
        return None


def _bracket(cm: CourseModule, user: User) -> tuple[int, int]:
    if cm.modname == "quiz":
        quiz = effective(current.session.get_one(Quiz, cm.instance), user.id)
        start, end = quiz.timeopen, quiz.timeclose
    else:
        start, end = (int(cm.settings.get(name) or 0) for name in ("allowsubmissionsfromdate", "duedate"))
    return (start, end) if start and end else (FIRST_DAY, LAST_DAY)


def _iso(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, timezone.utc):%Y-%m-%dT%H:%M:%S}+0000"


def _picture(user: User) -> str:
    """Under a key to all of the user's files that never expires."""
    script = "core_files"
    row = current.session.query(PrivateKey).filter_by(script=script, userid=user.id, validuntil=None).first()
    if row is None:
        row = PrivateKey(script=script, value=current.keys.md5(), userid=user.id, timecreated=current.clock.time())
        current.session.add(row)
    theme = current.config("theme") or "boost"
    return current.url(f"/tokenpluginfile.php/{row.value}/{context_user(user.id).id}/user/icon/{theme}/f1")
