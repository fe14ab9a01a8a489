"""The pages in a real browser: the set-up clicked through, an exam behind the gate, and what axe-core thinks of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from mock.campus import PASSWORD, world
from mock.chromium import axe_script, chromium, findings
from mock_server import plugin_zip, serving

ENGINE = "http://127.0.0.1:9"
"""Where nobody listens: these tests play the engine themselves."""
KEY = "0123456789abcdef" * 4
ADMIN_PAGES = (
    "/my/",
    "/admin/search.php",
    "/admin/settings.php?section=optionalsubsystems",
    "/admin/settings.php?section=webserviceprotocols",
    "/admin/settings.php?section=webservicesoverview",
    "/admin/settings.php?section=externalservices",
    "/admin/settings.php?section=mobilesettings",
    "/admin/settings.php?section=httpsecurity",
    "/admin/settings.php?section=availabilitysettingexamus",
    "/admin/webservice/service.php?id=2",
    "/admin/webservice/service_functions.php?id=2",
    "/admin/webservice/service_users.php?id=2",
    "/admin/webservice/tokens.php",
    "/admin/webservice/tokens.php?action=create",
    "/user/editadvanced.php?id=-1",
    "/user/profile.php?id=3",
    "/user/managetoken.php",
    "/admin/user.php",
    "/admin/roles/manage.php",
    "/admin/roles/define.php?action=add",
    "/admin/roles/define.php?action=add&resettype=student",
    "/admin/roles/assign.php?contextid=1",
    "/admin/roles/assign.php?contextid=1&roleid=1",
    "/admin/tool/installaddon/index.php",
    "/admin/tool/availabilityconditions/",
    "/admin/plugins.php?contribonly=1",
    "/local/oauth/index.php",
    "/local/oauth/index.php?action=add",
    "/course/view.php?id=2",
    "/course/modedit.php?update=1",
    "/mod/quiz/view.php?id=2",
    "/mod/quiz/report.php?id=2&mode=overview",
    "/availability/condition/examus/index.php",
    "/report/log/index.php",
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plugin_zip(tmp_path_factory.mktemp("plugin"))


@pytest.fixture(scope="module")
def moodle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site without the plugin, web services off."""
    folder = tmp_path_factory.mktemp("moodle")
    spec = world(availability=None)
    spec["site"]["settings"] = {}
    spec["services"] = [service for service in spec["services"] if service["name"] != "Examus"]
    spec["tokens"] = [token for token in spec["tokens"] if token["service"] != "Examus"]
    spec["roles"], spec["role_assignments"] = [], []
    path = folder / "world.json"
    path.write_text(json.dumps(spec), encoding="utf-8")
    with serving(path, folder / "log.txt") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Any, moodle: str) -> Iterator[Any]:
    context = browser.new_context(base_url=moodle)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def sign_in(page: Any, username: str) -> None:
    page.goto("/login/index.php")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/my/")


def visit(page: Any, *names: str) -> None:
    """From site administration by the names of links."""
    page.goto("/admin/search.php")
    for name in names:
        page.get_by_role("link", name=name, exact=True).click()


def set_up(page: Any, archive: Path) -> dict[str, str]:
    """Everything that the plugin's documentation asks of an administrator; token and keys."""
    visit(page, "Install plugins")
    page.get_by_label("ZIP package").set_input_files(archive)
    page.get_by_role("button", name="Install plugin from the ZIP file").click()
    for button in ("Continue", "Continue", "Upgrade Moodle database now", "Continue", "Save changes"):
        assert is_well_made(page)
        page.get_by_role("button", name=button).click()
    page.wait_for_url("**/admin/index.php?cache=1")
    visit(page, "Advanced features")
    page.get_by_label("Enable web services", exact=True).check()
    page.get_by_role("button", name="Save changes").click()
    visit(page, "Manage protocols")
    page.get_by_role("link", name="Enable REST protocol").click()
    visit(page, "Add a new user")
    for label, value in {
        "Username": "proctoring", "New password": "Service.1234", "First name": "Exam", "Last name": "Service",
        "Email address": "exam.service@example.com",
    }.items():  # fmt: skip
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Create user").click()
    visit(page, "Define roles")
    page.get_by_role("button", name="Add a new role").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Short name").fill("proctoringservice")
    page.get_by_label("Custom full name").fill("Exam service")
    page.get_by_label("System", exact=True).check()
    for capability in ("webservice/rest:use", "availability/examus:webservice"):
        page.get_by_label("Filter").fill(capability)
        page.locator(f"[name='{capability}']").check()
    page.get_by_role("button", name="Create this role").click()
    visit(page, "Assign system roles")
    page.get_by_role("link", name="Exam service", exact=True).click()
    page.locator("#addselect").select_option(label=option(page, "#addselect", "exam.service@example.com"))
    page.get_by_role("button", name="Add").click()
    visit(page, "External services", "Authorised users of Examus")
    page.locator("#addselect").select_option(label=option(page, "#addselect", "exam.service@example.com"))
    page.get_by_role("button", name="Add").click()
    visit(page, "Manage tokens")
    page.get_by_role("button", name="Create token").click()
    page.get_by_label("User", exact=True).select_option(label=option(page, "#id_user", "exam.service@example.com"))
    page.get_by_label("Service", exact=True).select_option(label="Examus")
    page.get_by_role("button", name="Save changes").click()
    token = re.search(r"\b[0-9a-f]{32}\b", page.get_by_role("alert").inner_text())
    visit(page, "OAuth provider settings")
    page.get_by_role("link", name="Add new client").click()
    page.get_by_label("Client identifier").fill("examus")
    page.get_by_label("Redirect URL").fill(f"{ENGINE}/callback")
    page.get_by_role("button", name="Save changes").click()
    secret = page.locator("tr", has_text="examus").locator("code").inner_text()
    visit(page, "Examus proctoring")
    page.get_by_label("Address of the service").fill(ENGINE)
    keys = page.get_by_label("Keys for tickets and proofs").input_value()
    page.get_by_role("button", name="Save changes").click()
    assert token
    return {"token": token[0], "secret": secret, "keys": keys}


