"""What differs between the Moodle releases that the mock can be.

if current.site.release.at_least("4.5"): ...
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """`branch` as a person says it ("4.5"); `version` and `release` as site_info tells them."""

    branch: str
    version: str
    release: str
    lax_cookies: bool = False
    """Whether the session cookie says SameSite=Lax, as stable releases from May 2026 on do."""

    @property
    def number(self) -> tuple[int, int]:
        major, minor = self.branch.split(".")
        return int(major), int(minor)

    def at_least(self, branch: str) -> bool:
        major, minor = branch.split(".")
        return self.number >= (int(major), int(minor))

    def exception_name(self, name: str) -> str:
        """Exceptions moved into namespaces with 4.5; those that stayed global have none to lose."""
        if self.at_least("4.4"):
            name = name.replace("moodle_quiz_exception", "moodle_exception")
        return name if self.at_least("4.5") else name.rpartition("\\")[2]

    @property
    def titles_name_the_site_last(self) -> bool:
        """ "Dashboard | lab"; before, most pages had their own words only."""
        return self.at_least("4.4")


RELEASES: dict[str, Release] = {
    release.branch: release
    for release in (
        Release("3.9", "2020061525", "3.9.25 (Build: 20231009)"),
        Release("4.1", "2022112820", "4.1.20 (Build: 20250811)"),
        Release("4.4", "2024042210", "4.4.10 (Build: 20250811)"),
        Release("4.5", "2024100706", "4.5.6 (Build: 20250811)"),
        Release("5.0", "2025041402", "5.0.2 (Build: 20250811)"),
        Release("5.3", "2026100500", "5.3 (Build: 20261005)", lax_cookies=True),
    )
}
DEFAULT = "4.5"
