"""Format 1 is public: its schema, its documentation and what is written agree."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from contract.condition import WARNING_KEYS
from proctor_engine.cli import main
from proctor_engine.incidents.rules import REPORTED, RULES, SUM_OF_SIGNS
from proctor_engine.report import AnalysisDocument
from proctor_engine.report.document import json_schema

DOCS = Path(__file__).parents[2] / "docs"


def test_the_published_schema_is_the_models() -> None:
    assert (DOCS / "analysis-format.schema.json").read_text(encoding="utf-8") == json_schema()


def test_the_documented_example_is_valid_and_every_rule_is_documented() -> None:
    page = (DOCS / "analysis-format.md").read_text(encoding="utf-8")
    example = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert example
    AnalysisDocument.model_validate_json(example[1])
    for rule in (*RULES, REPORTED, SUM_OF_SIGNS):
        assert f"`{rule}`" in page
    assert {rule.warning for rule in RULES.values()} <= set(re.findall(r"`(warning_\w+)`", page))


def test_types_are_the_plugins_and_nothing_else() -> None:
    assert json.loads(json_schema())["$defs"]["IncidentPart"]["properties"]["type"]["enum"] == list(WARNING_KEYS)
    with pytest.raises(ValidationError, match="warning_dancing"):
        _with_type("warning_dancing")
    _with_type("warning_phone")


def _with_type(kind: str) -> AnalysisDocument:
    page = (DOCS / "analysis-format.md").read_text(encoding="utf-8")
    example = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert example
    return AnalysisDocument.model_validate_json(example[1].replace("warning_no_user_in_frame", kind))


def test_what_is_written_follows_the_format_and_repeats_to_the_byte(profile_picture: Path, tmp_path: Path) -> None:
    written = []
    for name in ("first.json", "second.json"):
        arguments = ["analyze", str(profile_picture), "--reference", str(profile_picture), "--json", name]
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path)
            assert CliRunner().invoke(main, arguments).exit_code == 0
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    analysis = AnalysisDocument.model_validate_json(written[0])
    assert (analysis.source.kind, analysis.source.frames, analysis.conclusion) == ("picture", 1, "Clean")
    assert analysis.coverage.recognised == 1.0


def test_json_lines_tell_each_incident_as_it_opens_and_closes(demo_clip: Path) -> None:
    result = CliRunner().invoke(main, ["analyze", str(demo_clip), "--json-lines"])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    opened = [line["number"] for line in lines if line["open"]]
    closed = [line["number"] for line in lines if not line["open"]]
    assert opened == sorted(opened) == sorted(closed)
    assert all(line["start"] <= line["at"] for line in lines)
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
