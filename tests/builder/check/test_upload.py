"""Moodle's own answers. Every pair of stage and code was given by a real Moodle 4.5.6 to the same archive."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builder.crafted_zip import LANGUAGE, OSX, UTF8, VERSION, Crafted, crafted, deflated, plugin
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_builder.check import Report, check_path
from plugin_builder.check.checking import check_bytes
from plugin_builder.check.site import site

PASS = ("ok", None)
NOT_A_PACKAGE = ("form", "zip_not_valid_plugin_package_page")
UNDETECTED = ("form", "typedetectionfailed")
CORRUPTED = ("extract", "corrupted_archive_structure")
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"rest"


@pytest.fixture(scope="module", autouse=True)
def _without_php() -> Iterator[None]:
    """Moodle's answer does not hang on the PHPs of this machine, and starting them takes time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plugin_builder.check.php_binaries.binaries", list)
        yield


def validator(code: str) -> tuple[str, str]:
    return ("validator", code)


def check(data: bytes, moodle: str = "4.5", installed: float | None = None, name: str = "plugin.zip") -> Report:
    return check_bytes(name, data, site(moodle, installed))


def answer(data: bytes, **site_options: object) -> tuple[str, str | None]:
    validation = check(data, **site_options).validation  # type: ignore[arg-type]
    return validation.stage, validation.code


GOOD = crafted(plugin())


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        ("demo", PASS),
        ("demo-main", PASS),
        ("Demo", PASS),
        ("de mo", PASS),
        ("демо", PASS),
        ("../demo", PASS),
        ("/demo", PASS),
        ("de*mo", PASS),
        ("0", NOT_A_PACKAGE),
        ("a" * 255, PASS),
        ("a" * 256, UNDETECTED),
        (".demo", validator("rootdirinvalid")),
        ("de~mo", validator("filesnumber")),
        ("de&mo", UNDETECTED),
        ("de'mo", UNDETECTED),
        ("de:mo", UNDETECTED),
        ("de\\mo", UNDETECTED),
        ("__MACOSX", NOT_A_PACKAGE),
        ("__macosx", PASS),
    ],
)
def test_the_root_folders_name(root: str, expected: tuple[str, str | None]) -> None:
    assert answer(crafted(plugin(root))) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("demo/__x", PASS),
        ("demo/.gitignore", PASS),
        ("demo/a*b?c%d#e f", PASS),
        ("demo/日本", PASS),
        ("demo/" + unicodedata.normalize("NFD", "é"), CORRUPTED),
        ("demo/a&b", CORRUPTED),
        ("demo/a'b", CORRUPTED),
        ("demo/a\\b", CORRUPTED),
        ("demo/a\x01b", CORRUPTED),
        ("demo/a\x00b", PASS),
        ("demo/../../etc/passwd", CORRUPTED),
        ("/etc/passwd", NOT_A_PACKAGE),
        ("demo/a./b", PASS),
        ("demo/" + "a" * 256, CORRUPTED),
        ("demo/" + "a/" * 2020, PASS),
        ("demo/" + "a/" * 2021, CORRUPTED),
        ("demo/a/0", validator("filenotexists")),
        ("demo/\u202e", validator("filenotexists")),
        ("demo/\u202ea", PASS),
        ("demo/lang/en/._x.php", PASS),
        ("README", NOT_A_PACKAGE),
        ("._demo", NOT_A_PACKAGE),
        ("desktop.ini", NOT_A_PACKAGE),
        ("__MACOSX/demo/._x", PASS),
        (".DS_Store", PASS),
        ("demo/x/.DS_Store", PASS),
        ("demo/empty/", PASS),
    ],
)
def test_one_more_entry(name: str, expected: tuple[str, str | None]) -> None:
    assert answer(crafted([*plugin(), Crafted(name, b"" if name.endswith("/") else b"x")])) == expected


