#!/usr/bin/env python3
"""The live wall in a real Chromium: 500 candidates on one page, all of whom change every second.

    python benchmarks/wall.py                  half a minute with 500; --candidates and --seconds take other numbers
    python benchmarks/wall.py --json           the same as JSON

Told are what keeps the page from answering (the longest task, and the share of the time that tasks over 50 ms take),
what a key costs that is typed meanwhile into the search, from when on a new sign can be seen, the page's memory, and
the web process's share of a core. Pictures come for the cards in view, as for a proctor.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import click
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table
from sqlalchemy import delete, insert, update

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import crowd
from benchmarks.engine import engine
from demo import clip
from proctor_engine import clock
from proctor_engine.service import Service
from proctor_engine.store import admins
from proctor_engine.store.model import Chunk, ExamSession, IncidentRow, Kind

SIGN = "warning_phone"
TYPED = "candidate 1"
SIGNS = 5
"""New ones whose way to the page is timed."""
WATCH = """() => {
  window.tasks = [];
  window.keys = [];
  const seen = (list, into) => into.push(...list.getEntries().map(({ duration }) => duration));
  new PerformanceObserver((list) => seen(list, window.tasks)).observe({ type: "longtask" });
  new PerformanceObserver((list) => seen(list, window.keys)).observe({ type: "event", durationThreshold: 16 });
}"""


@click.command()
@click.option("--candidates", default=500, show_default=True)
@click.option("--seconds", default=30, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def main(candidates: int, seconds: int, as_json: bool) -> None:
    found = measure(candidates, seconds)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    table = Table("what", "how much", title=f"A wall of {candidates}, all changing every second, for {seconds} s")
    for name, value in found.items():
        table.add_row(name.replace("_", " "), f"{value:g}")
    Console(stderr=as_json).print(table)


def measure(candidates: int, seconds: int) -> dict[str, float]:
    with engine() as made:
        service = Service.open(made.settings)
        ids = [who.session_id for who in crowd.seat(service, candidates)]
        give_pictures(service, ids)
        with service.database.begin() as db:
            admins.set_password(db, "load", "load")
        with made.web() as web, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"] if os.geteuid() == 0 else []
            )
            page = browser.new_page(base_url=made.settings.public_url, viewport={"width": 1440, "height": 900})
            sign_in(page)
            begun = time.monotonic()
            page.goto("/wall/1/1")
            page.locator("#wall li").nth(candidates - 1).wait_for(state="attached")
            opened = time.monotonic() - begun
            over = threading.Event()
            changing = threading.Thread(target=change, args=(service, ids, over))
            changing.start()
            page.evaluate(WATCH)
            processor, begun = web.cpu_seconds(), time.monotonic()
            delays = use(page, service, ids, begun + seconds)
            took, used = time.monotonic() - begun, web.cpu_seconds() - processor
            over.set()
            changing.join()
            tasks, keys = page.evaluate("[window.tasks, window.keys]")
            memory = page.evaluate("performance.memory.usedJSHeapSize") / 2**20
            browser.close()
        service.close()
    return {
        "opened_seconds": round(opened, 2),
        "longest_task_ms": round(max(tasks, default=0)),
        "time_in_long_tasks": round(sum(tasks) / 1000 / took, 3),
        "longest_key_ms": round(max(keys, default=0)),
        "sign_to_page_seconds": round(median(delays), 2),
        "page_megabytes": round(memory, 1),
        "web_cores": round(used / took, 2),
    }


def give_pictures(service: Service, ids: Sequence[str]) -> None:
    picture, at = clip.encode_jpeg(next(clip.frames(rate=1))), clock.now()
    rows: list[dict[str, Any]] = []
    for session_id in ids:
        key = f"{session_id}/00000000.jpg"
        service.evidence.put(key, picture)
        rows.append({"session_id": session_id, "sequence": 0, "kind": Kind.FRAME, "time": 0.0, "received_at": at})
        rows[-1] |= {"evidence_key": key, "discard": False}
    with service.database.begin() as db:
        db.execute(insert(Chunk), rows)


def sign_in(page: Page) -> None:
    page.goto("/admin/sign-in")
    page.get_by_label("Name").fill("load")
    page.get_by_label("Password").fill("load")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Reviews").wait_for()


def change(service: Service, ids: Sequence[str], over: threading.Event) -> None:
    """Everybody's score, every second."""
    while not over.wait(1):
        with service.database.begin() as db:
            values = {"score": (ExamSession.score + 7) % 100, "seen_at": clock.now() + timedelta(minutes=1)}
            db.execute(update(ExamSession).where(ExamSession.id.in_(ids)).values({**values}))


def use(page: Page, service: Service, ids: Sequence[str], until: float) -> list[float]:
    """Types and scrolls as a proctor does; returns how long some new signs took to the page."""
    delays = []
    for session_id in ids[:SIGNS]:
        page.get_by_label("Find").fill("")
        page.get_by_label("Find").press_sequentially(TYPED, delay=80)
        page.get_by_label("Find").fill("")
        page.mouse.wheel(0, 600)
        begun = time.monotonic()
        with service.database.begin() as db:
            db.add(sign(session_id))
        page.locator(f"#wall li.seen[data-id='{session_id}']").wait_for(state="attached")
        delays.append(time.monotonic() - begun)
    while time.monotonic() < until:
        page.mouse.wheel(0, 300)
        page.wait_for_timeout(500)
    with service.database.begin() as db:
        db.execute(delete(IncidentRow))
    return delays


def sign(session_id: str) -> IncidentRow:
    return IncidentRow(
        session_id=session_id,
        number=1,
        type=SIGN,
        rule="reported",
        start=1.0,
        end=2.0,
        open=True,
        confidence=1.0,
        scored=True,
        evidence=[],
    )


if __name__ == "__main__":
    main()