def option(page: Any, select: str, text: str) -> str:
    return str(page.locator(f"{select} option", has_text=text).first.inner_text())


def restrict(page: Any) -> None:
    """Restrict access → Add restriction → Examus."""
    page.goto("/mod/quiz/view.php?id=1")
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Add restriction...").click()
    page.get_by_role("dialog").get_by_role("button", name="Examus").click()
    page.get_by_label("Duration in minutes").fill("60")
    page.get_by_label("Identification").select_option("face")
    page.get_by_text("Rules", exact=True).click()
    page.get_by_label("Websites may be used").check()
    page.get_by_role("button", name="Save and display").click()
    page.wait_for_url("**/mod/quiz/view.php**")


def test_the_whole_set_up_ends_with_an_integration_that_works(page: Any, moodle: str, archive: Path) -> None:
    sign_in(page, "admin")
    made = set_up(page, archive)
    restrict(page)
    answer = requests.post(
        f"{moodle}/webservice/rest/server.php",
        data={
            "wstoken": made["token"],
            "wsfunction": "availability_examus_user_proctored_modules",
            "moodlewsrestformat": "json",
            "useremail": "anna@example.com",
        },
        timeout=30,
    ).json()
    (exam,) = answer["modules"]
    assert (exam["name"], exam["time_limit_mins"], exam["identification"]) == ("Exam", 60, "face")
    assert exam["rules"]["allow_to_use_websites"] is True
    assert len(made["secret"]) == 48
    assert made["keys"].startswith("k")
    page.goto("/availability/condition/examus/index.php")
    assert "anna@example.com" in page.locator("#entries").inner_text()


# A site that is set up


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, archive: Path) -> Iterator[str]:
    """With the plugin, and a quiz under its restriction."""
    folder = tmp_path_factory.mktemp("lab")
    path = folder / "world.json"
    spec = world()
    spec["site"]["settings"] |= {"availability_examus/engineurl": ENGINE, "availability_examus/panelkeys": f"k1:{KEY}"}
    path.write_text(json.dumps(spec), encoding="utf-8")
    with serving(path, folder / "log.txt", plugin=archive) as address:
        yield address


@pytest.fixture(scope="module")
def admin(browser: Any, lab: str) -> Iterator[Any]:
    yield from _signed_in(browser, lab, "admin")


@pytest.fixture(scope="module")
def anna(browser: Any, lab: str) -> Iterator[Any]:
    yield from _signed_in(browser, lab, "anna")


def _signed_in(browser: Any, address: str, username: str) -> Iterator[Any]:
    context = browser.new_context(base_url=address)
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, username)
    yield page
    context.close()


def is_well_made(page: Any) -> bool:
    assert not page.title().startswith("Error")
    assert findings(page, axe_script()) == []
    return True


@pytest.mark.parametrize("address", ADMIN_PAGES)
def test_administration_has_nothing_serious_for_axe(admin: Any, address: str) -> None:
    admin.goto(address)
    assert is_well_made(admin)


def test_axe_would_tell(admin: Any) -> None:
    admin.goto("/my/")
    admin.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input><img src=x>')")
    assert {finding.partition(":")[0] for finding in findings(admin, axe_script())} == {"label", "image-alt"}


