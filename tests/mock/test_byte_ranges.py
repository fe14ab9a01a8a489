"""Parts of files and files that a browser has already, as a real Moodle 4.5.6 sends them."""

from __future__ import annotations

from io import BytesIO

import pytest
from mock.campus import ROOT, STUDENT_TOKEN, Browser, Campus

PICTURE = b"\x89PNG\r\n\x1a\n"
PARTS = (
    b"\r\n--s1k2o3d4a5k6s7\r\nContent-Type: image/png\r\nContent-Range: bytes 0-1/8\r\n\r\n\x89P"
    b"\r\n--s1k2o3d4a5k6s7\r\nContent-Type: image/png\r\nContent-Range: bytes 3-4/8\r\n\r\nG\r"
    b"\r\n--s1k2o3d4a5k6s7--\r\n"
)
NOW = 1_800_000_000


@pytest.fixture
def anna(campus: Campus) -> Browser:
    campus.site.clock.freeze(NOW)
    return campus.sign_in("anna")


def sent(anna: Browser, name: str, content: bytes) -> str:
    """The address of an upload."""
    form = {"token": STUDENT_TOKEN, "f": (BytesIO(content), name)}
    (row,) = anna.client.post("/webservice/upload.php", data=form, base_url=ROOT).get_json(force=True)
    return f"/draftfile.php/{row['contextid']}/user/draft/{row['itemid']}/{name}"


@pytest.mark.parametrize(
    ("asked", "status", "content", "bounds"),
    [
        ("bytes=0-3", 206, PICTURE[:4], "bytes 0-3/8"),
        ("bytes=3-", 206, PICTURE[3:], "bytes 3-7/8"),
        ("bytes=-2", 206, PICTURE[-2:], "bytes 6-7/8"),
        ("bytes=4-99", 206, PICTURE[4:], "bytes 4-7/8"),
        ("bytes=0-1,3-4", 206, PARTS, None),
        ("bytes=99-100", 200, PICTURE, None),
        ("bytes=-99", 200, PICTURE, None),
        ("x", 200, PICTURE, None),
    ],
)
def test_parts(anna: Browser, asked: str, status: int, content: bytes, bounds: str | None) -> None:
    path = sent(anna, "a.png", PICTURE)
    answer = anna.client.get(path, base_url=ROOT, headers={"Range": asked})
    assert (answer.status_code, answer.data, answer.headers.get("Content-Range")) == (status, content, bounds)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Length"] == str(len(content))


def test_texts_are_sent_whole(anna: Browser) -> None:
    answer = anna.client.get(sent(anna, "a.txt", b"hello"), base_url=ROOT, headers={"Range": "bytes=0-1"})
    assert (answer.status_code, answer.data, answer.headers["Accept-Ranges"]) == (200, b"hello", "none")


def test_what_a_browser_has_is_not_sent_again(anna: Browser) -> None:
    path = sent(anna, "a.png", PICTURE)

    def ask(**headers: str) -> tuple[int, bytes]:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = anna.client.get(path, base_url=ROOT, headers=names)
        return answer.status_code, answer.data

    etag = anna.client.get(path, base_url=ROOT).headers["ETag"]
    assert ask(If_None_Match=etag) == (304, b"")
    assert ask(If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT") == (304, b"")
    assert ask(If_Modified_Since="Fri, 01 Jan 2010 00:00:00 GMT") == (200, PICTURE)
    assert ask(If_Modified_Since="yesterday", If_None_Match="*") == (200, PICTURE)
