"""Connects a fresh Moodle and the engine: every page that the plugin's documentation asks an administrator to visit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomlkit

from contract import access, webservice
from demo import clip
from demo.administrator import REVIEWER_ROLE, SERVICE_ROLE, SERVICE_USER, Administrator
from demo.narration import Narrator
from demo.people import COURSE, QUIZ, TEACHER_NAME

CLIENT_ID = "proctor-engine"
REST_USE = "webservice/rest:use"
SERVICE_NAME = "Proctoring Service"


def connect(narrator: Narrator, admin: Administrator, archive: Path, engine: str, settings: Path) -> None:
    """Does it all and writes the engine's `settings` file (TOML)."""
    with narrator.step("Install the ZIP on Moodle's own page"):
        narrator.say(f"Moodle lists {admin.install_plugin(archive)}")
    with narrator.step("Switch on web services and the REST protocol"):
        admin.enable_web_services()
        admin.enable_rest()
    with narrator.step("Make the service's user, role and token; let the teacher review"):
        token = _service(admin)
        narrator.say(f"user {SERVICE_USER}, service {webservice.SERVICE_NAME}, token {token[:6]}...")
    with narrator.step("Register the engine as an OAuth client and tell the plugin where it is"):
        secret = admin.add_oauth_client(CLIENT_ID, f"{engine}/oauth/callback")
        admin.set_plugin(engineurl=engine, origins=engine)
        values = connection(admin, engine, CLIENT_ID, secret, token)
    with narrator.step("Restrict the quiz: only under proctoring"):
        admin.restrict(QUIZ)
    values["data"] = str(settings.with_suffix(""))
    # The clip is sent faster than life, so its times run ahead of the clock.
    values["limits"] = {"clock_tolerance": 2 * clip.duration(), "chunks_per_minute": 6000}
    settings.write_text(tomlkit.dumps(values), encoding="utf-8")


def connection(admin: Administrator, engine: str, client_id: str, secret: str, token: str) -> dict[str, Any]:
    """The engine's settings for this Moodle, as its file has them, with the keys that the plugin shows."""
    keys = {f"{name}_keys": _keys(admin.setting(f"{name}keys")) for name in ("panel", "push")}
    moodle = {"url": admin.moodle, "client_id": client_id, "client_secret": secret, "token": token, **keys}
    return {"public_url": engine, "moodle": moodle}


def _keys(ring: str) -> dict[str, str]:
    return dict(line.split(":", 1) for line in ring.split())


def _service(admin: Administrator) -> str:
    admin.add_service_user()
    admin.define_role(SERVICE_ROLE, "Proctoring service", (REST_USE, access.WEBSERVICE.full_name()))
    admin.assign_role(SERVICE_ROLE, SERVICE_NAME)
    admin.authorise(SERVICE_NAME)
    admin.define_role(REVIEWER_ROLE, "Proctoring reviewer", (access.REVIEWER_AUTH.full_name(),), course=True)
    admin.assign_role(REVIEWER_ROLE, TEACHER_NAME, admin.course_context(COURSE))
    return admin.create_token(SERVICE_NAME)
