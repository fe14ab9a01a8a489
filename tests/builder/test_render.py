from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from plugin_builder.config import Plugin
from plugin_builder.errors import BuildError
from plugin_builder.render import render
from plugin_builder.targets import target_for

WriteTree = Callable[[dict[str, str]], Path]
OLD, NEW = target_for("4.1"), target_for("4.5")


def test_templates_are_rendered_and_other_files_copied(write_tree: WriteTree) -> None:
    root = write_tree({"version.php.j2": "{{ plugin.component }} {{ target.requires }}\n", "a.js": "{{ kept }}\n"})
    assert render(Plugin(), NEW, root) == {
        "a.js": b"{{ kept }}\n",
        "version.php": b"availability_examus 2024042200\n",
    }


def test_names_follow_the_plugin(write_tree: WriteTree) -> None:
    root = write_tree({"lang/en/__component__.php.j2": "a", "yui/moodle-__component__-form/__name__.js": "b"})
    names = list(render(replace(Plugin(), name="acme"), NEW, root))
    assert names == ["lang/en/availability_acme.php", "yui/moodle-availability_acme-form/acme.js"]


def test_a_template_that_comes_out_blank_is_left_out(write_tree: WriteTree) -> None:
    root = write_tree({"a.php": "a", "db/hooks.php.j2": "{% if target.hooks %}\n<?php\n{% endif %}\n"})
    assert render(Plugin(), NEW, root) == {"a.php": b"a", "db/hooks.php": b"<?php\n"}
    assert render(Plugin(), OLD, root) == {"a.php": b"a"}


def test_a_folder_without_templates_is_no_plugin(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no templates found"):
        render(Plugin(), NEW, tmp_path)


def test_partials_are_included_but_not_shipped(write_tree: WriteTree) -> None:
    root = write_tree({"_licence.j2": "GPL", "a.php.j2": '{% include "_licence.j2" %}'})
    assert render(Plugin(), NEW, root) == {"a.php": b"GPL"}


def test_contract_modules_are_all_there(write_tree: WriteTree) -> None:
    root = write_tree({"a.j2": "{{ contract.entry.TABLE|php }} {{ contract.condition.WARNINGS|length }}"})
    assert render(Plugin(), NEW, root) == {"a": b"'availability_examus' 23"}


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("\n{{ foo }}", 'x.j2:2: unknown variable "foo"; use one of contract, plugin, target'),
        ("{{ plugn.name }}", 'x.j2:1: unknown variable "plugn"; did you mean "plugin"?'),
        ("\n\n{{ target.hoks }}", 'x.j2:3: unknown attribute "hoks" of Target; did you mean "hooks"?'),
        ("{{ contract.entri.TABLE }}", 'x.j2:1: unknown attribute "entri" of Contract; did you mean "entry"?'),
        ("\n{% if %}", "x.j2:2: Expected an expression"),
        ("{{ plugin|php }}", "x.j2:1: Plugin has no PHP literal"),
        ("{{ 1|nofilter }}", "x.j2:1: No filter named 'nofilter'"),
        ('{% include "absent.j2" %}', "x.j2: there is no template 'absent.j2' to include"),
        ('{% include "_y.j2" %}', '_y.j2:2: unknown variable "deep"'),
    ],
)
def test_a_wrong_template_is_named_with_its_line(write_tree: WriteTree, template: str, message: str) -> None:
    root = write_tree({"db/x.j2": template, "_y.j2": "\n{{ deep }}"})
    with pytest.raises(BuildError) as caught:
        render(Plugin(), NEW, root)
    assert message in str(caught.value)
    assert str(caught.value).startswith("plugin_template/")
    assert "\n" not in str(caught.value)


def test_a_template_that_is_not_utf8_is_named(write_tree: WriteTree, tmp_path: Path) -> None:
    root = write_tree({"x.j2": ""})
    (tmp_path / "plugin_template" / "x.j2").write_bytes(b"\xff")
    with pytest.raises(BuildError, match=r"x\.j2: not UTF-8"):
        render(Plugin(), NEW, root)