@pytest.mark.parametrize(
    ("others", "place", "folder", "expected"),
    [
        (0, 0, "demo", validator("filenotexists")),
        (3, 0, "demo", PASS),
        (5, 5, "demo", PASS),
        (8, 0, "demo", validator("filenotexists")),
        (11, 0, "demo/lang/en", PASS),
        (11, 1, "demo/lang/en", validator("filenotexists")),
        (14, 16, "demo", PASS),
        (14, 0, "demo", validator("filenotexists")),
        (20, 1, "demo", PASS),
        (20, 0, "demo", validator("filenotexists")),
        (30, 32, "demo", PASS),
        (30, 1, "demo", validator("filenotexists")),
    ],
)
def test_a_file_that_nobody_sees_is_lost_where_it_is_sorted_before_its_folder(
    others: int, place: int, folder: str, expected: tuple[str, str | None]
) -> None:
    entries = [*plugin(), *(Crafted(f"demo/{chr(97 + number * 7 % 26)}{number}") for number in range(others))]
    entries.insert(place, Crafted(f"{folder}/\u200b"))
    assert answer(crafted(entries)) == expected


@pytest.mark.parametrize("place", [0, 5, 9])
@pytest.mark.parametrize(
    ("fields", "expected"), [({}, PASS), ({"size": 200_001}, CORRUPTED), ({"packed": b"\xff" * 9}, CORRUPTED)]
)
def test_many_large_entries(place: int, fields: dict[str, Any], expected: tuple[str, str | None]) -> None:
    """They are counted from both ends at once."""
    large = [Crafted(f"demo/{number}", bytes(range(250)) * 800) for number in range(10)]
    large[place] = replace(large[place], **fields)
    assert answer(crafted([*plugin(), *large])) == expected


def test_an_empty_folder_stops_older_releases() -> None:
    data = crafted([*plugin(version=VERSION), Crafted("demo/empty/", b"")])
    assert answer(data, moodle="4.4") == validator("filenotexists")


def test_a_name_beyond_unicode_broke_no_page_before_4_5() -> None:
    assert answer(crafted([*plugin(), Crafted(b"demo/\xf4\x90\x80\x80", flags=UTF8)]), moodle="4.4") == PASS


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (Crafted("demo/x", crc=1), PASS),
        (Crafted("demo/x", size=7), CORRUPTED),
        (Crafted("demo/x", method=12), PASS),
        (Crafted("demo/x", method=14), CORRUPTED),
        (Crafted("demo/x", flags=1), CORRUPTED),
        (Crafted("demo/x", method=99), NOT_A_PACKAGE),
        (Crafted("demo/x", method=99, extra=struct.pack("<3H2sBH", 0x9901, 7, 2, b"AE", 3, 8)), CORRUPTED),
        (Crafted("demo/x", method=99, extra=struct.pack("<3H2sBH", 0x9901, 7, 3, b"AE", 3, 8)), NOT_A_PACKAGE),
        (Crafted("demo/x", offset=99_999), CORRUPTED),
        (Crafted("demo/x", packed=deflated(b"x") + b"rest"), PASS),
        (Crafted("demo/x", b"/etc/passwd", mode=0o120777), PASS),
        (Crafted("demo/version.php", b"<?php // the second of two"), PASS),
        (Crafted("demo/é".encode(), flags=0), CORRUPTED),
        (Crafted("demo/é".encode(), flags=0, made_by=OSX), PASS),
        (Crafted(b"demo/\xff", flags=UTF8), NOT_A_PACKAGE),
        (Crafted(b"demo/\xf4\x90\x80\x80", flags=UTF8), ("form", "TypeError")),
        (Crafted("demo/Thumbs.db", OLE), PASS),
        (Crafted("demo/Thumbs.db", b"no thumbnails"), PASS),
        (Crafted("demo/&/Thumbs.db", OLE), ("form", "TypeError")),
    ],
)
def test_one_odd_entry(entry: Crafted, expected: tuple[str, str | None]) -> None:
    assert answer(crafted([*plugin(), entry])) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (GOOD, PASS),
        (GOOD + b"x" * 1000, PASS),
        (GOOD + b"x" * 70_000, NOT_A_PACKAGE),
        (crafted(plugin(), before=b"x"), NOT_A_PACKAGE),
        (crafted(plugin(), zip64=True), PASS),
        (crafted(plugin(), comment=b"hello"), PASS),
        (crafted(plugin(), comment=struct.pack("<4s4H2IH", b"PK\5\6", *[0] * 7)), ("form", "ValueError")),
        (crafted(plugin(), count=1), NOT_A_PACKAGE),
        (crafted([]), NOT_A_PACKAGE),
        (GOOD[:-1], NOT_A_PACKAGE),
        (b"no ZIP at all", NOT_A_PACKAGE),
        (b"", ("upload", "upload_error_invalid_file")),
        (b"\0" * 100, ("upload", "upload_error_invalid_file")),
    ],
)
def test_the_archive_itself(data: bytes, expected: tuple[str, str | None]) -> None:
    assert answer(data) == expected


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("plugin.ZIP", GOOD, PASS),
        ("plugin.zip ", GOOD, PASS),
        (".zip", GOOD, PASS),
        ("plugin.tar", GOOD, ("upload", "invalidfiletype")),
        ("plugin.zip.txt", GOOD, ("upload", "invalidfiletype")),
        ("plugin.tar", b"", ("upload", "upload_error_invalid_file")),
        ("plugin.zip.old", GOOD, ("form", "err_wrongfileextension")),
        ("plugin.zip.old", b"no archive", ("upload", "invalidfiletype")),
        ("plugin.imscc", GOOD, ("form", "err_wrongfileextension")),
        ("zip", GOOD, ("form", "err_wrongfileextension")),
    ],
)
def test_the_file_picker(name: str, data: bytes, expected: tuple[str, str | None]) -> None:
    assert answer(data, name=name) == expected


