"""One switch opens the site to Moodle's app: web services, REST, the service, and everybody's right to use it."""

from __future__ import annotations

from typing import Any

import pytest
from mock.campus import PASSWORD, Browser, Campus

from mock_moodle.mobile import SERVICE

ANNA = {"username": "anna", "password": PASSWORD, "email": "anna@example.com"}
ADVANCED = "/admin/settings.php?section=optionalsubsystems"


def campus(**settings: Any) -> Campus:
    admin = {"username": "admin", "password": PASSWORD}
    return Campus({"site": {"settings": settings}, "users": [admin, ANNA]})


def token(site: Campus) -> dict[str, Any]:
    form = {"username": "anna", "password": PASSWORD, "service": SERVICE}
    answer: dict[str, Any] = site.visitor().post("/login/token.php", **form).response.json
    return answer


def switch(admin: Browser, on: bool) -> None:
    page = admin.get(ADVANCED)
    admin.submit(page, "#adminsettings", {"s__enablemobilewebservice": ["0", "1"] if on else "0"})


def test_a_world_that_switches_it_on_needs_nothing_else() -> None:
    site = campus(enablemobilewebservice=True)
    info = site.call("core_webservice_get_site_info", token=token(site)["token"])
    assert info["username"] == "anna"


def test_a_fresh_site_is_closed() -> None:
    assert token(campus())["errorcode"] == "enablewsdescription"


def test_the_administrator_switches_it_on_and_off() -> None:
    site = campus()
    admin = site.sign_in("admin")
    switch(admin, True)
    issued = token(site)["token"]
    assert site.call("core_webservice_get_site_info", token=issued)["username"] == "anna"
    switch(admin, False)
    assert token(site)["errorcode"] == "servicenotavailable"
    protocols = admin.get("/admin/settings.php?section=webservicesoverview").text
    assert "Enable web services" in protocols


@pytest.mark.parametrize("other", [{"enablewebservices": False}])
def test_what_a_world_says_besides_counts_more(other: dict[str, Any]) -> None:
    site = campus(enablemobilewebservice=True, **other)
    assert token(site)["errorcode"] == "enablewsdescription"


def test_the_page_shows_it_off_once_a_part_of_it_is_off() -> None:
    site = campus(enablemobilewebservice=True)
    admin = site.sign_in("admin")
    box = "input[type=checkbox][name=s__enablemobilewebservice]"
    assert admin.get(ADVANCED).form(box).has_attr("checked")
    admin.submit(admin.get("/admin/webservice/service.php?id=1"), "form[action*=service]", {"enabled": "0"})
    assert not admin.get(ADVANCED).form(box).has_attr("checked")
