"""The analysis as a document for machines: format 1, described in docs/analysis-format.md."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from contract.condition import WARNING_KEYS, WARNINGS
from contract.titles import Language
from proctor_engine.incidents import Incident
from proctor_engine.recording import Result
from proctor_engine.scoring import Score

Seconds = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


def _known(key: str) -> str:
    if key not in WARNING_KEYS:
        raise ValueError(f"{key} is not one of the plugin's warnings")
    return key


WarningKey = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(WARNING_KEYS)})]
_TITLES = {warning.key: warning.title for warning in WARNINGS}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class SourcePart(_Part):
    name: str
    kind: Literal["video", "folder", "picture", "camera"]
    frames: Annotated[int, Field(ge=0, description="frames analysed")]
    damaged: Annotated[int, Field(ge=0, description="packets or pictures that could not be decoded")]


class IncidentPart(_Part):
    number: Annotated[int, Field(ge=0, description="in the order of opening; 0 for warning_cheater, which sums up")]
    type: WarningKey
    title: dict[Literal["en", "ru"], str]
    rule: str
    start: Seconds
    end: Seconds
    confidence: Share
    scored: bool
    evidence: list[Seconds]
    detail: str | None


class TermPart(_Part):
    key: str
    weight: Annotated[float, Field(ge=0, le=10)]
    incidents: Annotated[float, Field(ge=0)]
    seconds: Seconds
    per_incident: Annotated[float, Field(ge=0)]
    per_minute: Annotated[float, Field(ge=0)]
    points: Annotated[float, Field(ge=0, le=100)]


class ScorePart(_Part):
    value: Annotated[int, Field(ge=0, le=100)]
    attention: Annotated[int, Field(ge=0, le=100)]
    rejected: Annotated[int, Field(ge=0, le=100)]
    terms: list[TermPart]


class CoveragePart(_Part):
    picture: Share | None
    face: Share | None
    recognised: Share | None
    sound: Share | None


class AnalysisDocument(_Part):
    """Times are seconds since the source's beginning."""

    format: Literal[1] = 1
    source: SourcePart
    duration: Seconds
    incidents: list[IncidentPart]
    score: ScorePart
    conclusion: Literal["Clean", "Suspicious", "Rules Violation"]
    coverage: CoveragePart

    def to_json(self) -> str:
        """Indented, with a newline at the end; the same analysis gives the same bytes."""
        return self.model_dump_json(indent=2) + "\n"


def json_schema() -> str:
    """The format as JSON Schema, as docs/analysis-format.schema.json holds it."""
    schema = AnalysisDocument.model_json_schema(mode="serialization")
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def document(result: Result) -> AnalysisDocument:
    analysis = result.analysis
    score = analysis.score()
    return AnalysisDocument.model_validate(
        {
            "source": {
                "name": result.source.name,
                "kind": result.source.kind,
                "frames": result.frames,
                "damaged": result.source.damaged,
            },
            "duration": round(result.duration, 3),
            "incidents": [incident_part(incident) for incident in analysis.incidents()],
            "score": _score_part(score),
            "conclusion": score.conclusion.value,
            "coverage": analysis.coverage.shares(),
        }
    )


def incident_part(incident: Incident) -> IncidentPart:
    title = _TITLES[incident.type]
    return IncidentPart(
        number=incident.number,
        type=incident.type,
        title={"en": title.en, "ru": title.ru},
        rule=incident.rule,
        start=incident.start,
        end=incident.end,
        confidence=incident.confidence,
        scored=incident.scored,
        evidence=list(incident.evidence),
        detail=incident.detail,
    )


def incident_line(incident: Incident, at: float) -> str:
    """One JSON line: an incident as it stands `at` seconds. `open` tells whether it goes on."""
    return json.dumps({"at": at, "open": incident.open, **incident_part(incident).model_dump()}, ensure_ascii=False)


def titles_of(language: Language) -> dict[str, str]:
    """What each warning is called."""
    return {key: title.in_language(language) for key, title in _TITLES.items()}


def _score_part(score: Score) -> ScorePart:
    terms = [
        TermPart(
            key=term.key,
            weight=term.weight,
            incidents=term.incidents,
            seconds=term.seconds,
            per_incident=term.per_incident,
            per_minute=term.per_minute,
            points=term.points,
        )
        for term in score.terms
    ]
    return ScorePart(value=score.value, attention=score.attention, rejected=score.rejected, terms=terms)