def test_an_exam_behind_the_gate(anna: Any, lab: str) -> None:
    """The student begins in Moodle, waits without a question on the page, and is let in by a proof."""
    anna.goto("/course/view.php?id=2")
    assert is_well_made(anna)
    anna.get_by_role("link", name="begin here").click()
    assert is_well_made(anna)
    anna.get_by_role("button", name="Begin").click()
    assert is_well_made(anna)
    anna.get_by_role("button", name="Attempt quiz").click()
    anna.wait_for_url("**/gate.php**")
    assert "The Moon" not in anna.content()
    assert anna.locator("iframe[data-region=availability_examus-panel]").get_attribute("src") == f"{ENGINE}/panel"
    assert is_well_made(anna)
    prove(anna, lab)
    anna.goto("/mod/quiz/attempt.php?attempt=1")
    anna.get_by_label("True").wait_for()
    assert is_well_made(anna)
    planet = anna.locator(".multichoice input[type=radio][value='1']").first
    planet.check()
    anna.get_by_role("button", name="Clear my choice").click()
    assert not planet.is_checked()
    answer_by_keyboard(anna)
    anna.wait_for_url("**/summary.php**")
    assert is_well_made(anna)
    anna.get_by_role("button", name="Submit all and finish").click()
    anna.wait_for_url("**/review.php**")
    assert is_well_made(anna)


def prove(page: Any, address: str) -> None:
    """What the engine does when it sees the camera."""
    page.evaluate(
        """async ([key, engine, moodle]) => {
          const body = {attempt: 1, sesskey: M.cfg.sesskey};
          const ask = more => fetch(moodle + "/availability/condition/examus/handover.php",
            {method: "POST", body: new URLSearchParams({...body, ...more})}).then(answer => answer.json());
          const text = part => JSON.parse(atob(part.replace(/-/g, "+").replace(/_/g, "/")));
          const base64 = bytes => btoa(String.fromCharCode(...bytes)).replace(/\\+/g, "-").replace(/\\//g, "_")
            .replace(/=/g, "");
          const {ticket, nonce} = await ask({});
          const claims = text(ticket.split(".")[1]);
          const proof = {iss: engine, aud: moodle, sub: claims.sub, iat: claims.iat, exp: claims.iat + 300, nonce,
            attempt: claims.attempt, cmid: claims.cmid, accesscode: claims.accesscode};
          const encoder = new TextEncoder();
          const signed = [{alg: "HS256", typ: "proctoring-proof+jwt", kid: "k1"}, proof]
            .map(part => base64(encoder.encode(JSON.stringify(part)))).join(".");
          const secret = await crypto.subtle.importKey("raw", encoder.encode(key), {name: "HMAC", hash: "SHA-256"},
            false, ["sign"]);
          const signature = new Uint8Array(await crypto.subtle.sign("HMAC", secret, encoder.encode(signed)));
          const answer = await ask({proof: signed + "." + base64(signature)});
          if (!answer.accepted) { throw new Error(JSON.stringify(answer)); }
        }""",
        [KEY, ENGINE, address],
    )


def answer_by_keyboard(page: Any) -> None:
    """No pointer: focus, space and letters, then Enter on the button."""
    page.get_by_label("True").focus()
    page.keyboard.press("Space")
    page.get_by_role("textbox", name="Answer").first.focus()
    page.keyboard.type("frog")
    page.locator("[name=next]").focus()
    page.keyboard.press("Enter")


def test_login_and_consent_have_nothing_serious_for_axe(browser: Any, lab: str) -> None:
    context = browser.new_context(base_url=lab)
    page = context.new_page()
    page.goto("/local/oauth/login.php?client_id=engine&response_type=code&scope=user_info")
    assert findings(page, axe_script()) == []
    page.get_by_label("Username").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Confirm").wait_for()
    assert [finding for finding in findings(page, axe_script()) if "document-title" not in finding] == []
    context.close()


def test_a_restriction_can_be_added_without_a_pointer(admin: Any) -> None:
    admin.goto("/course/modedit.php?update=2")
    admin.get_by_role("button", name="Add restriction...").focus()
    admin.keyboard.press("Enter")
    admin.get_by_role("dialog").get_by_role("button", name="Date").focus()
    admin.keyboard.press("Enter")
    assert admin.evaluate("document.activeElement.tagName") == "SELECT"
    stored = json.loads(admin.locator("[name=availabilityconditionsjson]").input_value())
    assert stored["c"][0]["type"] == "date"
    admin.keyboard.press("Escape")


def test_what_the_form_does_not_know_is_kept(admin: Any) -> None:
    """A set with a condition that the script has no fields for survives being opened and saved."""
    admin.goto("/course/modedit.php?update=3")
    admin.get_by_text("As text").click()
    field = admin.get_by_label("Restrictions as JSON")
    tree = {"op": "|", "c": [{"type": "grouping", "id": 1}, {"op": "&", "c": []}], "show": True}
    field.fill(json.dumps(tree))
    admin.get_by_role("button", name="Save and return to course").click()
    admin.wait_for_url("**/course/view.php**")
    admin.goto("/course/modedit.php?update=3")
    assert json.loads(admin.locator("[name=availabilityconditionsjson]").input_value()) == tree
    admin.get_by_role("button", name="Save and return to course").click()
    admin.wait_for_url("**/course/view.php**")
    admin.goto("/course/modedit.php?update=3")
    assert json.loads(admin.locator("[name=availabilityconditionsjson]").input_value()) == tree
