"""Files: up into a draft area, kept among one's own, down by token, key or session."""

from __future__ import annotations

import pytest
import requests
from mock.rest_client import ask

from mock_moodle.testing import MockMoodle


def upload(moodle: MockMoodle, token: str, name: str = "notes.txt", content: bytes = b"hello") -> list[dict[str, str]]:
    answer = requests.post(
        f"{moodle.url}/webservice/upload.php", params={"token": token}, files={"file": (name, content)}, timeout=30
    )
    assert answer.headers["Content-Type"].startswith("text/plain")
    results: list[dict[str, str]] = answer.json()
    return results


def test_an_uploaded_file_is_kept_and_comes_back(moodle_world: MockMoodle) -> None:
    token = moodle_world.user("anna").token()
    (draft,) = upload(moodle_world, token)
    assert ask(moodle_world, token, "core_user_add_user_private_files", draftid=draft["itemid"]) is None
    info = ask(moodle_world, token, "core_user_get_private_files_info")
    assert (info["filecount"], info["filesize"]) == (1, 5)
    path = f"/{draft['contextid']}/user/private/notes.txt"
    for url in (
        f"/webservice/pluginfile.php{path}?token={token}",
        f"/webservice/pluginfile.php?file={path}&token={token}",
    ):
        assert requests.get(moodle_world.url + url, timeout=30).content == b"hello"


def test_a_kept_file_is_overwritten_and_its_draft_stays(moodle_world: MockMoodle) -> None:
    anna = moodle_world.user("anna")
    token, browser = anna.token(), requests.Session()
    drafts = [upload(moodle_world, token, content=content)[0] for content in (b"one", b"two22")]
    for draft in (*drafts, drafts[1]):
        assert ask(moodle_world, token, "core_user_add_user_private_files", draftid=draft["itemid"]) is None
    assert ask(moodle_world, token, "core_user_get_private_files_info")["filesize"] == 5
    path = f"{drafts[0]['contextid']}/user/draft/{drafts[0]['itemid']}/notes.txt"
    for script in ("webservice/pluginfile.php", "draftfile.php"):  # a draft is for the browser that sent it
        refused = requests.get(f"{moodle_world.url}/{script}/{path}", params={"token": token}, timeout=30)
        assert b"one" not in refused.content
    page = browser.get(f"{moodle_world.url}/login/index.php", timeout=30).text
    logintoken = page.partition('name="logintoken" value="')[2].partition('"')[0]
    form = {"username": "anna", "password": anna.password, "logintoken": logintoken}
    browser.post(f"{moodle_world.url}/login/index.php", data=form, timeout=30)
    assert browser.get(f"{moodle_world.url}/draftfile.php/{path}", timeout=30).content == b"one"


@pytest.mark.parametrize(
    ("sent", "kept"), [("a\\b.txt", "b.txt"), ("../a.txt", "a.txt"), ('a"b.txt', "a%22b.txt"), ("ä b.txt", "ä b.txt")]
)
def test_a_name_is_read_as_php_reads_it(moodle_world: MockMoodle, sent: str, kept: str) -> None:
    (draft,) = upload(moodle_world, moodle_world.user("anna").token(), name=sent)
    assert draft["filename"] == kept


def test_a_name_has_an_end(moodle_world: MockMoodle) -> None:
    token = moodle_world.user("anna").token()
    files = {"file": ("x" * 300, b"x")}
    refused = requests.post(
        f"{moodle_world.url}/webservice/upload.php", params={"token": token}, files=files, timeout=30
    ).json()
    assert refused["errorcode"] == "storedfilenotcreated"


def test_an_upload_that_is_none_is_answered(moodle_world: MockMoodle) -> None:
    token = moodle_world.user("anna").token()
    answer = requests.get(f"{moodle_world.url}/webservice/upload.php", params={"token": token}, timeout=30)
    assert (answer.status_code, answer.json()) == (200, [])


def test_others_do_not_get_private_files(moodle_world: MockMoodle) -> None:
    token = moodle_world.user("anna").token()
    (draft,) = upload(moodle_world, token)
    ask(moodle_world, token, "core_user_add_user_private_files", draftid=draft["itemid"])
    url = f"{moodle_world.url}/webservice/pluginfile.php/{draft['contextid']}/user/private/notes.txt"
    other = moodle_world.user("bea").token()
    assert requests.get(url, params={"token": other}, timeout=30).status_code == 404
    assert requests.get(url, params={"token": "wrong"}, timeout=30).json()["errorcode"] == "invalidtoken"


def test_a_name_is_kept_once_in_a_draft_area(moodle_world: MockMoodle) -> None:
    token = moodle_world.user("anna").token()
    (draft,) = upload(moodle_world, token)
    again = requests.post(
        f"{moodle_world.url}/webservice/upload.php",
        data={"token": token, "itemid": draft["itemid"]},
        files={"file": ("notes.txt", b"other")},
        timeout=30,
    ).json()
    assert again[0]["errortype"] == "filenameexist"


@pytest.mark.parametrize(
    ("field", "name", "filepath", "errorcode"),
    [
        ("file", "", "/", "upload_error_no_file"),
        ("file[]", "a.txt", "/", "nofile"),
        ("file", "..", "/", "storedfileproblem"),
        ("file", "a.txt", "", "storedfileproblem"),
        ("file", "a.txt", "a", "storedfileproblem"),
        ("file", "a.txt", "/a/b", "storedfileproblem"),
    ],
)
def test_a_file_without_a_name_or_a_folder_is_refused(
    moodle_world: MockMoodle, field: str, name: str, filepath: str, errorcode: str
) -> None:
    """As PHP and a real Moodle refuse them: nothing is kept under a name that the client did not give."""
    refused = requests.post(
        f"{moodle_world.url}/webservice/upload.php",
        data={"token": moodle_world.user("anna").token(), "filepath": filepath},
        files={field: (name, b"hello")},
        timeout=30,
    ).json()
    assert refused["errorcode"] == errorcode


