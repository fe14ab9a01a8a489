"""The exam's page in a real browser: what it sends, whatever happens to network, tabs, devices and windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from actors import BOB, Clock, make_exam
from playwright.sync_api import expect
from sqlalchemy import func, select

from proctor_engine.store.model import Chunk, Evidence, ExamSession, Message, MessageKind
from proctor_engine.tasks.analyse import Analyst

Begin = Callable[..., Any]
MOODLE = "http://127.0.0.1:9"
QUEUED = """async () => {
  const [{ name }] = (await indexedDB.databases()).filter(({ name }) => name.startsWith("proctor-"));
  const database = await new Promise((done) => (indexedDB.open(name).onsuccess = (event) => done(event.target.result)));
  const store = database.transaction("chunks").objectStore("chunks");
  const count = await new Promise((done) => (store.count().onsuccess = (event) => done(event.target.result)));
  database.close();
  return count;
}"""

KEPT_SIGNS = "Object.keys(localStorage).filter((key) => key.startsWith('proctor-signs'))"


def row_of(place: Any) -> ExamSession:
    with place.service.database.begin() as db:
        return db.scalars(select(ExamSession).order_by(ExamSession.created_at.desc()).limit(1)).one()


def notices(place: Any) -> list[str]:
    with place.service.database.begin() as db:
        query = select(Message.text).where(Message.kind == MessageKind.EVENT).order_by(Message.at)
        return list(db.scalars(query))


def reviewed(place: Any, chromium: Any) -> Any:
    """The facts of the newest session, all that waits analysed."""
    analyst = Analyst(place.service)
    while analyst.turn():
        pass
    place.staff(BOB)
    return place.open(chromium, BOB).request.get(f"/api/review/{row_of(place).id}").json()


def wait_until(page: Any, holds: Callable[[], bool]) -> None:
    for _ in range(300):
        if holds():
            return
        page.wait_for_timeout(200)
    raise AssertionError("never came to be so")


def end(page: Any) -> None:
    page.get_by_role("button", name="End the exam").click()
    page.get_by_role("button", name="End it").click()
    page.get_by_role("heading", name="The exam is over").wait_for()


def test_what_was_queued_without_network_arrives_late_in_order_and_once(
    place: Any, chromium: Any, begin: Begin
) -> None:
    page = begin()
    page.context.set_offline(True)
    page.locator("#status[data-word=offline]").wait_for()
    wait_until(page, lambda: page.evaluate(QUEUED) > 8)
    page.context.set_offline(False)
    page.locator("#status[data-word=watching]").wait_for()
    end(page)
    with place.service.database.begin() as db:
        count, highest = db.execute(select(func.count(), func.max(Chunk.sequence))).one()
    assert count == highest + 1
    assert page.evaluate("indexedDB.databases()") == []
    facts = reviewed(place, chromium)
    assert (facts["frames"]["missing"], facts["frames"]["late"]) == (0, 0)
    assert "warning_no_ping" in {incident["type"] for incident in facts["incidents"]}


def test_a_reload_in_the_middle_goes_on_without_a_gap(place: Any, chromium: Any, begin: Begin) -> None:
    page = begin()
    wait_until(page, lambda: row_of(place).frames_received > 2)
    page.reload()
    page.get_by_role("button", name="Go on", exact=True).click()
    page.get_by_role("button", name="Begin the exam").click()
    page.locator("#status[data-word=watching]").wait_for()
    before = row_of(place).frames_received
    wait_until(page, lambda: row_of(place).frames_received > before + 1)
    end(page)
    assert "reloaded" in notices(place)
    assert reviewed(place, chromium)["frames"]["missing"] == 0


def test_what_lasted_when_the_page_was_left_ends_on_the_next(place: Any, chromium: Any, begin: Begin) -> None:
    page = begin(
        script="""Object.defineProperty(Screen.prototype, "isExtended", { get: () => sessionStorage.two === "yes" });"""
    )
    two_screens = "Object.values(localStorage).some((signs) => signs.includes('more_screens'))"
    page.evaluate("sessionStorage.two = 'yes'")
    wait_until(page, lambda: page.evaluate(two_screens))
    page.evaluate("sessionStorage.two = 'no'; location.reload()")
    page.get_by_role("button", name="Go on", exact=True).click()
    page.get_by_role("button", name="Begin the exam").click()
    page.locator("#status[data-word=watching]").wait_for()
    wait_until(page, lambda: not page.evaluate(two_screens))
    before = row_of(place).frames_received
    wait_until(page, lambda: row_of(place).frames_received > before + 5)
    end(page)
    facts = reviewed(place, chromium)
    [display] = [one for one in facts["incidents"] if one["type"] == "warning_extra_display"]
    assert display["end"] < facts["duration"] - 3
    assert page.evaluate(KEPT_SIGNS) == []


def test_another_computer_takes_over_and_the_first_is_told(place: Any, chromium: Any, begin: Begin) -> None:
    first = begin()
    second = place.open(chromium)
    second.goto(first.url)
    second.get_by_role("button", name="Go on", exact=True).click()
    second.get_by_role("button", name="Begin the exam").click()
    second.get_by_role("button", name="Take over here").click()
    second.locator("#status[data-word=watching]").wait_for()
    before = row_of(place).frames_received
    wait_until(second, lambda: row_of(place).frames_received > before + 1)
    first.get_by_role("heading", name="Is everything working?").wait_for()  # It has started anew, and may take over.
    assert "taken_over" in notices(place)


def test_another_tab_of_the_browser_takes_over_without_losing_anything(place: Any, chromium: Any, begin: Begin) -> None:
    first = begin()
    second = first.context.new_page()
    second.goto(first.url)
    second.get_by_role("button", name="Take over here").click()
    second.get_by_role("button", name="Go on", exact=True).click()
    second.get_by_role("button", name="Begin the exam").click()
    second.locator("#status[data-word=watching]").wait_for()
    first.get_by_role("heading", name="This exam is open elsewhere").wait_for()
    end(second)
    assert reviewed(place, chromium)["frames"]["missing"] == 0


def test_the_phone_joins_by_its_link(place: Any, chromium: Any) -> None:
    place.moodle.exams_due = [make_exam(auxiliary_camera=True)]
    place.change(phone_interval=2.0)
    page = place.open(chromium)
    page.goto(f"/exams/{'a' * 32}")
    page.get_by_label("I have read this and agree").check()
    page.get_by_role("button", name="Go on to the camera").click()
    page.locator("#invitation img").wait_for()
    phone = place.open(chromium, None, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone.goto(page.locator("#invitation a").get_attribute("href"))
    phone.get_by_label("I have read this and agree").check()
    phone.get_by_role("button", name="Switch the camera on").click()
    page.locator("#check-phone[data-state=good]").wait_for()
    page.get_by_role("button", name="Go on", exact=True).click()
    page.get_by_role("button", name="Begin the exam").click()
    phone.get_by_text("Watching.").wait_for()

    def kept() -> int:
        with place.service.database.begin() as db:
            return db.scalar(select(func.count()).where(Evidence.kind == "phone")) or 0

    wait_until(phone, lambda: kept() > 1)
    phone.reload()
    before = kept()
    wait_until(phone, lambda: kept() > before + 1)
    end(page)
    phone.get_by_text("The exam is over.").wait_for()


def test_what_moodles_page_sees_becomes_notices_and_nobody_elses_word_does(place: Any, begin: Begin) -> None:
    place.moodle.exams_due = [make_exam(url=f"{MOODLE}/quiz")]
    page = begin()
    page.evaluate("window.postMessage({ type: 'proctoring.seen', what: 'copy' }, '*')")  # The student's console.
    moodle = page.frame(url=f"{MOODLE}/quiz")
    moodle.evaluate("parent.postMessage({ type: 'proctoring.seen', what: 'paste' }, '*')")
    wait_until(page, lambda: "pasted" in notices(place))
    assert "copied" not in notices(place)


def test_windows_screens_and_devices_are_told(place: Any, chromium: Any, begin: Begin) -> None:
    place.change(screen_share=True, full_screen=True)
    page = begin(
        script="""
        Object.defineProperty(Screen.prototype, "isExtended", { get: () => window.extended ?? false });
        MediaDevices.prototype.getDisplayMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));
        """
    )
    page.evaluate("window.extended = true")
    page.evaluate("document.hasFocus = () => false")
    camera = "document.querySelector('#preview').srcObject.getVideoTracks()[0]"
    page.evaluate(f"{camera}.stop()")
    page.locator("#status[data-word=no_camera]").wait_for()
    page.wait_for_timeout(2500)  # Screens are looked at every two seconds.
    page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    page.locator("#status[data-word=watching]").wait_for()
    page.evaluate("document.exitFullscreen()")
    wait_until(page, lambda: "left_full_screen" in notices(place))
    assert any(text.startswith("camera_changed") for text in notices(place))
    end(page)
    found = {incident["type"]: incident for incident in reviewed(place, chromium)["incidents"]}
    told = {
        "warning_extra_display",
        "warning_change_active_window_on_computer",
        "warning_camera_no_device_connected",
        "warning_desktop_request_pending",
    }
    assert told <= set(found)
    assert not found["warning_camera_no_device_connected"]["scored"]
    assert not found["warning_desktop_request_pending"]["scored"]


def test_sound_that_never_comes_keeps_nobody_from_the_exam_and_is_a_technical_fault(
    place: Any, chromium: Any, begin: Begin
) -> None:
    """As in Firefox on a computer without speakers."""
    page = begin(
        script="""
        AudioContext.prototype.resume = () => new Promise(() => {});
        AudioContext = class extends AudioContext { constructor() { super(); this.suspend(); } };
        """
    )
    wait_until(page, lambda: row_of(place).frames_received > 6)
    end(page)
    [muted] = [one for one in reviewed(place, chromium)["incidents"] if one["type"] == "warning_mic_muted"]
    assert (muted["scored"], muted["detail"]) == (False, "no sound comes")


def test_a_browser_that_cannot_tell_says_so_and_is_not_scored(place: Any, chromium: Any, begin: Begin) -> None:
    page = begin(script="delete Screen.prototype.isExtended;")
    wait_until(page, lambda: "cannot_tell:screens" in notices(place))
    end(page)
    assert "warning_extra_display" not in {one["type"] for one in reviewed(place, chromium)["incidents"]}


def test_a_computer_that_slept_says_so_and_goes_on(place: Any, begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("proctor_engine.clock.now", clock.now)
    page = begin()
    wait_until(page, lambda: row_of(place).frames_received > 2)
    clock.advance(seconds=40)  # The lid is closed: the computer's clock stands still with it, and the world goes on.
    wait_until(page, lambda: any(text.startswith("asleep") for text in notices(place)))
    before = row_of(place).frames_received
    wait_until(page, lambda: row_of(place).frames_received > before + 1)


def test_what_an_exam_left_in_the_browser_goes_with_the_next_one(begin: Begin) -> None:
    page = begin(
        script="""
        if (!localStorage.getItem("proctor-queues")) {
          const ago = (hours) => Date.now() - hours * 3600 * 1000;
          for (const name of ["old", "fresh"]) indexedDB.open(`proctor-${name}`);
          localStorage.setItem("proctor-queues", JSON.stringify({ old: ago(13), fresh: ago(1) }));
          localStorage.setItem("proctor-signs-old", "{}");
        }
        """
    )
    left = "indexedDB.databases().then((found) => found.map(({ name }) => name))"
    wait_until(page, lambda: "proctor-old" not in page.evaluate(left))
    assert "proctor-fresh" in page.evaluate(left), "its exam may go on"
    assert page.evaluate(KEPT_SIGNS) == []
    end(page)
    assert page.evaluate(left) == ["proctor-fresh"]
    assert page.evaluate("Object.keys(JSON.parse(localStorage.getItem('proctor-queues')))") == ["fresh"]


def test_a_paused_exam_is_covered_until_the_proctor_resumes_it(place: Any, chromium: Any, begin: Begin) -> None:
    page = begin()
    place.staff(BOB)
    proctor = place.open(chromium, BOB)
    proctor.goto(f"/wall/session/{row_of(place).id}")
    proctor.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused by the proctor. Please wait.").wait_for()
    expect(page.locator("#moodle")).to_be_hidden()
    proctor.get_by_role("button", name="Resume").click()
    expect(page.locator("#moodle")).to_be_visible()
