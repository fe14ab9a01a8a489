"""What one build is about: names, release, defaults. `Plugin()` is availability_examus as we publish it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from contract.condition import RULES, SCORING, WARNINGS, Mode
from contract.titles import LANGUAGES, Language, Title
from contract.wire import PLUGIN_NAME

VENDOR = Title("Examus", "Examus")
Maturity = Literal["ALPHA", "BETA", "RC", "STABLE"]
MATURITIES: tuple[Maturity, ...] = ("ALPHA", "BETA", "RC", "STABLE")


@dataclass(frozen=True)
class Feature:
    """What a build may leave out: `paths` are beginnings of template names, `strings` the keys of its own strings.

    What it has in files of others, templates ask for: `'push' in plugin.features`.
    """

    title: str
    paths: tuple[str, ...]
    strings: tuple[str, ...] = ()


FEATURES: dict[str, Feature] = {
    "tests": Feature("PHPUnit and Behat tests, which run on a developer's site", ("tests/",)),
    "reportbuilder": Feature(
        "a data source for Moodle's custom reports, 4.0 and later",
        ("classes/reportbuilder/", "tests/reportbuilder_test.php"),
    ),
    "push": Feature(
        "signed events to the engine, sent by a background task once a site switches them on",
        ("classes/local/push.php", "classes/task/push_event.php"),
        ("error_push", "pushenabled", "pushenabled_desc", "pushkeys", "pushkeys_desc"),
    ),
}


def _frozen(values: Mapping[str, bool]) -> Mapping[str, bool]:
    return MappingProxyType(dict(values))


@dataclass(frozen=True)
class Defaults:
    """What a new restriction starts from; every rule, warning and scoring key has a value."""

    mode: Mode = Mode.NORMAL
    rules: Mapping[str, bool] = field(default_factory=lambda: _frozen({rule.key: rule.default for rule in RULES}))
    warnings: Mapping[str, bool] = field(
        default_factory=lambda: _frozen({warning.key: warning.shown_by_default for warning in WARNINGS})
    )
    scoring: Mapping[str, int | None] = field(
        default_factory=lambda: MappingProxyType({key.key: key.default for key in SCORING})
    )


@dataclass(frozen=True)
class Plugin:
    """Templates see it as `plugin`. `version` is Moodle's YYYYMMDDRR, `name` the part after `availability_`."""

    name: str = PLUGIN_NAME
    vendor: Title = VENDOR
    version: int = 2026113000
    release: str = "v1.0.0"
    maturity: Maturity = "STABLE"
    languages: tuple[Language, ...] = LANGUAGES
    copyright: str = "2026 the moodle-proctoring authors"
    engine_url: str = ""
    allowed_origins: tuple[str, ...] = ()
    defaults: Defaults = field(default_factory=Defaults)
    features: frozenset[str] = frozenset(FEATURES)

    @property
    def component(self) -> str:
        return f"availability_{self.name}"

    @property
    def left_out_strings(self) -> frozenset[str]:
        return frozenset(key for name in FEATURES.keys() - self.features for key in FEATURES[name].strings)