@pytest.mark.parametrize("setting", ["uploadfiles", "downloadfiles"])
def test_a_service_says_whether_files_travel(moodle_world: MockMoodle, setting: str) -> None:
    moodle_world.control.patch({"services": [{"name": "Own", "functions": [], setting: False}]})
    token = moodle_world.user("anna").token("Own")
    if setting == "uploadfiles":
        answer = requests.post(f"{moodle_world.url}/webservice/upload.php", data={"token": token}, timeout=30)
    else:
        answer = requests.get(f"{moodle_world.url}/webservice/pluginfile.php/1/a/b/c?token={token}", timeout=30)
    assert answer.json()["errorcode"] == "accessexception"


def test_a_wrong_key_in_the_path_is_an_error_page(mock_moodle: MockMoodle) -> None:
    page = requests.get(f"{mock_moodle.url}/tokenpluginfile.php/{'0' * 32}/5/user/icon/boost/f3", timeout=30)
    assert page.status_code == 404
    assert "<title>Error | mock</title>" in page.text


@pytest.mark.parametrize("path", ["", "/", f"/{'0' * 32}", f"/{'0' * 32}/"])
def test_a_key_is_asked_for_before_a_path(mock_moodle: MockMoodle, path: str) -> None:
    page = requests.get(f"{mock_moodle.url}/tokenpluginfile.php{path}", timeout=30)
    assert (page.status_code, "Incorrect key" in page.text) == (404, True)
    assert page.headers["Access-Control-Allow-Origin"] == "*"


def test_who_has_no_picture_has_a_silhouette(moodle_world: MockMoodle) -> None:
    anna = moodle_world.user("anna")
    token = anna.token()
    key = ask(moodle_world, token, "core_webservice_get_site_info")["userprivateaccesskey"]
    (draft,) = upload(moodle_world, token)
    path = f"{draft['contextid']}/user/icon/boost"
    for address, kept in (
        (f"pluginfile.php/{path}/f1", "public"),
        (f"tokenpluginfile.php/{key}/{path}/f2", "private"),
        (f"webservice/pluginfile.php/{path}/f3?token={token}", "private"),
    ):
        answer = requests.get(f"{moodle_world.url}/{address}", timeout=30)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
        assert answer.headers["Cache-Control"] == f"{kept}, max-age=1209600, no-transform"
        assert answer.content.startswith(b"\x89PNG")
    assert requests.get(f"{moodle_world.url}/pluginfile.php/1/user/icon/boost/f1", timeout=30).status_code == 404


def test_the_private_key_opens_ones_own_picture(moodle_world: MockMoodle) -> None:
    pixel = "data:image/png;base64,iVBORw0KGgo="
    anna = moodle_world.user("anna", picture=pixel)
    info = ask(moodle_world, anna.token(), "core_webservice_get_site_info")
    path = info["userpictureurl"].partition("/pluginfile.php/")[2]
    url = f"{moodle_world.url}/tokenpluginfile.php/{info['userprivateaccesskey']}/{path}"
    assert requests.get(url, timeout=30).content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("path", "status", "errorcode"),
    [
        ("", 200, "invalidargorconf"),
        ("/1", 200, "invalidarguments"),
        ("/9999/mod_resource/content/0/x", 200, "invalidrecord"),
        ("/1/core/nope/0/x", 404, "filenotfound"),
    ],
)
def test_clients_are_told_in_json_why_there_is_no_file(
    moodle_world: MockMoodle, path: str, status: int, errorcode: str
) -> None:
    token = moodle_world.user("anna").token()
    answer = requests.get(f"{moodle_world.url}/webservice/pluginfile.php{path}", params={"token": token}, timeout=30)
    assert (answer.status_code, answer.json()["errorcode"]) == (status, errorcode)


def test_a_file_beyond_the_limit_is_refused(moodle_world: MockMoodle) -> None:
    token = moodle_world.user("anna").token()
    answer = requests.post(
        f"{moodle_world.url}/webservice/upload.php",
        params={"token": token},
        files={"file": ("big.bin", b"0" * 2_097_153)},
        timeout=30,
    )
    assert answer.json()["errorcode"] == "upload_error_ini_size"


@pytest.mark.parametrize("path", ["{huge}/user/private/x", "{huge}/user/icon/boost/f1", "5/user/draft/{huge}/x"])
def test_a_number_that_no_database_holds_finds_no_file(moodle_world: MockMoodle, path: str) -> None:
    address = path.format(huge="9" * 30)
    token = moodle_world.user("anna").token()
    for script in ("webservice/pluginfile.php", "pluginfile.php", f"tokenpluginfile.php/{'a' * 32}"):
        answer = requests.get(f"{moodle_world.url}/{script}/{address}", params={"token": token}, timeout=30)
        assert answer.status_code in (200, 404)  # 200 is the login page that a visitor is sent to
        assert "Internal Server Error" not in answer.text


def test_a_draft_of_the_highest_number_leaves_room_for_others(moodle_world: MockMoodle) -> None:
    form = {"token": moodle_world.user("anna").token()}
    drafts = []
    for itemid in ("9" * 30, "0"):
        file = {"file": ("a.txt", b"a")}
        answer = requests.post(
            f"{moodle_world.url}/webservice/upload.php", data={**form, "itemid": itemid}, files=file, timeout=30
        )
        drafts.append(answer.json()[0]["itemid"])
    assert drafts[0] == 2**63 - 1
    assert 0 < drafts[1] < 10**9
