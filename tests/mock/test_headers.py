"""What a real Moodle 4.5.6 says beside its pages: headers, headings, and refusals of administration."""

from __future__ import annotations

import pytest
from mock.campus import OPEN_QUIZ, ROOT, Browser, Campus

from mock_moodle.store.core import User

NO_STORE = "no-store, no-cache, must-revalidate, no-transform"


@pytest.fixture
def manager(campus: Campus) -> Browser:
    """Boris, who manages the site but does not administrate it."""
    from mock_moodle.world.load import patch_world

    with campus.site.visit():
        patch_world({"role_assignments": [{"role": "manager", "user": "boris", "context": "system"}]})
    return campus.sign_in("boris")


@pytest.mark.parametrize(
    ("path", "fresh"), [(f"/mod/quiz/view.php?id={OPEN_QUIZ}", True), ("/course/view.php?id=2", True), ("/my/", False)]
)
def test_courses_and_quizzes_are_never_kept(anna: Browser, path: str, fresh: bool) -> None:
    headers = anna.get(path).response.headers
    assert (headers["Cache-Control"] == NO_STORE, "Last-Modified" in headers) == (fresh, fresh)
    assert (headers["Content-Language"], headers["Accept-Ranges"]) == ("en", "none")


def test_a_redirect_says_whose_it_is(campus: Campus) -> None:
    assert campus.visitor().get("/my/").response.headers["X-Redirect-By"] == "Moodle"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/admin/user.php", "Access denied"),
        ("/admin/webservice/tokens.php", "Access denied"),
        ("/local/oauth/index.php", "Access denied"),
        ("/admin/settings.php?section=httpsecurity", "Section error!"),
        ("/admin/settings.php", "A required parameter (section) was missing"),
        (f"/mod/quiz/report.php?id={OPEN_QUIZ}", "You cannot access this report"),
        ("/pluginfile.php", "No valid arguments supplied or incorrect server configuration"),
        ("/pluginfile.php/1", "No valid arguments supplied"),
        ("/tokenpluginfile.php", "Incorrect key"),
    ],
)
def test_refusals_are_in_moodles_words(anna: Browser, path: str, text: str) -> None:
    page = anna.get(path)
    assert (page.status, text in page.text) == (404, True)
    heading = page.soup.h1
    assert heading is not None
    assert heading.get_text() == ("Open quiz" if "quiz" in path else "Campus")


def test_a_manager_sees_the_tree_but_not_what_only_administrators_set(manager: Browser) -> None:
    assert manager.get("/admin/search.php").title == "Search | Administration | campus"
    assert manager.get("/admin/webservice/tokens.php").status == 404


def test_a_page_of_administration_is_under_the_sites_name(campus: Campus) -> None:
    soup = campus.sign_in("admin").get("/admin/webservice/tokens.php").soup
    assert [each.get_text() for each in soup.select("h1, h2")][:2] == ["Campus", "Manage tokens"]


def test_an_unknown_client_is_told_above_the_list(campus: Campus) -> None:
    page = campus.sign_in("admin").get("/local/oauth/index.php", action="edit", id=99)
    assert (page.status, "Client does not exist" in page.text, "engine" in page.text) == (200, True, True)


def test_results_open_on_the_overview(campus: Campus) -> None:
    report = campus.sign_in("tamara").get("/mod/quiz/report.php", id=OPEN_QUIZ)
    assert report.location == f"{ROOT}/mod/quiz/report.php?id={OPEN_QUIZ}&mode=overview"


def test_guests_sign_in_by_the_same_form(campus: Campus) -> None:
    visitor = campus.visitor()
    page = visitor.submit(visitor.get("/login/index.php"), "#guestlogin")
    assert visitor.follow(page).title == "Dashboard (Guest) | campus"


def test_names_longer_than_their_column_are_refused(campus: Campus) -> None:
    with campus.site.visit() as visit:
        robot = visit.session.query(User).filter(User.username == "robot").one()
        robot.siteadmin = True
        from mock_moodle.world.load import patch_world

        patch_world(
            {
                "services": [{"name": "Make", "functions": ["core_user_create_users"]}],
                "tokens": [{"token": "d" * 32, "user": "robot", "service": "Make"}],
            }
        )
    bea = {"username": "x" * 101, "password": "Passw0rd!", "firstname": "B", "lastname": "B", "email": "b@example.com"}
    assert campus.call("core_user_create_users", "d" * 32, users=[bea])["errorcode"] == "dmlwriteexception"
