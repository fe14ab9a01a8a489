"""What changes with the release changes in the mock as the recordings of 3.9, 4.4 and 4.5.6 say, and nothing else does.

The recorded sites differed in their data, too (another theme, other users): of bodies only their keys and exceptions
are compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from conformance.test_golden_behind import replay as replay
from conformance.test_golden_replay import golden as golden
from mock_server import serving

BEFORE = "4.4"
HEADERS = ("cache-control", "location", "access-control-allow-origin")
LINE = re.compile(r"^(\w+/\w+)\.json :: (.*)$")
EXCEPTION = re.compile(r'^\s*(?:{"exception":"([^"]*)"|<\?xml[^>]*>\s*<EXCEPTION class="([^"]*)")')
CUT = 415
"""Lines as long, and lists of keys without an end, were cut: what is not there may still have changed."""

Facts = dict[str, Any]
Changes = dict[str, tuple[Any, Any]]


def facts(replay: Any, answer: requests.Response, address: str) -> Facts:
    """What is compared of an answer."""
    title, exception = re.search(r"<title>(.*?)</title>", answer.text, re.DOTALL), EXCEPTION.match(answer.text)
    headers = {name: replay.masked(answer.headers.get(name, ""), address) for name in HEADERS}
    try:
        keys = set(_keys(answer.json()))
    except ValueError:
        keys = set()
    return {
        "status": str(answer.status_code),
        "title": " ".join(title[1].split()) if title else "",
        "exception": "".join(filter(None, exception.groups())).replace("\\\\", "\\") if exception else "",
        "keys": frozenset(keys),
        **headers,
    }


def _keys(value: Any, place: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{place}.{key}"
            yield from _keys(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner, f"{place}[]")


def changes(before: Facts, after: Facts) -> Changes:
    found = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
    if "keys" in found:
        found["keys"] = (before["keys"] - after["keys"], after["keys"] - before["keys"])
    return found


def recorded(file: Path) -> Iterator[tuple[str, Changes, bool]]:
    """Case, what changed in it, and whether the line was cut."""
    case, told = "", ""
    for line in [*file.read_text(encoding="utf-8").splitlines(), "/.json :: "]:
        found = LINE.match(line)
        if found is None and line != "/.json :: ":
            told += f"\n{line}"
            continue
        if case:
            cut = len(f"{case}.json :: {told}") > CUT or (told.startswith("keys") and not told.endswith("]"))
            yield case, _changes_of(told), cut
        case, told = found.groups() if found else ("", "")


def _changes_of(told: str) -> Changes:
    found: Changes = {}
    for part in told.split(" ;; "):
        name, _, change = part.partition(" ")
        name = name.rstrip(":")
        before, arrow, after = (side.strip() for side in change.partition(" -> "))
        if name == "keys":
            kind, _, listed = change.partition(" ")
            keys = frozenset(re.findall(r"'([^']+)'", listed))
            found["keys"] = (keys, frozenset()) if kind == "gone" else (frozenset(), keys)
        elif name == "body":
            exceptions = [EXCEPTION.match(side) for side in (before, after)]
            if all(exceptions):
                old, new = ("".join(filter(None, each.groups())) for each in exceptions if each)
                found["exception"] = (old.replace("\\\\", "\\"), new.replace("\\\\", "\\"))
        elif arrow and name in ("status", "title", *HEADERS):
            sides = [side.replace("HOST", "moodle.test") for side in (before, after)]
            found[name] = ("" if sides[0] == "None" else sides[0], "" if sides[1] == "None" else sides[1])
    return {name: sides for name, sides in found.items() if sides[0] != sides[1]}


def _begun(changed: Changes) -> Changes:
    """Without how many keys came or went: of a line that was cut only that some did is known."""
    return {name: tuple(map(bool, sides)) if name == "keys" else sides for name, sides in changed.items()}  # type: ignore[misc]


@pytest.fixture(scope="module")
def answered(golden: Path, replay: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Facts of every listed case, by release."""
    folder, known = tmp_path_factory.mktemp("releases"), {}

    def ask(release: str) -> dict[str, Facts]:
        if release not in known:
            with serving(golden / "world.json", folder / f"{release}.log", moodle=release) as mock:
                known[release] = dict(_asked(golden, replay, mock))
        return known[release]

    return ask


def _asked(golden: Path, replay: Any, mock: str) -> Iterator[tuple[str, Facts]]:
    listed = (golden / "manifest.txt").read_text(encoding="utf-8").split()
    cases = [json.loads((golden / f"{name}.json").read_text(encoding="utf-8")) for name in listed]
    area, visit = "", None
    for case in sorted(cases, key=lambda case: (case["area"], case["seq"])):
        if case["area"] != area:
            area = case["area"]
            requests.post(f"{mock}/__mock__/reset", timeout=60).raise_for_status()
            visit = replay.Visit(mock, {}, {"admin": "Admin.1234", "guest": "guest", "*": "Passw0rd!"})
        assert visit is not None
        yield f"{area}/{case['case']}", facts(replay, visit.ask(case), mock)


@pytest.mark.parametrize(("release", "file"), [("3.9", "differences-4.4-to-3.9"), ("4.5", "differences-4.4-to-4.5.6")])
def test_what_changed_between_releases_changes_in_the_mock(
    golden: Path, answered: Any, release: str, file: str
) -> None:
    expected = {case: (told, cut) for case, told, cut in recorded(golden / f"{file}.txt")}
    before, after = answered(BEFORE), answered(release)
    differing = {}
    for case in before:
        told, cut = expected.get(case, ({}, False))
        found = changes(before[case], after[case])
        if cut:
            found = {name: sides for name, sides in found.items() if name in told}
            told, found = _begun(told), _begun(found)
        if found != told:
            differing[case] = {"Moodle": told, "mock": found}
    assert differing == {}
