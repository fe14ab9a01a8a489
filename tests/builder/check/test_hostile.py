"""Archives made to hurt whoever opens them: each ends in a finding, soon and in little memory."""

from __future__ import annotations

import bz2
import hashlib
import json
import struct
import tracemalloc
from functools import cache
from typing import Any

import pytest
from builder.crafted_zip import VERSION, Crafted, crafted, deflated, plugin

from plugin_builder.check import Report
from plugin_builder.check.checking import check_bytes
from plugin_builder.check.content import MOST_BYTES
from plugin_builder.check.libzip import END_SIZE, MOST_ENTRIES
from plugin_builder.check.site import site

MEMORY = 20 * 2**20
BLANK = b" " * 400_000


@cache
def zeros() -> bytes:
    """More than the checker is willing to unpack, in a few kilobytes."""
    return deflated(b"\0" * (MOST_BYTES + 1))


def check(data: bytes) -> Report:
    return check_bytes("hostile.zip", data, site("4.5"))


def bomb(name: str, size: int, **fields: int) -> Crafted:
    return Crafted(name, b"", packed=zeros(), size=size, **fields)


def version(more: bytes) -> bytes:
    return crafted(plugin(version=VERSION + more))


def steps(number: int) -> bytes:
    return b"<?php\n" + b"".join(b"if ($oldversion < %d) {}\n" % version for version in range(number))


def with_file(name: str, content: bytes) -> bytes:
    return crafted([*plugin(), Crafted(f"demo/{name}", content)])


def end_records() -> bytes:
    """A directory of thousands of entries, and hundreds of end records that send the reader through it for nothing."""
    good = crafted([*plugin(), *(Crafted(f"demo/{n}", b"", 0) for n in range(300))])
    entries, record = good[:-END_SIZE], good[-END_SIZE:]
    wrong = record[:8] + struct.pack("<2H", 301, 301) + record[12:20]
    return entries + b"".join(wrong + struct.pack("<H", left * END_SIZE) for left in reversed(range(200)))


def keys(number: int) -> bytes:
    """A table whose every key names its last field."""
    fields = b"".join(b'<FIELD NAME="f%d" TYPE="int" LENGTH="10"/>' % n for n in range(number))
    key = b'<KEY NAME="k" TYPE="unique" FIELDS="f%d"/>' % (number - 1)
    primary = b'<KEY NAME="p" TYPE="primary" FIELDS="id"/>'
    parts = (b'<XMLDB><TABLES><TABLE NAME="other"><FIELDS>', fields, b"</FIELDS><KEYS>", primary, key * number)
    return b"".join(parts) + b"</KEYS></TABLE></TABLES></XMLDB>"


def scripts(number: int) -> bytes:
    return json.dumps({"builds": {f"m{n}": {"jsfiles": ["x.js"] * 50} for n in range(number)}}).encode()


def many_texts() -> bytes:
    """Thousands of templates of 4 MB, all of them the same few kilobytes."""
    packed = deflated(b"{{#str}}pluginname, local_demo{{/str}}\n" * 100_000)
    first = Crafted("demo/templates/a.mustache", b"", packed=packed, size=3_900_000)
    others = (
        Crafted(f"demo/{n}.mustache", b"", packed=b"", packed_size=len(packed), size=3_900_000, offset=0)
        for n in range(200)
    )
    return crafted([first, *others, *plugin()])


def lies(number: int) -> bytes:
    """Entries that claim to be worth counting ahead, and are all the same bomb."""
    claimed = (
        Crafted(f"demo/{n}", b"", packed=b"", packed_size=len(zeros()), size=16_500, offset=0) for n in range(number)
    )
    return crafted([bomb("demo/a", 16_500), *claimed, *plugin()])


ACCENTS = "a" + "\u0301\u0323\u0316\u0300\u0315\u031b" * 1000


