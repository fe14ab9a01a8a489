from __future__ import annotations

import io
import zipfile

import pytest

from plugin_builder.archive import EARLIEST, LATEST, pack, timestamp
from plugin_builder.errors import BuildError

FILES = {"version.php": b"<?php\n", "lang/en/x.php": "ё".encode()}
WHEN = (2026, 11, 23, 0, 0, 0)


def entries(content: bytes) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return archive.infolist()


def test_order_of_files_does_not_matter() -> None:
    assert pack("examus", FILES, WHEN) == pack("examus", dict(reversed(FILES.items())), WHEN)


def test_entries_are_sorted_plain_and_under_one_root() -> None:
    found = entries(pack("examus", FILES, WHEN))
    assert [each.filename for each in found] == ["examus/lang/en/x.php", "examus/version.php"]
    for each in found:
        assert each.create_system == 3
        assert each.external_attr >> 16 == 0o100644
        assert each.compress_type == zipfile.ZIP_STORED
        assert each.date_time == WHEN


def test_the_plugins_version_gives_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert timestamp(2026112305) == (2026, 11, 23, 0, 0, 0)


@pytest.mark.parametrize(
    ("epoch", "moment"),
    [("1700000000", (2023, 11, 14, 22, 13, 20)), ("0", EARLIEST), ("-5", EARLIEST), ("99999999999", LATEST)],
)
def test_source_date_epoch_is_honoured_and_clamped(
    monkeypatch: pytest.MonkeyPatch, epoch: str, moment: tuple[int, ...]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert timestamp(2026112300) == moment


@pytest.mark.parametrize("epoch", ["yesterday", "1.5", "9" * 30])
def test_a_wrong_epoch_is_named(monkeypatch: pytest.MonkeyPatch, epoch: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(BuildError, match="SOURCE_DATE_EPOCH"):
        timestamp(2026112300)


def test_a_version_without_a_day_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    with pytest.raises(BuildError, match="2026139900"):
        timestamp(2026139900)
