"""Renders `plugin_template/` for one range of Moodle releases.

The tree mirrors the plugin's own. A name that ends in `.j2` is a Jinja2 template, everything else is copied byte for
byte; `__name__` and `__component__` in names stand for the plugin's. What a template may ask for is `contract` (its
modules as attributes), `plugin` (see `config`) and `target` (see `targets`). A template that comes out blank is left
out of the plugin, so that a whole file can depend on a fact. Names with one leading underscore (`_licence.j2`) are
there for other templates to include. Mustache needs Jinja2's braces for itself, so in `.mustache.j2` Jinja2 reads
square ones: `[[ plugin.component ]]`, `[% if target.bootstrap5 %]`. The filter `minified` makes a script's `-min` file.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any

import jinja2
import rjsmin

import contract
from plugin_builder.config import FEATURES, Plugin
from plugin_builder.errors import BuildError
from plugin_builder.literals import js, php, xml
from plugin_builder.targets import FACTS, Target

TEMPLATES = Path(__file__).resolve().parent.parent / "plugin_template"
"""Beside this package both in a checkout and in an installed wheel."""
SUFFIX = ".j2"
IGNORED = frozenset({"__pycache__", ".DS_Store"})


class _Unknown(jinja2.StrictUndefined):
    """Says which name is unknown and which known one comes nearest."""

    @property
    def _undefined_message(self) -> str:
        name, owner = self._undefined_name, self._undefined_obj
        if self._undefined_hint:
            return self._undefined_hint
        if owner is jinja2.utils.missing:
            return f'unknown variable "{name}"; {_mend(str(name), ["contract", "plugin", "target"])}'
        known = [each for each in dir(owner) if not each.startswith("_")]
        if isinstance(owner, Target):
            known += FACTS
        return f'unknown attribute "{name}" of {type(owner).__name__}; {_mend(str(name), known)}'


def _mend(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f'did you mean "{near[0]}"?' if near else f"use one of {', '.join(known)}"


class Contract(SimpleNamespace):
    """The contract's modules as attributes of one object; a module added there needs no word here."""


@cache
def contract_modules() -> Contract:
    names = (module.name for module in pkgutil.iter_modules(contract.__path__))
    return Contract(**{name: importlib.import_module(f"contract.{name}") for name in names})


@cache
def _environment(templates: Path) -> jinja2.Environment:
    """One for all ranges: compiling a template takes far longer than rendering it."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        undefined=_Unknown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 -- the output is PHP, XML and JavaScript; each has its own filter below
    )
    environment.filters.update(php=php, xml=xml, js=js, minified=rjsmin.jsmin)
    return environment


def _for_mustache(environment: jinja2.Environment) -> jinja2.Environment:
    return environment.overlay(
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
    )


def _is_partial(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _sources(templates: Path) -> Iterator[Path]:
    for path in sorted(templates.rglob("*")):
        parts = path.relative_to(templates).parts
        if path.is_file() and not any(part in IGNORED or _is_partial(part) for part in parts):
            yield path


def render(plugin: Plugin, target: Target, templates: Path = TEMPLATES) -> dict[str, bytes]:
    """The plugin's files by their names inside its folder, sorted.

    Raises `BuildError` with the template's name and line when it is wrong; nothing is written anywhere.
    """
    environment = _environment(templates)
    context = {"contract": contract_modules(), "plugin": plugin, "target": target}
    files: dict[str, bytes] = {}
    unwanted = tuple(path for name in FEATURES.keys() - plugin.features for path in FEATURES[name].paths)
    for source in _sources(templates):
        inside = source.relative_to(templates).as_posix()
        if inside.startswith(unwanted):
            continue
        name = inside.replace("__component__", plugin.component).replace("__name__", plugin.name)
        if not name.endswith(SUFFIX):
            files[name] = source.read_bytes()
            continue
        text = _render_one(environment, inside, context, shown=templates.name)
        if text.strip():
            files[name.removesuffix(SUFFIX)] = text.encode()
    if not files:
        raise BuildError(f"{templates}: no templates found; the folder must hold the plugin's tree")
    return dict(sorted(files.items()))


def _render_one(environment: jinja2.Environment, name: str, context: dict[str, Any], shown: str) -> str:
    try:
        reader = _for_mustache(environment) if name.endswith(".mustache" + SUFFIX) else environment
        return reader.get_template(name).render(context)
    except jinja2.TemplateSyntaxError as error:
        where = f"{shown}/{error.name or name}:{error.lineno}"
        raise BuildError(f"{where}: {error.message}; mend the template") from None
    except jinja2.TemplateNotFound as error:
        raise BuildError(f"{shown}/{name}: there is no template {error.name!r} to include; mend the name") from None
    except UnicodeDecodeError as error:
        raise BuildError(f"{shown}/{name}: not UTF-8 ({error.reason}); save it as UTF-8") from None
    except (jinja2.UndefinedError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        where, line = _place(error.__traceback__, environment, name)
        raise BuildError(f"{shown}/{where}:{line}: {error}") from None


def _place(trace: TracebackType | None, environment: jinja2.Environment, name: str) -> tuple[str, int]:
    """The innermost template line of a traceback; Jinja2 puts its templates' own lines there."""
    loader = environment.loader
    assert isinstance(loader, jinja2.FileSystemLoader)  # noqa: S101 -- made above
    root = Path(loader.searchpath[0])
    found = (name, 1)
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(root):
            found = (file.relative_to(root).as_posix(), trace.tb_lineno)
        trace = trace.tb_next
    return found
