"""What docs/mock-moodle-pages.md shows can be loaded as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from mock.campus import LOCAL_OAUTH, SUCCESSOR, Campus

from mock_moodle.examus import settings
from mock_moodle.examus.keyring import PANEL, read_keys

DOCUMENT = Path(__file__).parents[2] / "docs" / "mock-moodle-pages.md"
SAMPLES = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_loads(sample: str) -> None:
    campus = Campus({"plugins": [SUCCESSOR, LOCAL_OAUTH], **yaml.safe_load(sample)})
    assert campus.visitor().get("/").status == 200


def test_the_quiz_of_the_sample_has_all_types() -> None:
    campus = Campus(yaml.safe_load(SAMPLES[0]))
    with campus.site.visit() as visit:
        from mock_moodle.quiz.models import Quiz
        from mock_moodle.quiz.told import question_types

        quiz = visit.session.get_one(Quiz, 1)
        assert (quiz.sumgrades, quiz.password) == (7, "sesame")
        assert question_types(quiz) == ["essay", "multichoice", "numerical", "shortanswer", "truefalse"]


def test_the_settings_of_the_sample_are_the_plugin_s() -> None:
    campus = Campus({"plugins": [SUCCESSOR], **yaml.safe_load(SAMPLES[1])})
    with campus.site.visit():
        assert settings.engine_url() == "https://engine.example"
        assert list(read_keys(PANEL)) == ["k1"]
