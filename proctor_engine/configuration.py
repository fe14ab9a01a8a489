"""The one configuration: `default.toml`, read into typed values, and a file of the user's laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from tomlkit.exceptions import TOMLKitError

from contract.condition import CHEATER_LEVEL, SCORING_KEYS
from proctor_engine.errors import ConfigurationError

if TYPE_CHECKING:
    from proctor_engine.vision.settings import VisionSettings

Positive = Annotated[float, Field(gt=0)]
Seconds = Positive
Share = Annotated[float, Field(ge=0, le=1)]
Points = Annotated[int, Field(ge=0, le=100)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class MediaSettings(_Section):
    frames_per_second: Annotated[float, Field(gt=0, le=60)]
    folder_frames_per_second: Annotated[float, Field(gt=0, le=60)]
    longest_side: Annotated[int, Field(ge=64)]
    largest_frame: Annotated[int, Field(gt=0)]


class Hysteresis(_Section):
    opens_after: Seconds
    closes_after: Seconds


class IncidentSettings(_Section):
    longest_step: Seconds
    forgets_after: Seconds
    merges_within: Seconds
    absent: Hysteresis
    extra_person: Hysteresis
    other_person: Hysteresis
    still_photograph: Hysteresis
    looking_away: Hysteresis
    eyes_closed: Hysteresis
    mouth_and_voice: Hysteresis
    mouth: Hysteresis
    voice: Hysteresis
    camera_covered: Hysteresis
    camera_dark: Hysteresis
    camera_frozen: Hysteresis
    microphone_muted: Hysteresis
    microphone_silent: Hysteresis


class GazeSigns(_Section):
    yaw: Positive
    pitch_up: Positive
    pitch_down: Positive
    most_tilted: Positive
    most_up: Positive
    unlike: Positive
    eyes_aside: Positive
    eyes_up: Positive
    back: Share
    eyes_usable: Share
    eyes_closed: Share
    eyes_open: Share


class PictureSigns(_Section):
    black_below: Annotated[float, Field(ge=0, le=255)]


class MouthSigns(_Section):
    window: Seconds
    variation: Positive
    variation_with_voice: Positive
    most_turned: Positive
    lowest_score: float
    pause: Seconds


class LivenessSigns(_Section):
    photograph_below: Share


class SoundSigns(_Section):
    voice: Share
    silent_below: Annotated[float, Field(lt=0)]
    late_by: Seconds


class ConnectionSigns(_Section):
    gap: Seconds


class SignSettings(_Section):
    gaze: GazeSigns
    picture: PictureSigns
    mouth: MouthSigns
    liveness: LivenessSigns
    sound: SoundSigns
    connection: ConnectionSigns


class Amount(_Section):
    weight: Annotated[float, Field(ge=0, le=10)]
    per_incident: Annotated[float, Field(ge=0)]
    per_minute: Annotated[float, Field(ge=0)]


class ScoringSettings(_Section):
    attention: Points
    rejected: Points
    keys: dict[str, Amount]

    @model_validator(mode="after")
    def _every_key_once(self) -> ScoringSettings:
        expected = set(SCORING_KEYS) - {CHEATER_LEVEL}
        if unknown := sorted(set(self.keys) - expected):
            raise ValueError(f"unknown key {unknown[0]}; the plugin's are {', '.join(sorted(expected))}")
        if self.attention > self.rejected:
            raise ValueError("attention is higher than rejected")
        return self


class Configuration(_Section):
    """Everything that decides, and nothing that says where things are stored.

    `vision` holds what differs from the defaults of `VisionSettings`: whoever only scores need not load vision.
    """

    media: MediaSettings
    incidents: IncidentSettings
    signs: SignSettings
    scoring: ScoringSettings
    vision: dict[str, Any] = Field(default_factory=dict)

    def vision_settings(self) -> VisionSettings:
        """Raises pydantic's ValidationError for a value that is impossible."""
        from proctor_engine.vision.settings import VisionSettings

        return VisionSettings.model_validate(self.vision)


@cache
def _defaults() -> dict[str, Any]:
    return tomlkit.parse(_default_text()).unwrap()


def _default_text() -> str:
    return files("proctor_engine").joinpath("default.toml").read_text(encoding="utf-8")


def default_configuration() -> Configuration:
    return Configuration.model_validate(_defaults())


def load_configuration(path: Path) -> Configuration:
    """The defaults with the file's values over them.

    Raises ConfigurationError naming the file and the field for anything unreadable, unknown or out of range.
    """
    try:
        own = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap()
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or error}") from error
    except (UnicodeDecodeError, TOMLKitError) as error:
        raise ConfigurationError(f"{path}: not a TOML file: {error}") from error
    section: tuple[str, ...] = ()
    try:
        configuration = Configuration.model_validate(_laid_over(_defaults(), own))
        if configuration.vision:
            section = ("vision",)
            configuration.vision_settings()
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in (*section, *first["loc"])) or "the file"
        raise ConfigurationError(f"{path}: {field}: {first['msg']}") from error
    return configuration


def as_toml(configuration: Configuration) -> str:
    """Every number in force with its unit, vision's included: a file that `load_configuration` reads back."""
    text = tomlkit.parse(_default_text())
    _write_over(text, configuration.model_dump(exclude={"vision"}))
    text.add(tomlkit.nl())
    text.add("vision", _explained(configuration.vision_settings()))
    return tomlkit.dumps(text)


def _write_over(table: Any, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if isinstance(value, Mapping):
            _write_over(table[key], value)
        elif key in table and table[key] != value:
            table[key] = value


def _explained(settings: BaseModel) -> Any:
    table = tomlkit.table()
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            table.add(name, _explained(value))
            continue
        table.add(tomlkit.comment(field.description or name))
        table.add(name, value)
    return table


def _laid_over(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = _laid_over(below, value)
        else:
            merged[key] = value
    return merged
