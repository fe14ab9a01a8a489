from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from contract.titles import Title
from plugin_builder.archive import EARLIEST, pack
from plugin_builder.check.checking import check_bytes
from plugin_builder.check.site import site
from plugin_builder.cli import main
from plugin_builder.config import FEATURES, Plugin
from plugin_builder.errors import BuildError
from plugin_builder.example import example
from plugin_builder.plugin_toml import load
from plugin_builder.render import render
from plugin_builder.targets import TARGETS, Target


def loaded(folder: Path, text: str) -> Plugin:
    path = folder / "plugin.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_the_example_says_what_the_defaults_are(tmp_path: Path) -> None:
    assert loaded(tmp_path, example()) == Plugin()


def test_every_line_that_the_example_comments_out_is_valid(tmp_path: Path) -> None:
    text = re.sub(r"(?m)^# (?=[a-z_]+ = )", "", example())
    plugin = loaded(tmp_path, text)
    assert plugin.engine_url == "https://proctoring.example"
    assert plugin.allowed_origins == ("https://proctoring.example",)
    assert set(plugin.defaults.scoring.values()) == {5, 50}


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == Plugin()


def test_what_is_given_replaces_only_itself(tmp_path: Path) -> None:
    plugin = loaded(
        tmp_path,
        '[plugin]\nname = "acme"\nmaturity = "beta"\nlanguages = ["en"]\n'
        '[vendor]\nen = "Acme"\n[defaults.rules]\nallow_voices = true\n[features]\ntests = false\n',
    )
    assert (plugin.component, plugin.maturity, plugin.languages) == ("availability_acme", "BETA", ("en",))
    assert (plugin.vendor.en, plugin.vendor.ru) == ("Acme", "Acme")
    assert plugin.defaults.rules == {**Plugin().defaults.rules, "allow_voices": True}
    assert plugin.version == Plugin().version
    assert not any(name.startswith("tests/") for name in render(plugin, TARGETS[0]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[plugin]\n\nname = 'Acme'", "plugin.toml:3: plugin.name: 'Acme' is no plugin name; write two to 15"),
        ("[plugin]\nname = 'a_b'", "plugin.toml:2: plugin.name"),
        ("[plugin]\nname = 'a'", "plugin.toml:2: plugin.name: 'a' is no plugin name"),
        ("[plugin]\nname = 'date'", "plugin.name: 'date' is a restriction of Moodle's own"),
        ("[scores]\nx = 1", "plugin.toml:1: scores: is unknown; use one of plugin, vendor, engine, defaults, features"),
        (
            "[plugin]\ncopyright = 'A */ B'",
            "plugin.toml:2: plugin.copyright: 'A */ B' has a */ in it; write it without",
        ),
        ("[vendor]\nen = 'A {$a}'", "plugin.toml:2: vendor.en: 'A {$a}' has a { in it; write it without"),
        ("[plugin]\nversion = '2026112300'", "plugin.toml:2: plugin.version: '2026112300' is no version; write YYYYMM"),
        ("[plugin]\nversion = 2026133100", "plugin.toml:2: plugin.version"),
        ("[plugin]\nversion = 2026023000", "plugin.toml:2: plugin.version"),
        ("[plugin]\nname = 'a'\nname = 'b'", 'plugin.toml:3: not TOML (Key "name" already exists.); keep one of them'),
        ("[plugin]\nrelease = '../x'", "plugin.toml:2: plugin.release"),
        ("[plugin]\nmaturity = 'stabel'", "plugin.maturity: 'stabel' is not known; did you mean stable?"),
        ("[plugin]\nlanguages = ['ru']", "plugin.toml:2: plugin.languages"),
        ("[plugin]\nverison = 1", "plugin.toml:2: plugin.verison: is unknown; did you mean plugin.version?"),
        ("plugin = 1", "plugin.toml:1: plugin: is a section; write [plugin]"),
        ("[engine]\nurl = 'proctoring.example'", "plugin.toml:2: engine.url"),
        ("[engine]\nallowed_origins = ['https://*.example']", "is no origin; write scheme and host only"),
        ("[engine]\nallowed_origins = ['https://a.example/path']", "is no origin"),
        ("[defaults]\nmode = 'live'", "plugin.toml:2: defaults.mode: 'live' is not known; use one of normal"),
        ("[defaults.rules]\nallow_voices = 'yes'", "plugin.toml:2: defaults.rules.allow_voices: 'yes' is neither true"),
        ("[defaults.rules]\nallow_voice = true", "did you mean defaults.rules.allow_voices?"),
        ("[defaults.scoring]\nphone = 11", "plugin.toml:2: defaults.scoring.phone: 11 is out of range; write 0 to 10"),
        ("[features]\ntest = true", "plugin.toml:2: features.test: is unknown; did you mean features.tests?"),
        ("[plugin\n", "plugin.toml:1: not TOML"),
    ],
)
def test_a_fault_is_named_with_line_key_and_mend(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BuildError) as caught:
        loaded(tmp_path, text)
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    with pytest.raises(BuildError) as caught:
        loaded(tmp_path, "[plugin]\nname = 1\nversion = 2\n[vendor]\nen = ''\n")
    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == [
        "plugin.toml:2",
        "plugin.toml:3",
        "plugin.toml:5",
    ]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"plugin\.toml: No such file"):
        load(tmp_path / "plugin.toml")


