"""One file with every number, a user's file laid over it, and mistakes named."""

from __future__ import annotations

from pathlib import Path

import pytest

from proctor_engine.configuration import Configuration, as_toml, default_configuration, load_configuration
from proctor_engine.errors import ConfigurationError
from proctor_engine.incidents.rules import RULES


def written(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_users_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    own = load_configuration(
        written(tmp_path, "[incidents.absent]\nopens_after = 9\n[vision.quality]\ndark_below = 40\n")
    )
    default = default_configuration()
    assert own.incidents.absent.opens_after == 9
    assert own.incidents.absent.closes_after == default.incidents.absent.closes_after
    assert own.scoring == default.scoring
    assert own.vision_settings().quality.dark_below == 40


@pytest.mark.parametrize("text", ["", "[scoring]\nattention = 10\n", "[vision]\nlandmarks = false\n"])
def test_what_is_printed_reads_back_the_same(tmp_path: Path, text: str) -> None:
    own = load_configuration(written(tmp_path, text))
    printed = as_toml(own)
    again = load_configuration(written(tmp_path, printed))
    assert again.model_copy(update={"vision": {}}) == own.model_copy(update={"vision": {}})
    assert again.vision_settings() == own.vision_settings()
    assert as_toml(again) == printed


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[scoring]\nattention = 90\nrejected = 50\n", "scoring: .*attention is higher"),
        ("[scoring.keys.charm]\nweight=1\nper_incident=1\nper_minute=1\n", "scoring: .*unknown key charm"),
        ("[signs.gaze]\nyaw = -3\n", "signs.gaze.yaw"),
        ("[signs.gaze]\nyaw = nan\n", "signs.gaze.yaw"),
        ("[signs.gaze]\nyaw = 'wide'\n", "signs.gaze.yaw"),
        ("[vision.quality]\ndark_below = 900\n", "vision.quality.dark_below"),
        ("[eyes]\n", "eyes"),
        ("signs = 3\n", "signs"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_field(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigurationError, match=f"own.toml: {named}"):
        load_configuration(written(tmp_path, text))


def test_every_rule_has_its_hysteresis(configuration: Configuration) -> None:
    without = {"connection_gap"}
    assert set(RULES) - without <= set(type(configuration.incidents).model_fields)
