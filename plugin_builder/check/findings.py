"""What a check says: findings of our own, and what Moodle's upload would answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from plugin_builder.check.package import Package

Level = Literal["error", "warning", "info"]
Verdict = Literal["pass", "fail"]
Stage = Literal["upload", "form", "extract", "validator", "ok"]


@dataclass(frozen=True)
class Finding:
    """One thing to mend. `file` is the name inside the ZIP, `line` counts from 1."""

    code: str
    level: Level
    message: str
    mend: str
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Message:
    """A line of Moodle's validation page; `level` is `error`, `warning`, `info` or `debug`, `info` its detail."""

    level: str
    code: str
    info: Any = None


@dataclass(frozen=True)
class Validation:
    """Moodle's answer to the upload: the `stage` where it stops (`ok` for nowhere) and its `code` there.

    * `upload` -- the file picker takes no such file
    * `form` -- the upload form comes back, or a page that calls it no plugin
    * `extract` -- the archive cannot be unpacked
    * `validator` -- the validation page shows an error
    """

    stage: Stage
    code: str | None = None
    messages: Sequence[Message] = ()

    @property
    def verdict(self) -> Verdict:
        return "pass" if self.stage == "ok" else "fail"


@dataclass
class Report:
    """Everything about one package. `package` is None where the ZIP could not even be listed."""

    moodle: str
    validation: Validation
    findings: list[Finding] = field(default_factory=list)
    package: Package | None = None

    @property
    def verdict(self) -> Verdict:
        """`fail` where Moodle would refuse the upload, or one of our own findings is an error."""
        wrong = any(finding.level == "error" for finding in self.findings)
        return "fail" if wrong or self.validation.verdict == "fail" else "pass"

    def as_dict(self) -> dict[str, Any]:
        """The public JSON shape."""
        keys = ("code", "level", "file", "line", "message", "mend")
        return {
            "verdict": self.verdict,
            "moodle": self.moodle,
            "validator": {
                "verdict": self.validation.verdict,
                "stage": self.validation.stage,
                "code": self.validation.code,
            },
            "findings": [{key: getattr(finding, key) for key in keys} for finding in self.findings],
        }
