"""Puts a plugin into a Moodle on this machine and lets Moodle upgrade itself."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from plugin_builder.check import Package
from plugin_builder.errors import BuildError
from plugin_builder.targets import RELEASES

AVAILABILITY = "availability/condition"


@dataclass(frozen=True)
class Moodle:
    """`root` is the folder that the web server serves, `public/` since 5.1; `home` has the commands and config.php."""

    root: Path
    release: str
    home: Path

    def folder(self, plugin_type: str) -> Path:
        """Where plugins of a type live, as this Moodle's own list says."""
        places = {"availability": AVAILABILITY}
        listed = self.root / "lib" / "components.json"
        if listed.is_file():
            places |= json.loads(listed.read_text(encoding="utf-8"))["plugintypes"]
        if plugin_type not in places:
            raise BuildError(f"{self.root}: this Moodle has no plugins of the type {plugin_type!r}; name another site")
        return self.root / str(places[plugin_type])


def find_moodle(folder: Path) -> Moodle:
    """The Moodle in `folder`. Raises `BuildError` where there is none."""
    for root in (folder / "public", folder):
        version = root / "version.php"
        if version.is_file() and (root / "lib" / "moodlelib.php").is_file():
            release = re.search(r"\$release\s*=\s*'(\d+\.\d+)", version.read_text(encoding="utf-8", errors="replace"))
            if release:
                _known(folder, release[1])
                return Moodle(root.resolve(), release[1], folder.resolve())
    raise BuildError(f"{folder}: no Moodle here (no version.php beside lib/moodlelib.php); name the site's own folder")


def _known(folder: Path, release: str) -> None:
    if release not in {each.name for each in RELEASES}:
        known = f"{RELEASES[0].name} to {RELEASES[-1].name}"
        raise BuildError(f"{folder}: it is a Moodle {release}, and this builder knows {known}; name another site")


def deploy(name: str, plugin_type: str, files: Mapping[str, bytes], moodle: Moodle) -> Path:
    """Puts `files` into the site in the place of what was there, all or nothing; returns the plugin's folder."""
    target = moodle.folder(plugin_type) / name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{name}-"))
        try:
            _fill(fresh / "new", files)
            if target.exists():
                target.rename(fresh / "old")
            (fresh / "new").rename(target)
        finally:
            if not target.exists() and (fresh / "old").exists():
                (fresh / "old").rename(target)
            shutil.rmtree(fresh)
    except OSError as error:
        raise BuildError(f"{target}: {error.strerror}; run it as the user who owns the site's files") from None
    return target


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise BuildError(f"{name}: the name leads out of the plugin's folder; do not trust this ZIP")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def deploy_package(package: Package, moodle: Moodle) -> Path:
    if package.name is None or package.type is None:
        raise BuildError("the package has no component; see what the check command says")
    return deploy(package.name, package.type, package.files, moodle)


def ready_to_upgrade(moodle: Moodle) -> None:
    """Raises `BuildError` where Moodle's files lie there, but no site was installed with them."""
    if not (moodle.home / "config.php").is_file():
        raise BuildError(f"{moodle.home}: no config.php; install the site first, or say --no-upgrade")


def upgrade(moodle: Moodle, php: str, tell: Callable[[str], None] = lambda _line: None) -> None:
    """Runs Moodle's own upgrade and empties its caches; `tell` gets each line that the upgrade says, as it says it: it
    may take minutes, as Moodle compiles its themes' styles at the end. Raises `BuildError` where it failed."""
    ready_to_upgrade(moodle)
    _run(moodle, php, tell, "upgrade.php", "--non-interactive", "--allow-unstable")
    _run(moodle, php, lambda _line: None, "purge_caches.php")


def _run(moodle: Moodle, php: str, tell: Callable[[str], None], script: str, *arguments: str) -> None:
    path = moodle.home / "admin" / "cli" / script
    command = [php, "-d", "max_input_vars=5000", str(path), *arguments]
    last = "it said nothing"
    try:
        running = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=moodle.home,
        )
    except OSError as error:
        raise BuildError(f"--php: {php} cannot be run ({error.strerror}); name PHP's command") from None
    with running:
        for line in map(str.rstrip, running.stdout or ()):
            if line:
                tell(line)
                last = line
    if running.returncode:
        raise BuildError(f"{path} ended with {running.returncode}: {last}; run it by hand to see more")
