"""docs/mock-moodle.md shows what is so: its samples run, its options exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from mock_moodle.cli import main
from mock_moodle.control.routes import blueprint
from mock_moodle.releases import RELEASES
from mock_moodle.testing import MockMoodle

pytest_plugins = ["pytester"]

PAGE = (Path(__file__).parents[2] / "docs" / "mock-moodle.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
YAML = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_python_samples_pass(pytester: pytest.Pytester) -> None:
    tests = [sample for sample in PYTHON if "mock_moodle_options" not in sample]
    pytester.makepyfile(**{f"test_sample_{number}": sample for number, sample in enumerate(tests)})
    count = sum(sample.count("def test_") for sample in tests)
    pytester.runpytest_subprocess().assert_outcomes(passed=count)


def test_the_conftest_sample_starts_another_release(pytester: pytest.Pytester) -> None:
    (sample,) = (sample for sample in PYTHON if "mock_moodle_options" in sample)
    pytester.makeconftest(sample)
    pytester.makepyfile("def test(mock_moodle): assert mock_moodle.control.site.release.branch == '5.0'")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


@pytest.mark.parametrize("sample", YAML)
def test_a_world_sample_loads(tmp_path: Path, sample: str) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(sample, encoding="utf-8")
    assert CliRunner().invoke(main, ["world", "check", str(file)]).exit_code == 0


def test_every_option_named_exists() -> None:
    known = CliRunner().invoke(main, ["serve", "--help"]).output
    for option in re.findall(r"^\| `(--\w+)", PAGE, re.MULTILINE):
        assert option in known
    assert all(branch in PAGE for branch in RELEASES)


def test_every_control_named_answers() -> None:
    with MockMoodle() as moodle:
        paths = {str(rule) for rule in moodle.app.url_map.iter_rules()}
    for method, path in re.findall(r"`(GET|POST|PATCH|PUT|DELETE) (\w[\w/]*)`", PAGE):
        assert f"{blueprint.url_prefix}/{path}".replace("NAME", "<name>") in paths, f"{method} {path}"
