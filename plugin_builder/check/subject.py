"""What a rule may look at: the package, where it is to go, and what was learnt on the way."""

from __future__ import annotations

import math
import re
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, takewhile

import tree_sitter

from plugin_builder.check.components import language_file
from plugin_builder.check.extraction import Archive
from plugin_builder.check.package import Package
from plugin_builder.check.php_binaries import Question
from plugin_builder.check.site import Site
from plugin_builder.php_source import string_keys
from plugin_builder.php_tree import comments, is_readable, parse
from plugin_builder.targets import PHP, PHP_FLOOR, RELEASES, Release

PHP_VERSIONS: tuple[PHP, ...] = ((7, 1), (7, 2), (7, 3), (7, 4), (8, 0), (8, 1), (8, 2), (8, 3), (8, 4))

MOST_PHP_BYTES = 2**24
LIBRARIES = frozenset({"vendor", "node_modules", "thirdparty", "third_party"})
_STRING = re.compile(rb"\$string\s{0,9}\[\s{0,9}['\"]([\w:/\-]+)['\"]", re.ASCII)
_LOCATION = re.compile(rb"<location>([^<]+)</location>", re.IGNORECASE)


@dataclass(frozen=True)
class Subject:
    """`package` may have no component and few files: whatever could be read."""

    archive: Archive
    package: Package
    site: Site
    _last_comments: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    _last_tree: dict[str, tree_sitter.Node] = field(default_factory=dict)

    @cached_property
    def php_files(self) -> Sequence[str]:
        """What is looked at of `own_php`: the first `MOST_PHP_BYTES`, and no file that would take long to parse."""
        unreadable = frozenset(self.unreadable_php)
        return [name for name in self._first(self.own_php) if name not in unreadable]

    @cached_property
    def unreadable_php(self) -> Sequence[str]:
        return [name for name in self._first(self.own_php) if not is_readable(self.package.files[name])]

    @cached_property
    def own_php(self) -> Sequence[str]:
        """The package's PHP without the libraries it carries, which are their makers' affair."""
        return [name for name in self.package.files if name.endswith(".php") and not self.is_third_party(name)]

    @cached_property
    def _libraries(self) -> frozenset[str]:
        """The files and folders that thirdpartylibs.xml names."""
        listed = _LOCATION.findall(self.package.files.get("thirdpartylibs.xml", b""))
        return frozenset(each.decode("utf-8", "replace").strip().strip("/") for each in listed)

    def is_third_party(self, name: str) -> bool:
        """Whether a file is of a library that the package carries, by its folder or as thirdpartylibs.xml says."""
        crumbs = name.split("/")
        if not LIBRARIES.isdisjoint(crumbs[:-1]):
            return True
        return bool(self._libraries) and not self._libraries.isdisjoint(accumulate(crumbs, "{}/{}".format))

    @cached_property
    def strings(self) -> frozenset[str]:
        """The keys of every string that the package defines in English."""
        package = self.package
        if not package.type or not package.name:
            return frozenset()
        return string_keys(package.files.get(f"lang/en/{language_file(package.type, package.name)}", b""))

    def is_string(self, key: str) -> bool:
        """Whether some language defines it."""
        return key in self.strings or key.encode() in self._translated

    @cached_property
    def _translated(self) -> frozenset[bytes]:
        """The keys in languages beside English: searched, not read, because there may be many."""
        package = self.package
        file = re.compile(rf"lang/\w+/{re.escape(language_file(package.type or '', package.name or ''))}")
        names = [name for name in package.files if file.fullmatch(name)]
        return frozenset(key for name in self._first(names) for key in _STRING.findall(package.files[name]))

    def _first(self, names: Sequence[str]) -> Sequence[str]:
        """So many of the files as are worth `MOST_PHP_BYTES`."""
        sizes = accumulate(len(self.package.files[name]) for name in names)
        return [name for name, _ in takewhile(lambda each: each[1] <= MOST_PHP_BYTES, zip(names, sizes, strict=False))]

    @cached_property
    def real_php(self) -> Question:
        """What the PHPs of this machine say of `php_files`; they begin when this is first asked for."""
        return Question({name: self.package.files[name] for name in self.php_files})

    def parsed(self, name: str) -> tree_sitter.Node:
        """The syntax tree of one of `php_files`. A tree is twenty times as large as its text: only the last is kept."""
        if name not in self._last_tree:
            self._last_tree.clear()
            self._last_tree[name] = parse(self.package.files[name])
        return self._last_tree[name]

    def is_php_comment(self, name: str, at: int) -> bool:
        """Whether a comment of one of `php_files` holds that byte."""
        if name not in self._last_comments:
            if _is_surely_code(self.package.files[name], at):
                return False
            self._last_comments.clear()
            self._last_comments[name] = comments(self.parsed(name))
        place = bisect(self._last_comments[name], (at, math.inf)) - 1
        return place >= 0 and at < self._last_comments[name][place][1]

    @cached_property
    def releases(self) -> Sequence[Release]:
        """The releases that the plugin says it supports and does not exclude, else the one it is checked for."""
        version = self.package.version
        supported, requires = version.get("supported"), version.get("requires")
        found: Sequence[Release] = RELEASES
        if isinstance(requires, int | float):
            # A series takes the plugin where one of its releases has the version.
            found = [each for each, after in zip(RELEASES, _next(), strict=True) if requires < after]
        if isinstance(supported, list) and len(supported) == 2 and all(type(each) is int for each in supported):
            return [each for each in found if supported[0] <= each.branch <= supported[1]] or [self.site.release]
        return [self.site.release if self.site.release in found or not found else found[0]]

    @cached_property
    def php_versions(self) -> Sequence[PHP]:
        """Every PHP on which those releases run, except 7.0, which only Moodle 3.6 ever took."""
        lowest = max(PHP_FLOOR, min(each.php_lowest for each in self.releases))
        highest = max(each.php_highest for each in self.releases)
        return [php for php in PHP_VERSIONS if lowest <= php <= highest]


def _is_surely_code(content: bytes, at: int) -> bool:
    """Whether no mark that begins a comment can reach that far, which is seen without parsing."""
    line = content[max(content.rfind(b"\n", 0, at), content.rfind(b"\r", 0, at)) + 1 : at]
    opened = content.rfind(b"/*", 0, at)
    return b"//" not in line and b"#" not in line and (opened < 0 or content.rfind(b"*/", opened + 2, at) > 0)


def _next() -> list[float]:
    """The version of the series after each; none after the last."""
    return [*(each.version for each in RELEASES[1:]), math.inf]


def line_of(content: bytes, at: int) -> int:
    """The line, from 1, of an offset."""
    return content.count(b"\n", 0, at) + 1
