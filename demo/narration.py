"""Tells each step in a line, times it, and says what failed and what to do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table


class DemoError(Exception):
    """A step that did not work; `mend` says what to do about it."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(problem)
        self.mend = mend


@dataclass
class Narrator:
    """Prints a line when a step starts and how long it took when it ends."""

    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    durations: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self.console.print(f"[bold]{len(self.durations) + 1:2}.[/] {title} ...")
        started = time.monotonic()
        yield
        self.durations.append((title, time.monotonic() - started))

    def say(self, text: str) -> None:
        self.console.print(f"    {text}", markup=False)

    def durations_table(self) -> None:
        table = Table("step", "seconds", title="How long each step took")
        for title, seconds in self.durations:
            table.add_row(title, f"{seconds:.1f}")
        table.add_row("together", f"{sum(seconds for _, seconds in self.durations):.1f}")
        table.columns[1].justify = "right"
        self.console.print(table)
