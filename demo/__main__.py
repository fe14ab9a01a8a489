"""`python -m demo`: one proctored exam through all three parts, every step told in a line."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import requests

from demo.narration import DemoError, Narrator
from demo.play import play


@click.command()
@click.option("--serve", is_flag=True, help="Set up, then leave both servers running and print addresses and logins.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("dist"), show_default=True,
    help="Where the ZIPs, the report and the servers' logs go.",
)  # fmt: skip
def main(serve: bool, out: Path) -> None:
    """Play one proctored exam from the template to the review in Moodle's log."""
    narrator = Narrator()
    try:
        play(narrator, out, serve=serve)
    except DemoError as error:
        narrator.console.print(f"[bold red]Failed:[/] {error}", markup=True)
        narrator.say(error.mend)
        sys.exit(1)
    except requests.RequestException as error:
        narrator.console.print(f"[bold red]Failed:[/] no answer: {error}", markup=True)
        narrator.say(f"One of the servers may have stopped; read the logs in {out}.")
        sys.exit(1)
    except KeyboardInterrupt:
        narrator.say("Stopped.")


if __name__ == "__main__":
    main()
