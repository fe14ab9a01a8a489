"""Encryption at rest, with a key that can be changed while the service runs."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from proctor_engine.errors import EngineError


class VaultError(EngineError):
    """Stored bytes that none of our keys opens."""


class Vault:
    """Seals bytes with the newest key and opens what any known key sealed.

    The key file holds one Fernet key a line, newest first. It belongs in a backup of its own: whoever has both it and
    the evidence can read the evidence.
    """

    def __init__(self, keys: list[str]) -> None:
        if not keys:
            raise VaultError("the key file is empty: restore it from its backup")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise VaultError("the key file holds a line that is not a Fernet key") from error

    @classmethod
    def open(cls, path: Path) -> Vault:
        """Reads the key file; the first start makes one."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, [Fernet.generate_key().decode()])
        return cls(path.read_text("ascii").split())

    def seal(self, content: bytes) -> bytes:
        return self._fernet.encrypt(content)

    def unseal(self, sealed: bytes) -> bytes:
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise VaultError("sealed with a key that is not in the key file, or damaged") from error

    def reseal(self, sealed: bytes) -> bytes:
        """The same content under the newest key."""
        return self._fernet.rotate(sealed)


def add_key(path: Path) -> None:
    """Puts a new key before the others. Running processes take it up at their next start."""
    _write(path, [Fernet.generate_key().decode(), *path.read_text("ascii").split()])


def keep_newest(path: Path) -> None:
    """Forgets all keys but the newest, once everything is resealed with it."""
    _write(path, path.read_text("ascii").split()[:1])


def _write(path: Path, keys: list[str]) -> None:
    """Written beside and renamed, so that a crash leaves the old file or the new one."""
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(keys) + "\n")
    beside.replace(path)
