"""The same stage at a real Moodle that has the plugin: a course, people and keys made for it, and cleared away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.administration import CONFORMANCE
from conformance.lab import PASSWORD, Exam
from conformance.real_moodle import RealMoodle
from stage import Stage, engine_beside, free_address

from contract.panel import WayIn
from demo import clip
from demo.administrator import Administrator
from demo.people import Account
from demo.setup import connection

OWN_SETTINGS = ("engineurl", "origins", "wayin")


class ExamMoodle(RealMoodle):
    """Its exam has the demo's two questions, on a page each, and asks for a confirmation."""

    def _course_with_exam(self) -> Exam:
        exam = super()._course_with_exam()
        frog: dict[str, str | int] = {"answer[0]": "frog", "fraction[0]": "1.0"}
        self._site.add_question(exam.cmid, "shortanswer", "Name an amphibian.", frog)
        self._site.change_quiz(exam.cmid, {"timelimit[enabled]": 1, "timelimit[number]": 60, "timelimit[timeunit]": 60})
        return exam


@contextmanager
def real_stage(folder: Path, way: WayIn, address: str, password: str) -> Iterator[Stage]:
    """The plugin's settings are put back at the end."""
    moodle = ExamMoodle(address, password)
    moodle.prepare()
    admin = Administrator(moodle.address, "admin", password)
    before = {name: admin.setting(name) for name in OWN_SETTINGS}
    pushed = admin.setting("pushenabled") == "1"
    try:
        admin.restrict(moodle.exam.cmid)
        student = moodle.student()
        moodle.give_portrait(student, clip.profile_picture())
        moodle.let_review(moodle.teacher)
        engine = free_address()
        client = moodle.oauth_client(f"{engine}/oauth/callback")
        admin.set_plugin(engineurl=engine, origins=engine)
        values = connection(admin, engine, client.client_id, client.secret, moodle.service.token)
        values["data"] = str(folder / "engine")
        with engine_beside(admin, values, folder, way):
            name = f"{student.username.removeprefix(f'{CONFORMANCE}-').capitalize()} Conformance"
            people = Account(student.username, PASSWORD), Account(moodle.teacher.username, PASSWORD)
            yield Stage(moodle.address, engine, admin, *people, name)
    finally:
        admin.set_plugin(**before, pushenabled=pushed)
        moodle.clear()