def test_init_writes_one_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "plugin.toml"
    assert CliRunner().invoke(main, ["init", str(path)]).exit_code == 0
    assert load(path) == Plugin()
    path.write_text("mine")
    again = CliRunner().invoke(main, ["init", str(path)])
    assert again.exit_code == 2
    assert "there is one already" in again.stderr
    assert path.read_text() == "mine"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: str(target.name))
def test_a_white_label_build_has_no_old_name_left(tmp_path: Path, target: object) -> None:
    assert target in TARGETS
    plugin = loaded(tmp_path, '[plugin]\nname = "acme"\n[vendor]\nen = "Acme"\n')
    files = render(plugin, target)  # type: ignore[arg-type]
    left = {
        f"{name}:{number}: {line.strip()}"
        for name, content in files.items()
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1)
        if "examus" in line.lower()
    }
    assert left == set()
    assert not [name for name in files if "examus" in name.lower()]


def test_an_editors_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert loaded(tmp_path, "\ufeff[plugin]\nname = 'acme'\n").name == "acme"


def test_a_name_in_one_language_is_enough(tmp_path: Path) -> None:
    assert loaded(tmp_path, "[vendor]\nen = 'Acme'").vendor == Title("Acme", "Acme")
    assert loaded(tmp_path, "[vendor]\nru = 'Акме'").vendor == Title("Examus", "Акме")


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: str(target.name))
@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_left_out_leaves_a_good_plugin(tmp_path: Path, feature: str, target: Target) -> None:
    plugin = loaded(tmp_path, f"[features]\n{feature} = false\n")
    whole, files = render(Plugin(), target), render(plugin, target)
    assert set(files) <= set(whole)
    assert not [name for name in files if name.startswith(FEATURES[feature].paths)]
    code = b"".join(content for name, content in files.items() if name.endswith(".php")).decode()
    left = [path.rpartition("/")[2].removesuffix(".php") for path in FEATURES[feature].paths if path.endswith(".php")]
    assert not re.findall(rf"\b(?:{'|'.join(left)})\b" if left else r"(?!)", code), (
        "nothing speaks of what is not there"
    )
    report = check_bytes("examus.zip", pack(plugin.name, files, EARLIEST), site(target.highest))
    assert (report.validation.stage, report.findings) == ("ok", [])


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: str(target.name))
@pytest.mark.parametrize("vendor", ["Acme", "O'Brien & $ons \\\\"])
def test_a_white_label_build_is_a_good_plugin(tmp_path: Path, target: Target, vendor: str) -> None:
    plugin = loaded(tmp_path, f'[plugin]\nname = "acme"\n[vendor]\nen = "{vendor}"\n')
    data = pack(plugin.name, render(plugin, target), EARLIEST)
    for moodle in (target.lowest, target.highest):
        report = check_bytes("acme.zip", data, site(moodle))
        assert (report.validation.stage, report.findings) == ("ok", [])
