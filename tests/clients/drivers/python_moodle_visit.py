"""Runs in python-moodle's environment: HTML login, dashboard, AJAX and REST, as a student who changes nothing."""

import json
import re
import sys
from pathlib import Path

from py_moodle import course, section, site, upload, user
from py_moodle.auth import LoginError, login
from py_moodle.session import MoodleSession
from py_moodle.settings import Settings

address, courseid, file = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])


def settings(password):
    return Settings(
        env_name="TEST",
        url=address,
        username="anna",
        password=password,
        use_cas=False,
        cas_url=None,
        webservice_token=None,
    )


moodle = MoodleSession(settings("Passw0rd!"))
state = section.list_sections(moodle.session, address, moodle.sesskey, courseid)
try:
    login(address, "anna", "wrong")
    wrong_password = "let in"
except LoginError:
    wrong_password = "refused"
print(
    json.dumps(
        {
            "sesskey": bool(re.fullmatch(r"\w{10}", moodle.sesskey)),
            "token": bool(re.fullmatch(r"[0-9a-f]{32}", moodle.token)),
            "version": moodle.moodle_version.raw,
            "wrong_password": wrong_password,
            "site": site.get_site_info(moodle).siteurl,
            "context": course.get_course_context_id(moodle.session, address, courseid),
            "state": [each["name"] for each in state["cm"]],
            "contents": [
                each["name"]
                for part in course.get_course(moodle.session, address, moodle.sesskey, courseid, token=moodle.token)
                for each in part["modules"]
            ],
            "participants": sorted(
                each["fullname"] for each in user.list_course_users(moodle.session, address, moodle.token, courseid)
            ),
            "draft": upload.upload_file_webservice(address, moodle.token, str(file)),
        }
    )
)
