"""The Moodle that a package is checked against: its version, its plugin types, what it has installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from plugin_builder.targets import Release, release

FOUR_FIVE = 405
COMPARED = {"4.5": 6}
"""Series → the point release whose real answers these rules were compared with; `--moodle 4.5` means that one."""

_EVER = (
    "antivirus assignfeedback assignsubmission atto auth availability block booktool cachelock cachestore calendartype "
    "coursereport datafield dataformat datapreset editor enrol fileconverter filter format forumreport gradeexport "
    "gradeimport gradereport gradingform local logstore ltiservice ltisource media message mlbackend mod plagiarism "
    "portfolio profilefield qbehaviour qformat qtype quiz quizaccess report repository scormreport search theme tool "
    "webservice workshopallocation workshopeval workshopform"
)
_SINCE = {
    "3.7": ["customfield"],
    "3.9": ["contenttype", "h5plib"],
    "3.10": ["paygw"],
    "4.0": ["qbank"],
    "4.1": ["tiny"],
    "4.3": ["bbbext", "communication", "factor"],
    "4.5": ["aiplacement", "aiprovider", "smsgateway"],
    "5.0": ["gradepenalty"],
}
_UNTIL = {"4.1": ["assignment", "tinymce"], "4.5": ["mnetservice"]}
"""The last release that has the type."""


@dataclass(frozen=True)
class Site:
    """`name` is how it was asked for; `installed` the version of the package's plugin there, None where it is new."""

    name: str
    release: Release
    point: int
    installed: float | None = None

    @property
    def version(self) -> float:
        """What `$CFG->version` says."""
        return self.release.version + self.point

    @property
    def plugin_types(self) -> frozenset[str]:
        return plugin_types(self.release)

    @property
    def is_4_5(self) -> bool:
        """4.5 or later: empty folders survive the unpacking there, and the cleaning of names is strict."""
        return self.release.branch >= FOUR_FIVE

    def installed_version(self, component: str) -> float | None:
        """The version of the package's `component` there: as told, or what Moodle itself ships."""
        return self.shipped_version(component) if self.installed is None else self.installed

    def shipped_version(self, component: str) -> float | None:
        """The version of a plugin of Moodle's own, None where it is none."""
        above = standard_plugins().get(component)
        return None if above is None else float(self.release.version + above)


def site(moodle: str, installed: float | None = None) -> Site:
    """The site that `--moodle 4.5` or `--moodle 4.5.6` means. Raises `BuildError` for an unknown release."""
    found = release(moodle)
    parts = moodle.split(".")
    point = int(parts[2]) if len(parts) == 3 and parts[2].isdigit() else COMPARED.get(found.name, 0)
    return Site(moodle, found, point, installed)


@cache
def plugin_types(moodle: Release) -> frozenset[str]:
    """The types that a fresh Moodle knows, those of its own plugins' subplugins included."""
    types = set(_EVER.split())
    for since, names in _SINCE.items():
        if release(since).branch <= moodle.branch:
            types.update(names)
    for until, names in _UNTIL.items():
        if moodle.branch <= release(until).branch:
            types.update(names)
    return frozenset(types)


@cache
def standard_plugins() -> Mapping[str, int]:
    """Components that Moodle ships → how far their version lies above that of the release's .0."""
    text = Path(__file__).with_name("standard_plugins.txt").read_text(encoding="ascii")
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            kind, *names = line.split()
            for name, _, above in (each.partition("+") for each in names):
                found[f"{kind}_{name}"] = int(above or 0)
    return found
