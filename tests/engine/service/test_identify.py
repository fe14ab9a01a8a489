"""Identification: the machine may say yes, only a person may say no."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from actors import ANN, BOB, Browser, FakeMoodle, jpeg, make_exam
from PIL import Image
from skimage import data

from contract.condition import Identification
from demo import clip
from proctor_engine.lms import Access
from proctor_engine.service import Service
from proctor_engine.store.model import AnalysisState, Evidence, ExamSession, State

ASTRONAUT = np.asarray(data.astronaut(), np.uint8)
MASKED = ASTRONAUT.copy()
MASKED[120:190, 160:280] = (200, 160, 140)


@pytest.fixture(scope="module")
def hopper() -> bytes:
    """Somebody else, from matplotlib's sample data."""
    import matplotlib.cbook

    with matplotlib.cbook.get_sample_data("grace_hopper.jpg") as file:
        return jpeg(np.asarray(Image.open(file).convert("RGB")))


@pytest.fixture
def prepared(moodle: FakeMoodle, browser: Browser) -> Callable[..., str]:
    """Signs Ann in and consents; returns the session's path."""

    def prepared(identification: Identification = Identification.FACE) -> str:
        moodle.exams_due = [make_exam(identification=identification.value)]
        moodle.profile_picture = clip.profile_picture()
        browser.sign_in(ANN)
        made = browser.post("/api/sessions", json={"access_code": "a" * 32, "consent": True})
        return f"/api/sessions/{made.json['id']}"

    return prepared


def test_the_same_face_opens_the_exam_and_is_enrolled(
    service: Service, moodle: FakeMoodle, browser: Browser, prepared: Callable[..., str]
) -> None:
    path = prepared()
    assert browser.post(f"{path}/start").status_code == 409
    answer = browser.post(f"{path}/face", data=jpeg(ASTRONAUT)).json
    assert (answer["decision"], answer["state"], answer["missing"]) == ("same", "identified", [])
    assert browser.post(f"{path}/start").status_code == 200
    with service.database.begin() as db:
        assert db.query(AnalysisState).one().reference is not None
    assert moodle.asked.count(f"picture {ANN.email}") == 1


def test_somebody_else_is_told_why_and_may_leave_it_to_a_person(
    service: Service, browser: Browser, prepared: Callable[..., str], hopper: bytes
) -> None:
    path = prepared()
    first = browser.post(f"{path}/face", data=hopper).json
    assert (first["decision"], first["reason"], first["person_offered"]) == ("unsure", "unsure", False)
    assert browser.post(f"{path}/person").status_code == 409
    assert browser.post(f"{path}/face", data=hopper).json["person_offered"] is True
    assert browser.post(f"{path}/person").json["state"] == "identified"
    with service.database.begin() as db:
        assert db.query(ExamSession).one().identity == "unsure", "a reviewer sees what the machine thought"


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (np.full((240, 320, 3), 128, np.uint8), "no_face"),
        (np.full((240, 320, 3), 10, np.uint8), "dark"),
        (np.hstack([ASTRONAUT, ASTRONAUT]), "several_faces"),
        (np.dstack([data.camera()] * 3), "turned"),
        (MASKED, "covered"),
    ],
    ids=["nobody", "dark", "two", "profile", "mask"],
)
def test_what_is_wrong_with_a_picture_is_named(
    service: Service, browser: Browser, prepared: Callable[..., str], picture: np.ndarray, reason: str
) -> None:
    answer = browser.post(f"{prepared()}/face", data=jpeg(picture)).json
    assert (answer["decision"], answer["reason"]) == ("unsure", reason)
    with service.database.begin() as db:
        assert db.query(Evidence).one().kind == "face", "the person who looks at it next sees what was tried"
        assert db.query(AnalysisState).count() == 0, "nobody is enrolled by such a picture"


def test_somebody_elses_face_in_the_dark_is_first_of_all_dark(
    browser: Browser, prepared: Callable[..., str], hopper: bytes
) -> None:
    dim = np.asarray(Image.open(io.BytesIO(hopper))) // 6
    answer = browser.post(f"{prepared()}/face", data=jpeg(dim)).json
    assert (answer["decision"], answer["reason"]) == ("unsure", "dark")


