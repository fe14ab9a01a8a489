#!/usr/bin/env python3
"""What many simultaneous candidates need: cores, machines, bandwidth, storage and money.

    python benchmarks/load.py --sound --workers 2 --database ADDRESS --broker ADDRESS --json > load.json
    python benchmarks/capacity.py --measured load.json --candidates 100000

From the measurement come the processor time of web, workers and servers for one frame with its second of sound, and a
frame's size. Everything else is an assumption, named by its option: change what is not so with you. Machines are taken
to be as quick as the measured one, and parts to grow without disturbing each other: candidates share nothing but the
database, and an exam may be split among several.
"""

from __future__ import annotations

import json
from math import ceil
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

SECONDS_PER_HOUR = 3600
SOUND_KILOBYTES = 32.0
"""A second of 16 kHz, 16-bit mono."""
UPLOADS = 2.1
"""A second: a frame, its sound, and every ten seconds an event."""
IN_TRANSIT = 45.0
"""Seconds for which a picture lies there before it is settled whether it stays."""


@click.command()
@click.option("--candidates", default=100_000, show_default=True)
@click.option(
    "--measured", type=click.Path(path_type=Path, exists=True), required=True, help="load.py --json's output."
)
@click.option("--busy", default=0.6, show_default=True, help="Share of a core that may be used on average.")
@click.option("--hours", default=2.0, show_default=True, help="How long the exam lasts.")
@click.option("--kept", default=0.03, show_default=True, help="Share of frames that become evidence.")
@click.option("--evidence-days", default=90, show_default=True)
@click.option("--cores-per-machine", default=16, show_default=True)
@click.option("--price-core-hour", default=0.04, show_default=True)
@click.option("--price-gigabyte-month", default=0.023, show_default=True)
@click.option("--price-thousand-writes", default=0.005, show_default=True, help="Of a rented bucket; your own: 0.")
def main(candidates: int, measured: Path, **assumed: float) -> None:
    cost = costs_of_a_frame(json.loads(measured.read_text()))
    table = Table("what", "how much", title=f"{candidates:,} candidates for {assumed['hours']:g} hours")
    for row in needs(candidates, cost, **assumed):
        table.add_row(*row)
    console = Console()
    console.print(table)
    console.print("Measured: " + ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in cost.items()))
    console.print("Assumed: " + ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in assumed.items()))


def costs_of_a_frame(measured: dict[str, Any]) -> dict[str, float]:
    """Milliseconds and kilobytes, of the largest number of candidates that was sustained."""
    sustained = [run for run in measured["runs"] if run["sustained"]]
    if not sustained:
        raise click.UsageError("--measured: no run in it was sustained; measure with fewer --candidates")
    best = max(sustained, key=lambda run: run["candidates"])
    parts = ("web_ms_per_frame", "worker_ms_per_frame", "server_ms_per_frame")
    return {**{part: best[part] for part in parts}, "frame_kilobytes": measured["frame_kilobytes"]}


def needs(
    candidates: int,
    cost: dict[str, float],
    *,
    busy: float,
    hours: float,
    kept: float,
    evidence_days: float,
    cores_per_machine: float,
    price_core_hour: float,
    price_gigabyte_month: float,
    price_thousand_writes: float,
) -> list[tuple[str, str]]:
    def cores(part: str) -> int:
        return ceil(candidates * cost[f"{part}_ms_per_frame"] / 1000 / busy)

    every = cores("web") + cores("worker") + cores("server")
    seconds = hours * SECONDS_PER_HOUR
    kilobytes = cost["frame_kilobytes"] + SOUND_KILOBYTES
    gigabits = candidates * kilobytes * 8 / 1e6
    evidence = candidates * seconds * cost["frame_kilobytes"] * kept / 1e6
    computing = every * hours * price_core_hour
    keeping = evidence * price_gigabyte_month * evidence_days / 30
    writing = candidates * 2 * seconds / 1000 * price_thousand_writes
    databases = ceil(cores("server") / cores_per_machine)
    return [
        ("web processes, a core each", f"{cores('web'):,}"),
        ("worker processes, a core each", f"{cores('worker'):,}"),
        (f"cores of databases; databases of {cores_per_machine:g} cores", f"{cores('server'):,}; {databases:,}"),
        (f"machines of {cores_per_machine:g} cores", f"{ceil(every / cores_per_machine):,}"),
        ("uploads a second", f"{candidates * UPLOADS:,.0f}"),
        ("bandwidth in, and again to and from the store, Gbit/s", f"{gigabits:,.1f}, {2 * gigabits:,.1f}"),
        ("in transit in the store, GB", f"{candidates * IN_TRANSIT * kilobytes / 1e6:,.0f}"),
        ("evidence kept of one exam, GB", f"{evidence:,.0f}"),
        ("price of computing", f"{computing:,.0f}"),
        ("price of a rented bucket's writes", f"{writing:,.0f}"),
        (f"price of keeping the evidence {evidence_days:g} days", f"{keeping:,.0f}"),
        (
            "price a candidate with a store of one's own; with a rented bucket",
            f"{(computing + keeping) / candidates:.3f}; {(computing + keeping + writing) / candidates:.3f}",
        ),
    ]


if __name__ == "__main__":
    main()
