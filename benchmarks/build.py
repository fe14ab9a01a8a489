#!/usr/bin/env python3
"""How long rendering, zipping and checking take, and how that grows with the number of ranges.

    python benchmarks/build.py

Each line is the best of several runs in one warm process; the last lines start a process for each run, as a person
would. Times are the processor's, those of PHP and other children included, so that a busy machine gives nearly the same
figures as a quiet one; PHP works beside Python, so on two cores a check is over sooner. Memory is the peak of Python's
own allocations.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from plugin_builder.archive import pack, timestamp  # noqa: E402
from plugin_builder.build import build, write  # noqa: E402
from plugin_builder.check import check_bytes, check_path  # noqa: E402
from plugin_builder.check.site import site  # noqa: E402
from plugin_builder.config import Plugin  # noqa: E402
from plugin_builder.render import render  # noqa: E402
from plugin_builder.targets import TARGETS, Target  # noqa: E402

RUNS = 5


def _processor() -> float:
    """Seconds that this process and its ended children have worked."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def best(work: Callable[[], object]) -> float:
    """The least seconds of `RUNS` runs: what the machine can do when nobody else is at it."""

    def once() -> float:
        start = _processor()
        work()
        return _processor() - start

    return min(once() for _ in range(RUNS))


def peak(work: Callable[[], object]) -> float:
    """MB."""
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 2**20


def line(what: str, seconds: float, memory: float | None = None, per: int = 1) -> None:
    parts = [f"{what:<44}", f"{seconds * 1000:>8.0f} ms", f"{seconds / per * 1000:>8.1f} ms each"]
    print("  ".join([*parts, f"{memory:>6.1f} MB"] if memory is not None else parts))


def _render_and_zip(plugin: Plugin, targets: list[Target]) -> None:
    for _ in build(plugin, targets):
        pass


def _render_zip_and_check(plugin: Plugin, targets: list[Target]) -> None:
    for built in build(plugin, targets):
        check_bytes(built.filename, built.content, site(built.target.highest))


def main() -> None:
    plugin = Plugin()
    print(f"One range ({TARGETS[0].name}), warm")
    line("  render", best(lambda: render(plugin, TARGETS[0])), peak(lambda: render(plugin, TARGETS[0])))
    files = render(plugin, TARGETS[0])
    when = timestamp(plugin.version)
    line("  zip", best(lambda: pack(plugin.name, files, when)), peak(lambda: pack(plugin.name, files, when)))

    for title, whole in (("Render and zip", _render_and_zip), ("Render, zip and check", _render_zip_and_check)):
        print(f"\n{title}, by the number of ranges")
        for number in (1, 2, 5, 10):
            work = partial(whole, plugin, list(islice(cycle(TARGETS), number)))
            line(f"  {number}", best(work), peak(work), number)

    with tempfile.TemporaryDirectory() as folder:
        built = list(build(plugin, TARGETS))
        write(built, Path(folder))
        newest = Path(folder) / built[-1].filename
        print(f"\nCheck, {len(files)} files of {sum(map(len, files.values())) // 1024} KB")
        line("  in a warm process", best(lambda: check_path(newest, "5.1")), peak(lambda: check_path(newest, "5.1")))

        print("\nWhole commands, start included")
        commands = {
            "  build.py, every range": ["--out", folder],
            "  build.py --moodle 4.5": ["--moodle", "4.5", "--out", folder],
            "  build.py check": ["check", str(newest), "--moodle", "5.1"],
        }
        for what, arguments in commands.items():
            command = [sys.executable, str(ROOT / "build.py"), *arguments]
            line(what, best(partial(subprocess.run, command, check=False, capture_output=True)))


if __name__ == "__main__":
    main()
