"""A world file into the database: checked while it is read, refused with one line that says where and how to mend
it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from mock_moodle import mobile
from mock_moodle.site import current
from mock_moodle.store.core import Course
from mock_moodle.world import courses, people, services, state
from mock_moodle.world.install import install_core
from mock_moodle.world.parts import PARTS, Place, Spec, WorldError

CORE_KEYS = (
    "format",
    "about",
    "site",
    "plugins",
    "users",
    "roles",
    "role_assignments",
    "role_overrides",
    "courses",
    "services",
    "tokens",
    "state",
    "gone",
)
SITE_KEYS = (
    "wwwroot",
    "fullname",
    "shortname",
    "release",
    "version",
    "theme",
    "lang",
    "settings",
    "moodle",
    "installed",
)
FORMAT = 1


@dataclass(frozen=True)
class World:
    """A world as read; `file` is for messages."""

    spec: Spec
    file: str = "world"

    @classmethod
    def read(cls, path: Path) -> World:
        """From a JSON or YAML file."""
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise WorldError(f"{path}: {reason}; name a JSON or YAML file that can be read") from error
        try:
            if path.suffix == ".json":
                spec = json.loads(text, object_pairs_hook=_each_key_once)
            else:
                spec = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
        except RecursionError as error:
            raise Place(str(path)).error(None, *_TOO_DEEP) from error
        except json.JSONDecodeError as error:
            raise WorldError(f"{path}: line {error.lineno}: no JSON: {error.msg}; mend the syntax there") from error
        except ValueError as error:
            raise WorldError(f"{path}: {error}; leave one of them out") from error
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f"line {mark.line + 1}: " if mark else ""
            raise WorldError(
                f"{path}: {line}no YAML: {getattr(error, 'problem', error)}; mend the syntax there"
            ) from error
        if not isinstance(spec, dict):
            raise WorldError(
                f"{path}: the file: is {type(spec).__name__}, not an object; start with site, users, courses"
            )
        return cls(spec, str(path))


_TOO_DEEP = "is nested too deep, or holds itself", "write it out, a few levels deep"


def _each_key_once(pairs: list[tuple[str, Any]]) -> Spec:
    spec = dict(pairs)
    if len(spec) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return spec


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = key_node.value
            if key in seen and key != "<<":
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice in one object", key_node.start_mark
                )
            seen.add(key if isinstance(key, str) else id(key_node))
        return super().construct_mapping(node, deep)


def load_world(world: World | Path | None, *, wwwroot: str) -> None:
    """Fills an empty database. Addresses of the world's own site become `wwwroot`'s."""
    if isinstance(world, Path):
        world = World.read(world)
    spec = world.spec if world else {}
    place = Place(world.file if world else "world")
    _refuse_strange(spec, place)
    old_root = (spec.get("site") or {}).get("wwwroot") if isinstance(spec.get("site"), dict) else None
    if isinstance(old_root, str) and old_root:
        spec = _rewritten(spec, old_root.rstrip("/"), wwwroot)
    installed = place.at("site").number(place.object(spec, "site"), "installed", current.clock.time())
    with current.clock.stopped_at(installed):
        install_core()
        _load(spec, place, patch=False)


def patch_world(spec: Spec) -> None:
    """Adds to the present world: users, courses, enrolments, modules, … in the shape of a world file. What has a name
    that exists already is changed."""
    place = Place("patch")
    _refuse_strange(spec, place)
    _load(spec, place, patch=True)


def _refuse_strange(spec: Spec, place: Place) -> None:
    """YAML knows more than JSON: dates, keys that are numbers, lists that hold themselves."""
    try:
        _look_through(spec, place)
    except RecursionError as error:
        raise place.error(None, *_TOO_DEEP) from error


def _look_through(value: Any, place: Place) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise place.error(None, f"has the key {key!r}, which is no text", "put it in quotes")
            _look_through(inner, place.at(key))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            _look_through(inner, place.at(index))
    elif isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise place.error(None, "holds half a character", "write the text in UTF-8")
    elif isinstance(value, float):
        if not isfinite(value):
            raise place.error(None, f"is {value}", "write a finite number")
    elif value is not None and not isinstance(value, (bool, int)):
        raise place.error(None, f"is a {type(value).__name__}", "put it in quotes, or write epoch seconds for a time")


def _load(spec: Spec, place: Place, *, patch: bool) -> None:
    place.known(spec, (*CORE_KEYS, *PARTS))
    if place.number(spec, "format", FORMAT) != FORMAT:
        raise place.error("format", f"is {spec['format']}, not {FORMAT}", "use a world file of this version")
    _load_site(place.object(spec, "site"), place.at("site"))
    people.load_users(place.objects(spec, "users", named="username"))
    people.load_roles(place.objects(spec, "roles", named="shortname"))
    services.load_plugins(place.objects(spec, "plugins", named="component"))
    services.load_services(place.objects(spec, "services", named="name"))
    services.load_tokens(place.objects(spec, "tokens"))
    courses.load_courses(place.objects(spec, "courses"), patch=patch)
    people.load_role_assignments(place.objects(spec, "role_assignments"))
    people.load_role_overrides(place.objects(spec, "role_overrides"))
    for key, load in PARTS.items():
        if key in spec:
            load(spec[key], place.at(key))
    state.load_gone(place.object(spec, "gone"), place.at("gone"))
    state.load_state(place.object(spec, "state"), place.at("state"))


def _load_site(site: Spec, place: Place) -> None:
    place.known(site, SITE_KEYS)
    front = current.session.get_one(Course, 1)
    front.fullname = place.text(site, "fullname", front.fullname)
    front.shortname = place.text(site, "shortname", front.shortname)
    for name in ("theme", "lang"):
        if name in site:
            current.set_config(name, place.text(site, name))
    branch = current.site.release.branch
    of_this_release = place.text(site, "release", branch).startswith(branch)
    for name in ("release", "version"):
        if name in site and of_this_release:  # `--moodle` counts more than where a world comes from
            current.set_config(f"world_{name}", place.text(site, name))
    settings = place.object(site, "settings")
    if mobile.SETTING in settings:
        mobile.switch(settings[mobile.SETTING] not in (False, 0, "", "0"))
    for name, value in settings.items():
        plugin, _, short = name.rpartition("/")
        current.set_config(short, _setting(value, place.at("settings").at(name)), plugin or "core")


def _setting(value: Any, place: Place) -> str | int | bool:
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    if isinstance(value, (str, int)):
        return value
    raise place.error(None, f"is {value!r}", "give a text, a number, true or false, or a list of texts")


def _rewritten(value: Any, old: str, new: str) -> Any:
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, list):
        return [_rewritten(item, old, new) for item in value]
    if isinstance(value, dict):
        return {key: _rewritten(item, old, new) for key, item in value.items()}
    return value