COMPONENT = b"$plugin->component = 'local_demo';"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"2024010100;", b"'2024010100';", validator("missingversion")),
        (b"2024010100;", b"2024_01_01_00;", validator("missingversion")),
        (b"2024010100;", b"1 + 1;", validator("missingversion")),
        (b"2024010100;", b"-1;", validator("missingversion")),
        (b"2024010100;", b"007;", PASS),
        (b"2024010100;", b"1.5;", PASS),
        (b"2024010100;", b"/* quoted */ 1;", PASS),
        (b"2022112800;", b"9999999999;", validator("requiresmoodle")),
        (b"2022112800;", b"2024100706;", PASS),
        (b"2022112800;", b"2024100707;", validator("requiresmoodle")),
        (b"2022112800;", b"'9999999999';", PASS),
        (b"'v1'", b"'$module->version=1;'", validator("versionphpsyntax")),
        (b"'v1'", b"'$plugin->component=\"mod_x\";'", validator("componentmismatchtype")),
        (b"'v1'", b"\"$plugin->component='local_x';\"", validator("componentmismatchname")),
        (b"$plugin->version", b"$module->version", validator("versionphpsyntax")),
        (b"<?php", b"<?", validator("missingversion")),
        (b"<?php", b"\xef\xbb\xbf<?php", PASS),
        (b"\n", b"\r\n", PASS),
        (b"\n", b"\r", UNDETECTED),
        (b"\n", b" ", UNDETECTED),
        (COMPONENT, b"$plugin->component = COMPONENT;", UNDETECTED),
        (COMPONENT, b"$plugin->component = /* x */ 'local_demo';", UNDETECTED),
        (COMPONENT, COMPONENT + b"\n" + COMPONENT, UNDETECTED),
        (COMPONENT, b"// " + COMPONENT + b"\n" + COMPONENT, PASS),
        (COMPONENT, b"/*\n" + COMPONENT + b"\n*/\n" + COMPONENT, UNDETECTED),
        (COMPONENT, b"/*\n" + COMPONENT + b"\n*/", validator("missingcomponent")),
        (COMPONENT, b"$plugin->component = 'local_De';", ("form", "invalidcomponent")),
        (COMPONENT, b"$plugin->component = 'mod_a_b';", ("form", "invalidcomponent")),
        (COMPONENT, b"$plugin->component = 'local_other';", validator("missingexpectedlangenfile")),
        (COMPONENT, b"$plugin->component = 'mod_quiz';", validator("pluginversiontoolow")),
        (b"$plugin->version", b'$x = "{$y /* ?> */ }"; ?>\n<?php $plugin->version', PASS),
        (b"$plugin->version", b"__halt_compiler(); $plugin->version", validator("missingversion")),
        (b"$plugin->version", b"__halt_compiler #[ $x ?>\n<?php $plugin->version", validator("missingversion")),
        (b"$plugin->version", b"$x->yield from ?>\n<?php $plugin->version", PASS),
        (b"$plugin->version", b"1__halt_compiler(); // $plugin->version", validator("missingversion")),
        (b"$plugin->version", b"0b1__halt_compiler(); $plugin->version", validator("missingversion")),
        (b"$plugin->version", b"$x = <<<A\n\\\nA;\n$plugin->version", PASS),
        (b"$plugin->version", b"syntax error ( $plugin->version", PASS),
        (b"local_demo", b"local_" + b"a" * 256, validator("componentmismatchname")),
    ],
)
def test_version_php(old: bytes, new: bytes, expected: tuple[str, str | None]) -> None:
    assert old in VERSION
    assert answer(crafted(plugin(version=VERSION.replace(old, new)))) == expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (plugin(language="demo.php"), validator("missingexpectedlangenfile")),
        (plugin(language="local_demo.txt"), validator("missinglangenfile")),
        ([Crafted("demo/version.php", VERSION)], validator("filesnumber")),
        ([Crafted("demo/version.php", VERSION), Crafted("demo/lang/ru/x.php")], validator("missinglangenfolder")),
        ([Crafted("demo/Version.php", VERSION), Crafted("demo/lang/en/local_demo.php")], UNDETECTED),
        ([Crafted("version.php", VERSION), Crafted("lang/en/local_demo.php")], NOT_A_PACKAGE),
        ([*plugin(), Crafted("demo/x"), Crafted("demo/x/y")], CORRUPTED),
    ],
)
def test_layout_and_language(entries: list[Crafted], expected: tuple[str, str | None]) -> None:
    assert answer(crafted(entries)) == expected


