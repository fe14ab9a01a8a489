"""What the five functions take and give, as values. Their keys are the contract's; `tests` hold the two together."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from contract.condition import Identification, Mode


def _object(value: Any) -> Any:
    """PHP writes an empty map as `[]`."""
    return {} if value == [] or value is None else value


def _known_mode(value: Any) -> Any:
    """A mode that we do not know is watched like the most careful one we do."""
    return value if value in {mode.value for mode in Mode} else Mode.NORMAL


def _known_identification(value: Any) -> Any:
    """Nothing chosen, or a choice that we do not know: the face is asked for."""
    return value if value in {choice.value for choice in Identification} else Identification.FACE


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Exam(_Answer):
    """One entry of `user_proctored_modules`: a student's pass to one exam, with the condition that governs it."""

    id: int | None
    name: str
    url: str
    status: str | None
    course_name: str
    course_id: int
    cm_id: int
    start: int | None = None
    end: int | None = None
    accesscode: str
    time_limit_mins: int = 60
    mode: Annotated[Mode, BeforeValidator(_known_mode)]
    scheduling_required: bool
    auto_rescheduling: bool
    rules: Annotated[dict[str, bool | str | None], BeforeValidator(_object)] = Field(default_factory=dict)
    warnings: Annotated[dict[str, bool], BeforeValidator(_object)] = Field(default_factory=dict)
    scoring: Annotated[dict[str, int | None], BeforeValidator(_object)] = Field(default_factory=dict)
    is_proctored: bool
    identification: Annotated[Identification, BeforeValidator(_known_identification)] = Identification.FACE
    is_trial: bool
    user_agreement_url: str | None = None
    auxiliary_camera: bool

    @property
    def custom_rules(self) -> str:
        """The teacher's rules in free text; v0.8 declares the key and never fills it."""
        return str(self.rules.get("custom_rules") or "")


class ModuleList(_Answer):
    modules: tuple[Exam, ...]


class Done(_Answer):
    success: bool
    error: str | None = None


class Picture(Done):
    userpicture: str | None = None


class Access(Done):
    """Whether a person may proctor or review in at least one course."""

    proctor_auth: bool = False
    reviewer_auth: bool = False
    proctor_courses: tuple[int, ...] | None = None
    reviewer_courses: tuple[int, ...] | None = None
    """Ids of those courses; None from a plugin that does not tell, as v0.8."""


class Profile(_Answer):
    """The OAuth2 provider's user. Moodle sends every value as a string; only what the engine needs is read."""

    id: str
    email: str = Field(min_length=3)
    username: str = ""
    firstname: str = ""
    lastname: str = ""
    lang: str = "en"

    @property
    def name(self) -> str:
        return f"{self.firstname} {self.lastname}".strip() or self.email


class ReviewThreshold(BaseModel):
    """Scores from which attention is due and from which a violation is proposed."""

    attention: int | None = None
    rejected: int | None = None


class ReviewWarning(BaseModel):
    """One incident: a key of the plugin's warnings, and when it lasted, in epoch seconds."""

    type: str
    start: int
    end: int


class Review(BaseModel):
    """What `submit_proctoring_review` stores. v0.8 overwrites every field it is not given, so all are always sent."""

    accesscode: str
    status: str
    review_link: str = ""
    comment: str | None = None
    score: int | None = None
    threshold: ReviewThreshold = ReviewThreshold()
    session_start: int | None = None
    session_end: int | None = None
    warnings: tuple[ReviewWarning, ...] = ()
    warning_titles: dict[str, dict[str, str]] = Field(default_factory=dict)

    def parameters(self) -> dict[str, Any]:
        """As the web service takes them: warnings are JSON texts in a list, titles one JSON text."""
        values = self.model_dump(exclude={"warnings", "warning_titles"})
        values["warnings"] = [warning.model_dump_json() for warning in self.warnings]
        values["warning_titles"] = json.dumps(self.warning_titles, ensure_ascii=False) if self.warning_titles else None
        return values
