"""Whatever stands in a plugin.toml, it ends in a good plugin or in faults with line, key and mend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugin_builder.archive import EARLIEST, pack
from plugin_builder.check.checking import check_bytes
from plugin_builder.check.site import site
from plugin_builder.errors import BuildError
from plugin_builder.example import example
from plugin_builder.plugin_toml import LONGEST_NAME, LONGEST_TEXT, load
from plugin_builder.render import render
from plugin_builder.targets import TARGETS, Target

KEYS = sorted({key for key, _ in re.findall(r"(?m)^(?:# )?([a-z_]+) (=)", example())})
SECTIONS = ["plugin", "vendor", "engine", "defaults", "features", "other"]
MARK = 8080808080
"""Stands for a number of thousands of digits, which TOML writes as a hexadecimal and Python does not write at all."""
settings.register_profile("toml", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.datetimes()
    | st.sampled_from(["acme", "beta", "https://a.example", "http://[", "https://a b", "v1", "en", 2026112300, MARK]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, "x"]), inner, max_size=3),
    max_leaves=4,
)


def answer(folder: Path, text: str) -> str:
    """What is wrong with it; empty where nothing is."""
    path = folder / "plugin.toml"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        load(path)
    except BuildError as error:
        return str(error).replace(f"{folder}/", "")
    return ""


def assert_told_well(faults: str, text: str) -> None:
    lines = len(text.splitlines()) + 1
    for fault in faults.splitlines():
        found = re.fullmatch(r"plugin\.toml:(\d+): (?:not TOML|\S+:) .+; .+|plugin\.toml:(\d+): .+: .+; .+", fault)
        assert found, fault
        assert 1 <= int(found[1] or found[2]) <= lines


@settings(settings.get_profile("toml"))
@given(sections=st.dictionaries(st.sampled_from(SECTIONS), st.dictionaries(st.sampled_from(KEYS), values, max_size=4)))
def test_any_value_of_any_key(tmp_path: Path, sections: dict[str, dict[str, Any]]) -> None:
    text = written(sections)
    assert_told_well(answer(tmp_path, text), text)


def written(sections: dict[str, Any]) -> str:
    """As TOML; what has no form there (`None`, a lone surrogate) is left out."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items() if each is not None}
        if isinstance(value, list):
            return [plain(each) for each in value if each is not None]
        return value.encode("utf-8", "ignore").decode() if isinstance(value, str) else value

    return tomlkit.dumps(plain(sections)).replace(str(MARK), "0x" + "f" * 5000)


@settings(settings.get_profile("toml"))
@given(
    at=st.integers(0, len(example())),
    end=st.integers(0, 12),
    new=st.text(max_size=6) | st.sampled_from(["[", "]]", "{", "}", '"""', "'''", "=", ".", "\\", "\r", "\0", "[[x]]"]),
)
def test_any_damage(tmp_path: Path, at: int, end: int, new: str) -> None:
    text = example()[:at] + new.encode("utf-8", "ignore").decode() + example()[at + end :]
    assert_told_well(answer(tmp_path, text), text)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 5000,
        "x = " + "{a=" * 3000,
        "x = " + "9" * 5000,
        "[plugin]\nversion = " + "0x" + "f" * 5000,
        "[plugin]\nlanguages = [0x" + "f" * 5000 + "]",
        "[a.b]\n[a]\nb = 1",
        "a.b = 1\na = 2",
        "x = 2020-99-99",
        "[plugin]\nname = 'a\nb'",
        "\0",
        "= 1",
        "[]",
        "[[plugin]]\nname = 'acme'",
        'plugin = {name = "Acme"}',
        '"plugin"."name" = "Acme"',
        "plugin.name.x = 1",
        "vendor = 1979-05-27T07:32:00Z",
    ],
)
def test_toml_as_nobody_writes_it(tmp_path: Path, text: str) -> None:
    faults = answer(tmp_path, text)
    assert faults
    assert_told_well(faults, text)


NAMES = st.from_regex(rf"[a-z][a-z0-9]{{1,{LONGEST_NAME - 1}}}", fullmatch=True)
LINES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters='"<>{}'), min_size=1, max_size=30
).filter(str.strip)
COPYRIGHTS = LINES.filter(lambda line: "*/" not in line and "?>" not in line)
ALLOWED = st.fixed_dictionaries(
    {
        "plugin": st.fixed_dictionaries({"name": NAMES, "copyright": COPYRIGHTS}),
        "vendor": st.fixed_dictionaries({"en": LINES, "ru": LINES}),
    }
)


def targets() -> Iterator[Target]:
    yield TARGETS[0]
    yield TARGETS[-1]


@settings(settings.get_profile("toml"), max_examples=15)
@given(sections=ALLOWED)
def test_a_white_label_of_any_allowed_name_is_a_good_plugin(tmp_path: Path, sections: dict[str, Any]) -> None:
    path = tmp_path / "plugin.toml"
    path.write_text(tomlkit.dumps(sections), encoding="utf-8")
    plugin = load(path)
    assert len(plugin.vendor.en) <= LONGEST_TEXT
    for target in targets():
        report = check_bytes("x.zip", pack(plugin.name, render(plugin, target), EARLIEST), site(target.highest))
        assert (report.validation.stage, report.findings) == ("ok", [])