@pytest.mark.parametrize(
    ("kind", "moodle", "expected"),
    [
        ("availability", "4.5", PASS),
        ("mod", "4.5", PASS),
        ("tiny", "4.5", PASS),
        ("tinymce", "4.5", validator("unknowntype")),
        ("assignment", "4.5", validator("unknowntype")),
        ("aiprovider", "4.5", PASS),
        ("aiprovider", "4.4", validator("unknowntype")),
        ("gradepenalty", "4.5", validator("unknowntype")),
        ("gradepenalty", "5.0", PASS),
        ("core", "4.5", validator("unknowntype")),
        ("foo", "4.5", validator("unknowntype")),
    ],
)
def test_types_of_a_release(kind: str, moodle: str, expected: tuple[str, str | None]) -> None:
    language = "demo.php" if kind == "mod" else f"{kind}_demo.php"
    entries = plugin(version=VERSION.replace(b"local_demo", f"{kind}_demo".encode()), language=language)
    assert answer(crafted(entries), moodle=moodle) == expected


@pytest.mark.parametrize(
    ("installed", "expected"), [(2024010100, PASS), (2024010101, validator("pluginversiontoolow"))]
)
def test_an_installed_version(installed: float, expected: tuple[str, str | None]) -> None:
    assert answer(GOOD, installed=installed) == expected


def test_the_validators_messages_come_in_its_order() -> None:
    levels = [(message.level, message.code) for message in check(GOOD).validation.messages]
    assert levels == [
        ("info", "rootdir"),
        ("info", "pluginversion"),
        ("info", "requiresmoodle"),
        ("info", "componentmatch"),
        ("info", "maturity"),
        ("info", "release"),
        ("debug", "foundlangfile"),
        ("info", "pathwritable"),
    ]


def test_the_package_can_be_read_after_the_check(tmp_path: Path) -> None:
    path = tmp_path / "plugin.zip"
    path.write_bytes(GOOD)
    package = check_path(path).package
    assert package is not None
    assert (package.component, package.type, package.name) == ("local_demo", "local", "demo")
    assert dict(package.files) == {"version.php": VERSION, "lang/en/local_demo.php": LANGUAGE}
    assert package.version["version"] == 2024010100


def test_a_folder_is_checked_as_if_zipped(tmp_path: Path) -> None:
    for entry in plugin(str(tmp_path / "demo")):
        path = Path(str(entry.name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(entry.content)
    assert check_path(tmp_path / "demo").validation.stage == "ok"


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    assert check(data).verdict == "fail"


@settings(deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=6))
def test_any_damage_gets_an_answer(at: int, replacement: bytes) -> None:
    assert check(GOOD[:at] + replacement + GOOD[at + len(replacement) :]).verdict in ("pass", "fail")


@settings(deadline=None)
@given(st.binary())
def test_any_version_php_gets_an_answer(version: bytes) -> None:
    assert check(crafted(plugin(version=version))).validation.verdict == "fail"
