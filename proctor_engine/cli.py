"""The command line: one module a command, loaded when it is called."""

from __future__ import annotations

import importlib
from typing import Any

import click

from contract import __version__
from proctor_engine.errors import EngineError

_COMMANDS = {
    "analyze": "proctor_engine.commands.analyze:analyze",
    "batch": "proctor_engine.commands.batch:batch",
    "bench": "proctor_engine.commands.bench:bench",
    "compare": "proctor_engine.commands.compare:compare",
    "configuration": "proctor_engine.commands.configuration:configuration",
    "enroll": "proctor_engine.commands.enroll:enroll",
    "models": "proctor_engine.commands.models:models",
}
_SERVICE = "proctor_engine.web.cli:commands"
"""The service's own commands stand beside these."""


class Refused(click.ClickException):
    """Bad input: one line that says what is wrong and how to mend it."""

    exit_code = 2


class LazyGroup(click.Group):
    """Knows its commands' names, and imports each when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return sorted({*_COMMANDS, *_service()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return _service().get(cmd_name)
        command = _load(_COMMANDS[cmd_name])
        assert isinstance(command, click.Command)  # noqa: S101  # the table above says so
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if _is_refusal(error):
                raise Refused(" ".join(str(error).split())) from error
            raise


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="proctor-engine")
def main() -> None:
    """Watches a proctored exam and says what it saw: evidence for a person to judge."""


def _is_refusal(error: Exception) -> bool:
    from proctor_engine.models.registry import ModelError
    from proctor_engine.vision.errors import ImageError

    return isinstance(error, (EngineError, ImageError, ModelError))


def _service() -> dict[str, click.Command]:
    """Empty where the service's own dependencies are not installed."""
    try:
        commands = _load(_SERVICE)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("proctor_engine"):
            raise
        return {}
    return {str(command.name): command for command in commands}


def _load(address: str) -> Any:
    module, _, name = address.partition(":")
    return getattr(importlib.import_module(module), name)
