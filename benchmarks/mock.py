"""How fast the mock Moodle is, beside a real one when MOODLE_URL and MOODLE_TOKEN are given.

    python benchmarks/mock.py [--json] [--seconds 3] [--connections 1 8 32]
    MOODLE_URL=http://127.0.0.1:8145 MOODLE_TOKEN=… MOODLE_EMAIL=… python benchmarks/mock.py

Server and client share the machine's cores, as they did when a real Moodle 4.5.6 with opcache gave 130 `site_info` and
118 `user_proctored_modules` a second on two. The client is one process with keep-alive connections, each with one
request under way. "again" is one question over and over, which the mock answers from memory while nothing changes. In
"anew" no two requests are alike: each asks for another language, and the exam list for another of 1,000 students, so
that every answer is computed. The last tables move the clock before each request, to the same end.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import json
import multiprocessing
import os
import re
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import insert

from mock_moodle.access import context_course
from mock_moodle.app import create_app
from mock_moodle.control.api import Control
from mock_moodle.store.core import MODULE, USER, Context, CourseModule, User
from mock_moodle.testing import STARTER
from mock_moodle.world.load import World

REAL = {"site_info": 130.0, "user_proctored_modules": 118.0}
"""Requests a second of a real Moodle 4.5.6 on two cores, measured once; a run with MOODLE_URL measures anew."""

TOKENS = {"site_info": "a" * 32, "user_proctored_modules": "b" * 32}
FUNCTIONS = {
    "site_info": "core_webservice_get_site_info",
    "user_proctored_modules": "availability_examus_user_proctored_modules",
}
EMAIL = "anna@example.com"
STUDENTS = 1_000
MODULES = (1, 100, 10_000)
USERS = (10, 1_000, 100_000)
EXAM = {"op": "&", "c": [{"type": "examus", "duration": 45, "mode": "normal"}], "showc": [True]}
WORLD: dict[str, Any] = {
    **STARTER,
    "plugins": [{"component": "availability_examus", "version": 2022040102, "release": "v0.8"}],
    "users": [*STARTER["users"], {"username": "anna", "email": EMAIL}, {"username": "service"}],
    "roles": [{"shortname": "user", "allow": ["webservice/rest:use"]}],
    "courses": [
        {
            "shortname": "algebra",
            "fullname": "Algebra",
            "enrolments": [{"user": "anna"}],
            "sections": [
                {
                    "section": 1,
                    "modules": [{"modname": "quiz", "name": "Exam", "questions": ["moon"], "availability": EXAM}],
                }
            ],
        }
    ],
    "services": [
        {"name": "Lab", "functions": [FUNCTIONS["site_info"]]},
        {"name": "Examus", "component": "availability_examus", "functions": "plugin"},
    ],
    "tokens": [
        {"token": TOKENS["site_info"], "user": "service", "service": "Lab"},
        {"token": TOKENS["user_proctored_modules"], "user": "service", "service": "Examus"},
    ],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 32])
    options = parser.parse_args()
    report: dict[str, Any] = {"cores": os.cpu_count(), "load": os.getloadavg()[0]}
    report |= served(options.connections, options.seconds)
    report["reset_ms"] = reset_milliseconds()
    report["fresh_ms"] = {
        "exam list by modules in the course": {count: fresh_milliseconds(modules=count) for count in MODULES},
        "exam list by users of the site": {count: fresh_milliseconds(users=count) for count in USERS},
    }
    if os.environ.get("MOODLE_URL"):
        report["real"] = real(options.connections, options.seconds)
    print(json.dumps(report, indent=1) if options.json else table(report))


def served(connections: list[int], seconds: float) -> dict[str, Any]:
    """Start, memory and requests a second of `mock-moodle serve`."""
    with serving(WORLD) as (address, start, memory):
        again = {
            name: {count: rate(Asking(address, name), count, seconds) for count in connections} for name in FUNCTIONS
        }
    anew: dict[str, dict[int, float]] = {}
    students = [f"student{number}" for number in range(STUDENTS)]
    with serving(crowded(students)) as (address, _, _):
        for name in FUNCTIONS:
            asking = Asking(address, name, emails=[f"{student}@example.com" for student in students], anew=True)
            for number in range(2 * STUDENTS):  # each first list makes an access code: all lists are then read anew
                asking.send(number)
            anew[name] = {count: rate(asking, count, seconds) for count in connections}
    return {"start_seconds": start, "memory_mb": memory, "per_second": again, "per_second_anew": anew}


def crowded(students: list[str]) -> dict[str, Any]:
    world = copy.deepcopy(WORLD)
    world["users"] += [{"username": student, "email": f"{student}@example.com"} for student in students]
    world["courses"][0]["enrolments"] += [{"user": student} for student in students]
    return world


@contextmanager
def serving(spec: dict[str, Any]) -> Iterator[tuple[str, float, float]]:
    """The address, seconds until it answered, and its memory then."""
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder) / "world.json"
        world.write_text(json.dumps(spec), encoding="utf-8")
        started = time.perf_counter()
        command = [sys.executable, "-m", "mock_moodle.cli", "serve", "--port=0", f"--world={world}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
            try:
                said = process.stdout.readline() if process.stdout else ""
                found = re.search(r"http://\S+", said)
                if found is None:
                    raise SystemExit(f"the mock did not start: {said}")
                requests.get(f"{found[0]}/__mock__/health", timeout=30).raise_for_status()
                yield found[0], round(time.perf_counter() - started, 2), memory_mb(process.pid)
            finally:
                process.terminate()


@dataclass
class Asking:
    """One function's requests. `anew` makes each differ from all others in a setting that changes nothing."""

    address: str
    name: str
    token: str = ""
    emails: list[str] = field(default_factory=lambda: [EMAIL])
    anew: bool = False

    def message(self, number: int) -> bytes:
        token = self.token or TOKENS[self.name]
        form = {"wstoken": token, "wsfunction": FUNCTIONS[self.name], "moodlewsrestformat": "json"}
        if self.name == "user_proctored_modules":
            form["useremail"] = self.emails[number % len(self.emails)]
        if self.anew:
            form["moodlewssettinglang"] = str(number)
        body, where = urlencode(form).encode(), urlsplit(self.address)
        head = (
            f"POST {where.path}/webservice/rest/server.php HTTP/1.1\r\nHost: {where.netloc}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def send(self, number: int) -> None:
        where = urlsplit(self.address)
        with socket.create_connection((where.hostname or "", where.port or 80)) as connection:
            connection.sendall(self.message(number))
            received = b""
            while not _complete(received):
                received += connection.recv(262_144)


def rate(asking: Asking, connections: int, seconds: float) -> float:
    """Answers a second, from a client process of its own."""
    results: multiprocessing.Queue[int] = multiprocessing.Queue()
    client = multiprocessing.Process(target=_ask, args=(asking, connections, seconds, results))
    client.start()
    answered = results.get()
    client.join()
    return round(answered / seconds, 1)


def _ask(asking: Asking, connections: int, seconds: float, results: multiprocessing.Queue[int]) -> None:
    where, poll, answered = urlsplit(asking.address), selectors.DefaultSelector(), 0
    numbers = itertools.count(time.monotonic_ns())  # past those of the run before
    always = asking.message(0)

    def message() -> bytes:
        return asking.message(next(numbers)) if asking.anew else always

    received: dict[socket.socket, bytes] = {}
    for _ in range(connections):
        made = socket.create_connection((where.hostname or "", where.port or 80))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        poll.register(made, selectors.EVENT_READ)
        received[made] = b""
        made.sendall(message())
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for key, _ in poll.select(timeout=1):
            connection: socket.socket = key.fileobj  # type: ignore[assignment]
            received[connection] += connection.recv(262_144)
            if not _complete(received[connection]):
                continue
            if b'"exception"' in received[connection]:
                raise SystemExit(f"refused: {received[connection].decode(errors='replace')}")
            answered += 1
            received[connection] = b""
            connection.sendall(message())
    results.put(answered)


def _complete(data: bytes) -> bool:
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        return False
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n")


def memory_mb(pid: int) -> float:
    """Resident memory, Linux only."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmRSS:\s+(\d+)", status.read_text()) if status.exists() else None
    return round(int(found[1]) / 1024, 1) if found else 0.0


def fresh_milliseconds(*, modules: int = 1, users: int = 10, rounds: int = 30) -> float:
    """Processor milliseconds of one exam list that nothing is remembered for, median."""
    app = create_app(World(WORLD))
    control = Control.of(app)
    with control.database() as session:
        _grow(session, modules - 1, users)
    client, form = app.test_client(), {"wstoken": TOKENS["user_proctored_modules"], "moodlewsrestformat": "json"}
    form |= {"wsfunction": FUNCTIONS["user_proctored_modules"], "useremail": EMAIL}
    control.clock.freeze(1_800_000_000)
    times = []
    for _ in range(rounds):
        control.clock.travel(1)
        began = time.process_time()
        answer = client.post("/webservice/rest/server.php", data=form)
        times.append(time.process_time() - began)
        if len(answer.json["modules"]) != 1:
            raise SystemExit(f"wrong answer: {answer.text}")
    return round(statistics.median(times) * 1000, 2)


def reset_milliseconds(*, rounds: int = 50) -> float:
    """Processor milliseconds of a reset after a change, as before each test, median."""
    control = Control.of(create_app(World(WORLD)))
    times = []
    for _ in range(rounds):
        control.patch({"users": [{"username": "bea"}]})
        began = time.process_time()
        control.reset()
        times.append(time.process_time() - began)
    return round(statistics.median(times) * 1000, 2)


def _grow(session: Any, modules: int, users: int) -> None:
    """Activities without a proctored exam, and users who do nothing, past what a world file is made for."""
    course = session.query(CourseModule).first()
    path = context_course(course.course).path
    if modules:
        ids = range(1_000, 1_000 + modules)
        common = {"course": course.course, "section": course.section, "modname": "page", "position": 9, "settings": {}}
        session.execute(insert(CourseModule), [{**common, "id": n, "instance": n, "name": f"Page {n}"} for n in ids])
        session.execute(
            insert(Context),
            [{"id": n, "contextlevel": MODULE, "instanceid": n, "path": f"{path}/{n}"} for n in ids],
        )
    ids = range(100_000, 100_000 + users)
    named = [{"id": n, "username": f"user{n}", "email": f"user{n}@example.com"} for n in ids]
    session.execute(insert(User), named)
    session.execute(insert(Context), [{"id": n, "contextlevel": USER, "instanceid": n, "path": f"/1/{n}"} for n in ids])


def real(connections: list[int], seconds: float) -> dict[str, dict[int, float]]:
    """The same questions to a real Moodle, if its token may ask them."""
    address, token = os.environ["MOODLE_URL"].rstrip("/"), os.environ["MOODLE_TOKEN"]
    names = ["site_info", *(["user_proctored_modules"] if os.environ.get("MOODLE_EMAIL") else [])]
    return {
        name: {
            count: rate(Asking(address, name, token, [os.environ.get("MOODLE_EMAIL", EMAIL)]), count, seconds)
            for count in connections
        }
        for name in names
    }


def table(report: dict[str, Any]) -> str:
    lines = [
        f"{report['cores']} cores, load {report['load']:.1f}",
        f"start to first answer   {report['start_seconds']} s",
        f"memory at rest          {report['memory_mb']} MB",
        f"reset between tests     {report['reset_ms']} ms",
        "",
        f"{'requests a second':<24}{'connections':>12}{'real':>8}{'anew':>8}{'ratio':>8}{'again':>8}{'ratio':>8}",
    ]
    for name, rates in report["per_second"].items():
        for count, again in rates.items():
            real_rate = report.get("real", {}).get(name, {}).get(count) or REAL[name]
            anew = report["per_second_anew"][name][count]
            lines.append(
                f"{name:<24}{count:>12}{real_rate:>8.0f}"
                f"{anew:>8.0f}{anew / real_rate:>8.1f}{again:>8.0f}{again / real_rate:>8.1f}"
            )
    for title, costs in report["fresh_ms"].items():
        lines += ["", f"{title}, computed anew"]
        lines += [f"{count:>12,}{cost:>10.2f} ms" for count, cost in costs.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
