"""Sealed pictures and sound in a folder or a bucket: one directory a session, so that nothing of it is left behind."""

from __future__ import annotations

from collections.abc import Iterator

import fsspec

from proctor_engine.store.vault import Vault


class EvidenceStore:
    """Keys look like `<session>/<name>`. Everything that is written is sealed first."""

    def __init__(self, url: str, vault: Vault) -> None:
        self._files, self._root = fsspec.core.url_to_fs(url)
        self._vault = vault
        self._local = "file" in _protocols(self._files.protocol)
        self._files.makedirs(self._root, exist_ok=True)

    def put(self, key: str, content: bytes) -> None:
        """Stores or replaces. When this returns, the bytes survive the end of this process."""
        path, sealed = self._path(key), self._vault.seal(content)
        if not self._local:
            self._files.pipe_file(path, sealed)
            return
        # A folder, unlike a bucket, would show a half-written file under its final name.
        self._files.makedirs(self._files._parent(path), exist_ok=True)
        self._files.pipe_file(f"{path}.part", sealed)
        self._files.mv(f"{path}.part", path)

    def get(self, key: str) -> bytes:
        """Raises `FileNotFoundError` where nothing lies, `VaultError` where no key fits."""
        content: bytes = self._files.cat_file(self._path(key))
        return self._vault.unseal(content)

    def delete(self, key: str) -> None:
        """Deleting what is already gone is no error: a purge may be repeated."""
        try:
            self._files.rm_file(self._path(key))
        except FileNotFoundError:
            return

    def delete_session(self, session_id: str) -> None:
        """Removes everything of a session, also what no row knows of."""
        path = self._path(session_id)
        if self._files.exists(path):
            self._files.rm(path, recursive=True)

    def sessions(self) -> Iterator[str]:
        """Ids of all sessions that something lies here of."""
        for path in self._files.ls(self._root, detail=False):
            yield str(path).rstrip("/").rsplit("/", maxsplit=1)[-1]

    def reseal(self) -> int:
        """Seals everything anew with the newest key; returns how many pieces there were."""
        count = 0
        for path in self._files.find(self._root):
            self._files.pipe_file(path, self._vault.reseal(self._files.cat_file(path)))
            count += 1
        return count

    def _path(self, key: str) -> str:
        if ".." in key or key.startswith("/"):
            raise ValueError(f"{key!r} is no evidence key")
        return f"{self._root}/{key}"


def _protocols(protocol: str | tuple[str, ...]) -> tuple[str, ...]:
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)
