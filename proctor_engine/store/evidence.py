"""Sealed pictures and sound in a folder or a bucket: one directory a session, so that nothing of it is left behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import fsspec
from fsspec.implementations.local import LocalFileSystem

from proctor_engine.store.vault import Vault


class Files(Protocol):
    """Where bytes lie under keys such as `<session>/<name>`."""

    def write(self, key: str, content: bytes) -> None:
        """Stores or replaces, whole or not at all."""

    def read(self, key: str) -> bytes:
        """Raises `FileNotFoundError` where nothing lies."""

    def remove(self, key: str) -> None:
        """Removing what is already gone is no error: a purge may be repeated."""

    def remove_directory(self, name: str) -> None: ...

    def directories(self) -> Iterator[str]: ...


class EvidenceStore:
    """Keys look like `<session>/<name>`. Everything that is written is sealed first."""

    def __init__(self, url: str, vault: Vault) -> None:
        # A listing that was true a moment ago would hide from a purge what another process has just written.
        system, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
        self._files: Files = Folder(Path(root)) if isinstance(system, LocalFileSystem) else Bucket(system, root)
        self._vault = vault

    def put(self, key: str, content: bytes) -> None:
        """Stores or replaces. When this returns, the bytes survive the end of this process."""
        self._files.write(_checked(key), self._vault.seal(content, key))

    def get(self, key: str) -> bytes:
        """Raises `FileNotFoundError` where nothing lies, `VaultError` where no key fits."""
        return self._vault.unseal(self._files.read(_checked(key)), key)

    def delete(self, key: str) -> None:
        """Deleting what is already gone is no error."""
        self._files.remove(_checked(key))

    def delete_session(self, session_id: str) -> None:
        """Removes everything of a session, also what no row knows of."""
        self._files.remove_directory(_checked(session_id))

    def sessions(self) -> Iterator[str]:
        """Ids of all sessions that something lies here of."""
        return self._files.directories()

    def reseal(self, key: str) -> bool:
        """Seals a piece anew with the newest key; False where it is gone. Whoever calls this keeps others from deleting
        it meanwhile: what is written after that lies there again."""
        try:
            self._files.write(key, self._vault.reseal(self._files.read(_checked(key)), key))
        except FileNotFoundError:
            return False
        return True


class Folder:
    """A folder of this machine, without a library between: a frame lies there only for seconds."""

    _UNFINISHED = ".part"

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def write(self, key: str, content: bytes) -> None:
        # Unlike a bucket, a folder would show a half-written file under its final name.
        path = self._root / key
        beside = path.with_name(path.name + self._UNFINISHED)
        try:
            beside.write_bytes(content)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(content)
        beside.replace(path)

    def read(self, key: str) -> bytes:
        return (self._root / key).read_bytes()

    def remove(self, key: str) -> None:
        (self._root / key).unlink(missing_ok=True)

    def remove_directory(self, name: str) -> None:
        if (self._root / name).exists():
            shutil.rmtree(self._root / name)

    def directories(self) -> Iterator[str]:
        return (path.name for path in self._root.iterdir())


class Bucket:
    """Anything else that fsspec knows: S3 and its like."""

    def __init__(self, system: fsspec.AbstractFileSystem, root: str) -> None:
        self._system, self._root = system, root.rstrip("/")
        system.makedirs(self._root, exist_ok=True)

    def write(self, key: str, content: bytes) -> None:
        self._system.pipe_file(f"{self._root}/{key}", content)

    def read(self, key: str) -> bytes:
        content: bytes = self._system.cat_file(f"{self._root}/{key}")
        return content

    def remove(self, key: str) -> None:
        try:
            self._system.rm_file(f"{self._root}/{key}")
        except FileNotFoundError:
            return

    def remove_directory(self, name: str) -> None:
        if self._system.exists(f"{self._root}/{name}"):
            self._system.rm(f"{self._root}/{name}", recursive=True)

    def directories(self) -> Iterator[str]:
        try:
            found = self._system.ls(self._root, detail=False)
        except FileNotFoundError:  # A prefix under which nothing lies is none.
            return
        for path in found:
            yield str(path).rstrip("/").rsplit("/", maxsplit=1)[-1]


def _checked(key: str) -> str:
    if ".." in key or key.startswith("/"):
        raise ValueError(f"{key!r} is no evidence key")
    return key
