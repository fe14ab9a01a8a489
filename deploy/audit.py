#!/usr/bin/env python3
"""Are the pinned dependencies free of known holes? Asks pip-audit, or a recorded list where no database can be reached.

python deploy/audit.py             exit code 1 names what is vulnerable, or pinned and not on the list
python deploy/audit.py --record    writes the list anew, after somebody has looked at the changes
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import click

HERE = Path(__file__).parent
PINNED = HERE.parent / "constraints.txt"
RECORDED = HERE / "audited.txt"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


@click.command()
@click.option("--record", is_flag=True, help="Write the list of what is pinned now.")
def main(record: bool) -> None:
    pinned = pins(PINNED.read_text())
    if record:
        asked = vulnerabilities(pinned)
        how = "no advisory database could be asked" if asked is None else f"{len(asked)} known holes"
        lines = [f"# Recorded on {datetime.now(timezone.utc).date()}: {how}.", *sorted(pinned)]
        RECORDED.write_text("\n".join(lines) + "\n")
        click.echo(f"Recorded {len(pinned)} versions.")
        return
    found = vulnerabilities(pinned)
    if found is None:
        new = sorted(pinned - pins(RECORDED.read_text()))
        click.echo(f"No advisory database can be reached. {RECORDED.read_text().splitlines()[0].strip('# ')}")
        for pin in new:
            click.echo(f"{pin} is pinned and not on the list: look at it, then run deploy/audit.py --record")
        sys.exit(bool(new))
    for line in found:
        click.echo(line)
    click.echo(f"{len(pinned)} versions asked about, {len(found)} known holes.")
    sys.exit(bool(found))


def pins(text: str) -> set[str]:
    """`name==version` of each pinned version, whatever hashes and markers follow."""
    return {f"{name.lower()}=={version}" for name, version in _PIN.findall(text)}


def vulnerabilities(pinned: set[str]) -> list[str] | None:
    """What pip-audit finds; None where it is not installed, or could ask about nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join(sorted(pinned)))
        listed.flush()
        options = ["--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "15"]
        command = [sys.executable, "-m", "pip_audit", "--requirement", listed.name, *options]
        answer = subprocess.run(command, capture_output=True, text=True)  # noqa: S603 - our own interpreter
    try:
        asked = [one for one in json.loads(answer.stdout)["dependencies"] if "skip_reason" not in one]
    except (ValueError, KeyError):
        return None
    if not asked:
        return None
    return [f"{one['name']} {one['version']}: {hole['id']}" for one in asked for hole in one["vulns"]]


if __name__ == "__main__":
    main()
