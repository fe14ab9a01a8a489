"""Both servers with the plugin installed, and a Chromium whose camera and microphone are files."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from playwright.sync_api import Browser, Page, sync_playwright
from programs import need

from contract.panel import WayIn
from demo import clip
from demo.administrator import Administrator
from demo.narration import Narrator
from demo.people import ADMIN, MOODLE, STUDENT, TEACHER, Account
from demo.servers import running
from demo.setup import connect

WORLD = Path(clip.__file__).parent / "world.yaml"


@dataclass(frozen=True)
class Stage:
    moodle: str
    engine: str
    admin: Administrator
    student: Account
    teacher: Account
    student_name: str


@contextmanager
def mock_stage(folder: Path, way: WayIn) -> Iterator[Stage]:
    """A fresh Moodle that allows frames and a fresh engine, connected as the documentation says."""
    builder = Path(sys.executable).with_name("examus-build")
    subprocess.run([str(builder), "--out", str(folder)], check=True, capture_output=True)
    world = folder / "world.yaml"
    text = WORLD.read_text("utf-8")
    world.write_text(text.replace("  settings:\n", "  settings:\n    allowframembedding: true\n", 1), "utf-8")
    (folder / "eileen.jpg").write_bytes(clip.profile_picture())
    engine, settings = free_address(), folder / "engine.toml"
    command = ["mock-moodle", "serve", "--port", "0", "--control", "--world", str(world)]
    with running(command, folder / "moodle.log") as moodle:
        admin = Administrator(moodle, ADMIN.username, ADMIN.password)
        connect(Narrator(), admin, next(folder.glob(f"*-{MOODLE}.zip")), engine, settings)
        with engine_beside(admin, tomlkit.parse(settings.read_text()), folder, way):
            yield Stage(moodle, engine, admin, STUDENT, TEACHER, "Eileen Student")
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def engine_beside(admin: Administrator, values: MutableMapping[str, Any], folder: Path, way: WayIn) -> Iterator[None]:
    """The engine with settings `values`, at the address that they name; the plugin learns the way in."""
    admin.set_plugin(wayin=way.value, pushenabled=True)
    values["way"] = way.value
    settings = folder / "engine.toml"
    settings.write_text(tomlkit.dumps(values))
    port = values["public_url"].rpartition(":")[2]
    with running(["proctor-engine", "serve", "--port", port, "--config", str(settings)], folder / "engine.log"):
        yield


@contextmanager
def chromium(folder: Path, plan: tuple[clip.Act, ...]) -> Iterator[Browser]:
    """Its camera shows `plan` from the moment on at which a page opens it, again and again."""
    program = need("chromium")
    camera, microphone = folder / "camera.y4m", folder / "microphone.wav"
    clip.write_fake_camera(camera, plan, rate=3)  # Only this format keeps the time.
    clip.write_fake_microphone(microphone, plan)
    arguments = [
        "--no-sandbox",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
        f"--use-file-for-fake-audio-capture={microphone}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


def sign_in(page: Page, account: Account) -> None:
    """On Moodle's own pages, from the engine's door."""
    page.get_by_role("link", name="Sign in with Moodle").click()
    # A real login page still asks things in the background; the answer to a late one would replace the new session.
    page.wait_for_load_state("networkidle")
    page.locator("input[name=username]").first.fill(account.username)
    page.locator("input[name=password]").first.fill(account.password)
    page.locator("form#login [type=submit]").click()
    page.locator("[name=submitbutton]").click()


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
