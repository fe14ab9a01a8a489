"""How a service is set up: one typed place, filled from a TOML file and the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from contract.panel import WayIn
from proctor_engine.errors import EngineError


class SettingsError(EngineError):
    """A setting that cannot be used; the message names it and says what to write instead."""


class MoodleSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    client_id: str
    client_secret: str
    token: str
    component: str = "availability_examus"
    panel_keys: dict[str, str] = Field(default_factory=dict)
    """Key ids and secrets as in the plugin's panel key ring; without any, tickets are refused."""
    push_keys: dict[str, str] = Field(default_factory=dict)
    """The same for pushed events."""

    @field_validator("url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        return _web_address(value)

    @property
    def origin(self) -> str:
        return origin(self.url)


class Retention(BaseModel):
    """How long things are kept, in days after the session's end."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    evidence_days: int = Field(default=90, ge=0)
    """Pictures, sound and documents."""
    record_days: int = Field(default=365, ge=0)
    """The session's row with its incidents, review and chat."""
    audit_days: int = Field(default=730, ge=0)
    unfinished_days: int = Field(default=2, ge=0)
    """A session that was prepared and never started."""
    keep_template: bool = False
    """Whether the face's template outlives the session, until its evidence goes."""


class Slots(BaseModel):
    """When candidates may come to exams that want a booked slot. Hours are those of `zone`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_hour: int = Field(default=8, ge=0, le=23)
    to_hour: int = Field(default=20, ge=1, le=24)
    every_minutes: int = Field(default=30, ge=5, le=24 * 60)
    days: int = Field(default=14, ge=1, le=365)
    """How far ahead."""
    places: int = Field(default=0, ge=0)
    """Candidates in one slot, over all exams; 0 for any number."""
    zone: str = "UTC"

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is no time zone such as Europe/Berlin")
        return value


class Limits(BaseModel):
    """What one request and one session may cost us."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    frame_bytes: int = 512 * 1024
    frame_pixels: int = 1920 * 1080
    audio_bytes: int = 16_000 * 2 * 10
    """Ten seconds of 16 kHz, 16-bit mono."""
    events_per_request: int = 100
    chunks_per_minute: int = 600
    sign_ins_per_minute: int = 300
    """From one address, behind which a hall of candidates may begin at once. Passwords are Moodle's to guard."""
    clock_tolerance: float = 5.0
    """Seconds by which a chunk's time may run ahead of ours."""
    gap_seconds: float = 30.0
    """How long a missing chunk is waited for before the next ones are analysed without it."""
    backlog_seconds: float = 10.0
    """Unanalysed seconds of a session from which frames are thinned out evenly."""
    silence_seconds: float = 300.0
    """Without a sign of life for so long a running session is ended."""


class Settings(BaseModel):
    """Everything that a service needs to know. Defaults run embedded: one process, SQLite, a folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    public_url: str
    moodle: MoodleSettings
    data: Path = Path("var")
    database: str = ""
    """An SQLAlchemy address; empty means SQLite in `data`."""
    evidence: str = ""
    """A folder or an fsspec address such as s3://bucket/prefix; empty means a folder in `data`."""
    keys: Path | None = None
    """The key file for encryption at rest; without one, `keys` in `data`. Several machines need the same."""
    broker: str = ""
    """A Celery broker; empty means workers that read the database."""
    recordings: Path | None = None
    """The folder in which `batch --broker` may have recorded sessions analysed by the workers; without it, none."""
    limiter: str = "memory://"
    way: WayIn = WayIn.FRAME
    automatic: bool = False
    """Whether in the condition's mode `auto` the proposal is sent as the conclusion, without a person."""
    second_review: bool = False
    local_admin: bool = True
    administrators: tuple[str, ...] = ()
    """E-mail addresses, as Moodle has them, of those who administer this service once they have signed in there."""
    behind_proxy: bool = False
    """Whether one trusted proxy sets X-Forwarded-For, -Proto and -Host."""
    wall_streams: int = Field(default=6, ge=1)
    """Proctors to whom one web process pushes at once; others' browsers ask every two seconds. Each takes a thread."""
    frame_interval: float = Field(default=1.0, ge=0.2, le=60)
    """Seconds between frames."""
    full_screen: bool = False
    """Whether the exam fills the screen where our page holds it; leaving it is told to reviewers and not scored."""
    phone_interval: float = Field(default=10.0, ge=2, le=300)
    """Seconds between pictures of the phone, in exams that ask for a second camera."""
    screen_share: bool = False
    """Whether candidates are asked to share their screen. That it is shared is known, and no more than that."""
    screen_interval: float = Field(default=0.0, ge=0, le=300)
    """Seconds between pictures of the shared screen; 0 takes none."""
    keep_frames: bool = False
    """Whether all frames are kept as evidence, not only those near incidents."""
    frame_ancestors: tuple[str, ...] = ()
    """Origins beside the Moodle's that may frame the panel."""
    plain_ready_message: bool = True
    """Whether the constant that v0.8 waits for is posted beside the signed proof."""
    detector: Path | None = None
    """An object detector: an ONNX file in YOLO's layout, with `<name>.toml` beside it naming its classes."""
    processors: tuple[str, ...] = ()
    """Other organisations that get to see the data, as the consent text must name them."""
    contact: str = ""
    """Whom a student can ask about their data."""
    slots: Slots | None = None
    """Without them, an exam that wants a booked slot may begin at any time."""
    retention: Retention = Retention()
    limits: Limits = Limits()

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        return _web_address(value)

    @field_validator("administrators")
    @classmethod
    def _addresses(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            if "@" not in value:
                raise ValueError(f"{value!r} is not an e-mail address such as dpo@example.org")
        return tuple(value.strip().lower() for value in values)

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'engine.sqlite'}"

    @property
    def evidence_url(self) -> str:
        return self.evidence or str((self.data / "evidence").absolute())

    @property
    def key_file(self) -> Path:
        return self.keys or self.data / "keys"

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https://")


def load(path: Path | None, overrides: dict[str, Any], default_url: str) -> Settings:
    """Settings from a TOML file, each overridden by what was said on the command line. Raises `SettingsError`."""
    values: dict[str, Any] = {}
    if path is not None:
        try:
            values = tomlkit.parse(path.read_text("utf-8")).unwrap()
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
        except tomlkit.exceptions.TOMLKitError as error:
            raise SettingsError(f"{path}: not TOML: {error}") from error
    moodle = {**values.get("moodle", {}), **overrides.pop("moodle", {})}
    try:
        return Settings.model_validate({"public_url": default_url, **values, **overrides, "moodle": moodle})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{path or 'command line'}: {field}: {message}") from error


def origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{value!r} is not a web address such as https://moodle.example.org")
    return value.rstrip("/")