def slow(*names: str, **fields: Any) -> list[Crafted]:
    """Entries that share one block of bzip2, which has to be unpacked whole before its first byte is known."""
    packed = bz2.compress(b"".join(hashlib.sha512(b"%d" % n).digest() for n in range(14_000)))
    shared: dict[str, Any] = {"method": 12, "packed_size": len(packed), "size": 896_000, "offset": 0, **fields}
    return [Crafted(name, b"", packed=b"" if place else packed, **shared) for place, name in enumerate(names)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (lambda: crafted([*plugin(), bomb("demo/x", MOST_BYTES + 1)]), "archivebomb"),
        (lambda: crafted([*plugin(), bomb("demo/x", 10)]), "corrupted_archive_structure"),
        (
            lambda: crafted([*(bomb(f"demo/{n}", MOST_BYTES + 1, offset=0) for n in range(50)), *plugin()]),
            "archivebomb",
        ),
        (lambda: crafted([*plugin(), *(Crafted(f"demo/{n}", b"", 0) for n in range(MOST_ENTRIES + 1))]), "toolarge"),
        (lambda: crafted([*plugin(), *(Crafted(f"demo/{n}/" + "a/" * 1800, b"", 0) for n in range(50))]), "toolarge"),
        (lambda: crafted([*plugin(), Crafted("demo/" + "a/" * 30_000, b"", 0)]), "toolarge"),
        (lambda: crafted([*plugin(), *(Crafted(f"demo/{'../' * 1000}{n}", b"", 0) for n in range(500))]), "toolarge"),
        (lambda: version(b"(" * 200_000), "notread"),
        (lambda: version(b"a;" * 100_000), "notread"),
        (lambda: version(b"<<<A\n" * 50_000), "notread"),
        (lambda: version(b"$plugin->component = 'a_" * 20_000), "typedetectionfailed"),
        (lambda: crafted(plugin(), comment=b"PK\5\6" * 10_000), None),
        (lambda: crafted([*plugin(), Crafted("demo/db/install.xml", b"<a>" * 1_000_000)]), "notread"),
        (lambda: crafted([*plugin(), Crafted("demo/db/install.xml", b"<TABLE " * 100_000)]), "installxml"),
        (lambda: crafted([*plugin(), Crafted("demo/db/upgrade.php", steps(30_000))]), "more"),
        (
            lambda: crafted([*plugin(), Crafted("demo/db/upgrade.php", b"upgrade_x_savepoint(" + BLANK)]),
            "requiredfunction",
        ),
        (lambda: crafted([*plugin(), Crafted("demo/db/upgrade.php", b"function " + BLANK)]), "requiredfunction"),
        (lambda: crafted([*plugin(), Crafted("demo/lib.php", b"<?php :" + BLANK + b"{" + BLANK)]), "phpsyntax"),
        (lambda: version(b"$plugin->component = 'a" + b"_" * 400_000), "phpsyntax"),
        (lambda: end_records(), "zip_not_valid_plugin_package_page"),
        (lambda: crafted([*plugin(), Crafted(b"demo/" + b"a" * 60_000 + b"\xff")]), "corrupted_archive_structure"),
        (lambda: crafted([*plugin(), *(Crafted(f"demo/{n}", extra=b"\0" * 65_000) for n in range(50))]), "toolarge"),
        (lambda: crafted([*plugin(), *(Crafted("demo/" + ACCENTS + str(n), b"", 0) for n in range(80))]), "toolarge"),
        (lambda: crafted([*slow(*(f"demo/{n}/Thumbs.db" for n in range(9000))), *plugin()]), "toolarge"),
        (lambda: crafted([*slow(*(f"demo/{n}" for n in range(9000)), mode=0o120777), *plugin()]), "toolarge"),
        (
            lambda: with_file("a.js", b"//" + b"".join(b"get_string('a%d','local_demo');" % n for n in range(99_999))),
            "more",
        ),
        (lambda: with_file("db/install.xml", keys(9000)), "tableprefix"),
        (lambda: with_file("db/access.php", b"<?php $capabilities = [" + b"1," * 200_000 + b"];"), "notread"),
        (lambda: with_file("yui/src/a/build.json", scripts(3000)), "jsnotbuilt"),
        (lambda: many_texts(), "toolarge"),
        (lambda: lies(4000), "archivebomb"),
    ],
)
def test_a_hostile_archive_ends_in_a_finding(data: object, code: str | None) -> None:
    assert callable(data)
    codes = [finding.code for finding in check(data()).findings]
    assert code in codes if code else codes == []


def test_a_bomb_stays_packed_in_memory() -> None:
    data = crafted([*plugin(), bomb("demo/x", MOST_BYTES + 1), bomb("demo/version.php", MOST_BYTES + 1)])
    tracemalloc.start()
    check(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MEMORY


def test_a_large_honest_plugin_is_only_warned_about() -> None:
    noise = bytes(range(256)) * 2**12
    entries = [Crafted(f"demo/{number}", noise, 0) for number in range(MOST_BYTES // len(noise) + 1)]
    report = check_bytes("large.zip", crafted([*plugin(), *entries]), site("4.5"))
    assert [(finding.code, finding.level) for finding in report.findings] == [("toolarge", "warning")]
    assert report.verdict == "pass"


def test_what_takes_too_long_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugin_builder.check.content.SECONDS", 0)
    report = check(with_file("lib.php", b"<?php\n" + b"f();\n" * 15_000 + b"# " + b"x" * 500_000))
    assert {finding.code for finding in report.findings} == {"toolarge"}
    assert any("features" in finding.message for finding in report.findings)
    assert report.package
    assert report.package.files["lib.php"].startswith(b"<?php"), "the limit is the check's, not its caller's"
