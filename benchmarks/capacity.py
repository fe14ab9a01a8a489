#!/usr/bin/env python3
"""What many simultaneous candidates need: machines, bandwidth, storage and money, from one measured core.

python benchmarks/load.py --json > load.json
python benchmarks/capacity.py --measured load.json --candidates 100000
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

SECONDS_PER_HOUR = 3600


@click.command()
@click.option("--candidates", default=100_000, show_default=True)
@click.option("--measured", type=click.Path(path_type=Path, exists=True), help="What load.py --json wrote.")
@click.option("--per-core", type=float, help="Candidates per core, if not measured.")
@click.option("--hours", default=2.0, show_default=True, help="How long the exam lasts.")
@click.option("--frame-kilobytes", default=35.0, show_default=True, help="One 640x480 JPEG.")
@click.option("--kept", default=0.03, show_default=True, help="Share of frames that become evidence.")
@click.option("--evidence-days", default=90, show_default=True)
@click.option("--cores-per-machine", default=16, show_default=True)
@click.option("--price-core-hour", default=0.04, show_default=True)
@click.option("--price-gigabyte-month", default=0.023, show_default=True)
def main(
    candidates: int,
    measured: Path | None,
    per_core: float | None,
    hours: float,
    frame_kilobytes: float,
    kept: float,
    evidence_days: int,
    cores_per_machine: int,
    price_core_hour: float,
    price_gigabyte_month: float,
) -> None:
    if measured is not None:
        per_core = float(json.loads(measured.read_text())["candidates_per_core"])
    if not per_core:
        raise click.UsageError("Give --measured FILE or --per-core NUMBER.")
    sound_kilobytes = 32.0
    cores = math.ceil(candidates / per_core)
    machines = math.ceil(cores / cores_per_machine)
    requests = candidates * 2.1  # A frame and a second of sound each second, an event every ten.
    gigabits = candidates * (frame_kilobytes + sound_kilobytes) * 8 / 1e6
    terabytes = candidates * hours * SECONDS_PER_HOUR * frame_kilobytes * kept / 1e9
    in_transit = candidates * 60 * (frame_kilobytes + sound_kilobytes) / 1e6
    computing = cores * hours * price_core_hour
    keeping = terabytes * 1000 * price_gigabyte_month * evidence_days / 30
    rows = [
        ("cores for analysis", f"{cores:,}"),
        (f"machines of {cores_per_machine} cores", f"{machines:,}"),
        ("requests a second", f"{requests:,.0f}"),
        ("chunk rows a second (share them among databases at some 10,000 each)", f"{requests:,.0f}"),
        ("databases, each with its web and worker processes", f"{math.ceil(requests / 10_000):,}"),
        ("bandwidth in, Gbit/s", f"{gigabits:,.1f}"),
        ("evidence in transit, GB", f"{in_transit:,.0f}"),
        ("evidence kept of one exam, TB", f"{terabytes:,.1f}"),
        ("cost of computing one exam", f"{computing:,.0f}"),
        (f"cost of keeping its evidence {evidence_days} days", f"{keeping:,.0f}"),
        ("cost a candidate", f"{(computing + keeping) / candidates:.4f}"),
    ]
    table = Table("what", "how much", title=f"{candidates:,} candidates, {per_core:g} a core, {hours:g} hours")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
