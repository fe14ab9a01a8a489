"""Archives made to hurt whoever opens them: each ends in a finding, soon and in little memory."""

from __future__ import annotations

import tracemalloc
from functools import cache

import pytest
from builder.crafted_zip import VERSION, Crafted, crafted, deflated, plugin

from plugin_builder.check import Report
from plugin_builder.check.checking import check_bytes
from plugin_builder.check.content import MOST_BYTES
from plugin_builder.check.libzip import MOST_ENTRIES
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
