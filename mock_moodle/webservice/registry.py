"""Which functions exist, and what each takes and gives. See the package's docstring for how to declare one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.releases import Release
from mock_moodle.webservice.evolution import as_of
from mock_moodle.webservice.response import Shaper, shaper

Body = Callable[..., Any]

WARNINGS = Multiple(
    Single(
        {
            "item": Value("text", "item", Presence.OPTIONAL),
            "itemid": Value("int", "item id", Presence.OPTIONAL),
            "warningcode": Value(
                "alphanum", "the warning code can be used by the client app to implement specific behaviour"
            ),
            "message": Value("raw", "untranslated english message to explain the warning"),
        },
        "warning",
    ),
    "list of warnings",
    Presence.OPTIONAL,
)
"""external_warnings()."""

FILES = Multiple(
    Single(
        {
            "filename": Value("file", "File name.", Presence.OPTIONAL),
            "filepath": Value("path", "File path.", Presence.OPTIONAL),
            "filesize": Value("int", "File size.", Presence.OPTIONAL),
            "fileurl": Value("url", "Downloadable file url.", Presence.OPTIONAL),
            "timemodified": Value("int", "Time modified.", Presence.OPTIONAL),
            "mimetype": Value("raw", "File mime type.", Presence.OPTIONAL),
            "isexternalfile": Value("bool", "Whether is an external file.", Presence.OPTIONAL),
            "repositorytype": Value("plugin", "The repository type for external files.", Presence.OPTIONAL),
            "icon": Value("raw", "The relative path to the relevant file type icon.", Presence.OPTIONAL),
        }
    ),
    "List of files.",
    Presence.OPTIONAL,
)
"""external_files()."""


@dataclass(frozen=True)
class Call:
    """Who calls: `userid` owns the token (0 on an open AJAX call), `serviceid` is 0 outside a token."""

    userid: int
    serviceid: int = 0
    token: str = ""


@dataclass(frozen=True)
class ExternalFunction:
    """`component` decides which version site_info tells; `mobile` puts it into the Moodle app's service; of standard
    functions a list of the release's own tells that."""

    name: str
    parameters: dict[str, Schema] | None
    """None takes any parameters, unchecked."""
    returns: Schema | None
    body: Body
    type: Literal["read", "write"] = "read"
    mobile: bool = False
    ajax: bool = False
    login_required: bool = True
    capabilities: str = ""
    component: str = "core"
    canned: bool = False
    """Whether the answer goes out as the body gave it, without a signature."""
    php: str = ""
    """Moodle's method behind it, if that names the types of its parameters: null for one of them is PHP's error."""
    polls: bool = False
    """Of one that writes: mostly there is nothing to write. It runs as one that reads, and again for writing where it
    says `current.require_writing()`."""

    def returns_on(self, release: Release) -> Schema | None:
        """The answer's signature on a release of Moodle."""
        return self._on(release)[0]

    def shape_on(self, release: Release) -> Shaper | None:
        """Turns what the body returned into what is sent."""
        return self._on(release)[1]

    def _on(self, release: Release) -> tuple[Schema | None, Shaper | None]:
        known = self._shapes.get(release.branch)
        if known is None:
            returns = as_of(self.name, self.returns, release) if self.returns is not None else None
            known = self._shapes[release.branch] = (returns, shaper(returns) if returns is not None else None)
        return known

    @cached_property
    def _shapes(self) -> dict[str, tuple[Schema | None, Shaper | None]]:
        return {}


FUNCTIONS: dict[str, ExternalFunction] = {}
"""Functions of Moodle and of the plugins that the mock knows, by name. A plugin's are offered only while it is
installed."""


PREDECESSORS: dict[str, tuple[Callable[[], bool], ExternalFunction]] = {}
"""What some functions are while an older version of their plugin is installed, and how to ask whether it is."""


def function(
    name: str,
    parameters: dict[str, Schema],
    returns: Schema | None,
    *,
    type: Literal["read", "write"] = "read",  # noqa: A002 - Moodle's word
    mobile: bool = False,
    ajax: bool = False,
    login_required: bool = True,
    capabilities: str = "",
    component: str = "",
    polls: bool = False,
    php: str = "",
) -> Callable[[Body], Body]:
    """Declares a web-service function. `component` is guessed from the name: "mod_quiz_…" is mod_quiz's."""

    def declare(body: Body) -> Body:
        FUNCTIONS[name] = ExternalFunction(
            name,
            parameters,
            returns,
            body,
            type,
            mobile,
            ajax,
            login_required,
            capabilities,
            component or component_of(name),
            polls=polls,
            php=php,
        )
        return body

    return declare


def component_of(name: str) -> str:
    """ "core" for core_*, else the plugin's frankenstyle name."""
    kind, _, rest = name.partition("_")
    return "core" if kind == "core" else f"{kind}_{rest.partition('_')[0]}"
