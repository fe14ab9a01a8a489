"""The panel in a real browser: the small frame on quiz pages of a Moodle that is a page of ours."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from actors import ANN, BOB
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import expect
from sqlalchemy import select
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from contract import panel
from contract.panel import WayIn
from proctor_engine.settings import MoodleSettings
from proctor_engine.store.model import ExamSession

Open = Callable[..., Any]
SECRET = "s" * 40
HIDDEN = """
window.wasHidden = true;
Object.defineProperty(Document.prototype, "visibilityState", { get: () => (window.wasHidden ? "hidden" : "visible") });
"""


def ticket(place: Any) -> str:
    at, moodle = int(time.time()), place.service.settings.moodle.url
    claims = {"iss": moodle, "aud": place.url, "iat": at, "exp": at + 120, "jti": "n" * 32, "sub": "17", "attempt": 5}
    claims |= {"cmid": 41, "accesscode": "a" * 32, "email": ANN.email, "name": ANN.name, "language": "en"}
    header = {"alg": panel.ALGORITHM, "typ": panel.TICKET_TYPE, "kid": "k1"}
    return jwt.encode(header, claims, OctKey.import_key(SECRET), algorithms=[panel.ALGORITHM])


def quiz(place: Any) -> str:
    """A page that frames the panel and hands it a ticket again and again, as the plugin's does."""
    message = {"type": panel.MESSAGE_TICKET, "ticket": ticket(place), "nonce": "n" * 32}
    return f"""<title>A quiz</title>
<iframe src="{place.url}/panel" allow="camera; microphone" width="600" height="300"></iframe>
<script>
window.heard = [];
addEventListener("message", (event) => heard.push(event.data.type));
setInterval(() => frames[0].postMessage({message}, "{place.url}"), 500);
</script>"""


@pytest.fixture
def open_quiz(place: Any, chromium: Any) -> Iterator[Open]:
    """Opens the quiz in a tab of the one browser in which Ann has consented."""
    moodle = make_server("127.0.0.1", 0, Request.application(lambda _: Response(quiz(place), mimetype="text/html")))
    thread = threading.Thread(target=moodle.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{moodle.server_port}"
    keys = MoodleSettings(url=url, client_id="engine", client_secret="s", token="t", panel_keys={"k1": SECRET})
    place.change(way=WayIn.PANEL, moodle=keys)
    page = place.open(chromium)
    page.goto(f"/exams/{'a' * 32}")
    page.get_by_label("I have read this and agree").check()
    page.get_by_role("button", name="Go on to the camera").click()
    page.locator("#go-on:enabled").wait_for()

    def open_quiz(script: str = "") -> Any:
        tab = page.context.new_page()
        tab.add_init_script(script)
        tab.goto(f"{url}/mod/quiz/attempt.php")
        return tab

    yield open_quiz
    page.context.close()
    moodle.shutdown()
    thread.join()


def status(tab: Any) -> Any:
    return tab.frame_locator("iframe").locator("#status")


def test_of_two_quiz_pages_the_one_that_came_last_watches_and_the_other_can_take_over(open_quiz: Open) -> None:
    """Whoever prepares in a tab of its own has two: neither may stay covered for the other's sake."""
    first = open_quiz()
    expect(status(first)).to_have_text("Camera and connection work")
    second = open_quiz()
    expect(status(second)).to_have_text("Camera and connection work")
    expect(status(first)).to_have_text("This exam is open elsewhere")
    first.frame_locator("iframe").get_by_role("button", name="Take over here").click()
    expect(status(first)).to_have_text("Camera and connection work")
    expect(status(second)).to_have_text("This exam is open elsewhere")


def test_a_quiz_page_behind_others_leaves_the_watching_to_them(open_quiz: Open) -> None:
    behind = open_quiz(HIDDEN)
    seen = open_quiz()
    expect(status(seen)).to_have_text("Camera and connection work")
    expect(status(behind)).to_have_text("One moment…")
    seen.close()
    behind.frames[1].evaluate("window.wasHidden = false")
    expect(status(behind)).to_have_text("Camera and connection work")


def test_while_a_proctor_has_paused_the_exam_its_questions_are_covered(
    place: Any, chromium: Any, open_quiz: Open
) -> None:
    tab = open_quiz()
    tab.wait_for_function(f"heard.includes('{panel.MESSAGE_READY}')")
    place.staff(BOB)
    with place.service.database.read() as db:
        session = db.scalars(select(ExamSession.id)).one()
    proctor = place.open(chromium, BOB)
    proctor.goto(f"/wall/session/{session}")
    proctor.get_by_role("button", name="Pause").click()
    expect(status(tab)).to_have_text("Paused by the proctor. Please wait.")
    tab.wait_for_function(f"heard.at(-1) === '{panel.MESSAGE_LOST}'")
    proctor.get_by_role("button", name="Resume").click()
    tab.wait_for_function(f"heard.at(-1) === '{panel.MESSAGE_READY}'")