def test_a_picture_that_a_person_confirmed_stands_in_for_the_profile_picture_next_time(
    service: Service, moodle: FakeMoodle, browser: Browser, prepared: Callable[..., str]
) -> None:
    first = prepared()
    moodle.profile_picture = None
    for picture in (jpeg(MASKED), jpeg(ASTRONAUT)):
        browser.post(f"{first}/face", data=picture)
    assert browser.post(f"{first}/person").json["state"] == "identified"
    session = first.rpartition("/")[2]
    moodle.staff[BOB.email] = Access(success=True, proctor_auth=True, reviewer_auth=True, reviewer_courses=(3,))

    def again(code: str) -> dict[str, object]:
        moodle.exams_due = [make_exam(code * 32, identification="face")]
        made = browser.post("/api/sessions", json={"access_code": code * 32, "consent": True})
        answer: dict[str, object] = browser.post(f"/api/sessions/{made.json['id']}/face", data=jpeg(ASTRONAUT)).json
        return answer

    assert again("b")["reason"] == "no_picture", "nobody has looked at it yet"
    with service.database.begin() as db:
        row = db.get_one(ExamSession, session)
        row.state = State.PROPOSED
    reviewer = Browser(service).sign_in(BOB)
    assert reviewer.post(f"/api/review/{session}/identity").json == {"identity": "person"}
    browser.sign_in(ANN)
    assert again("c")["decision"] == "same"


def test_without_a_profile_picture_a_person_looks_at_once(
    moodle: FakeMoodle, browser: Browser, prepared: Callable[..., str]
) -> None:
    path = prepared()
    moodle.profile_picture = None
    answer = browser.post(f"{path}/face", data=jpeg(ASTRONAUT)).json
    assert (answer["reason"], answer["person_offered"]) == ("no_picture", True)
    assert browser.post(f"{path}/person").json["state"] == "identified"


def test_both_means_both(browser: Browser, prepared: Callable[..., str]) -> None:
    path = prepared(Identification.FACE_AND_PASSPORT)
    assert browser.post(f"{path}/face", data=jpeg(ASTRONAUT)).json["missing"] == ["document"]
    assert browser.post(f"{path}/document", data=jpeg(ASTRONAUT)).json == {"missing": [], "state": "identified"}


def test_a_document_alone_waits_for_a_persons_look(
    service: Service, browser: Browser, prepared: Callable[..., str]
) -> None:
    path = prepared(Identification.PASSPORT)
    assert browser.post(f"{path}/document", data=jpeg(ASTRONAUT)).json["state"] == "identified"
    with service.database.begin() as db:
        assert db.query(ExamSession).one().identity == "unsure"


def test_the_system_check_says_where_the_face_is(browser: Browser, prepared: Callable[..., str]) -> None:
    path = prepared()
    seen = browser.post(f"{path}/look", data=jpeg(ASTRONAUT)).json
    assert (seen["faces"], seen["centred"]) == (1, True)
    assert seen["seconds"] > 0, "what we took is not the network's fault"
    aside = np.hstack([ASTRONAUT, np.full((512, 900, 3), 90, np.uint8)])
    seen = browser.post(f"{path}/look", data=jpeg(aside)).json
    assert (seen["faces"], seen["centred"]) == (1, False)
    assert browser.post(f"{path}/look", data=b"nothing").status_code == 422


def test_a_face_left_to_a_person_does_not_leave_out_the_document(
    browser: Browser, prepared: Callable[..., str], hopper: bytes
) -> None:
    path = prepared(Identification.FACE_AND_PASSPORT)
    for _ in range(2):
        browser.post(f"{path}/face", data=hopper)
    assert browser.post(f"{path}/person").json == {"missing": ["face", "document"], "state": "prepared"}
    assert browser.post(f"{path}/document", data=jpeg(ASTRONAUT)).json["state"] == "prepared"
    assert browser.post(f"{path}/person").json["state"] == "identified"
