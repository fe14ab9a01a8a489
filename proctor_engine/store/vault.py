"""Encryption at rest, with a key that can be changed while the service runs."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from proctor_engine.errors import EngineError

_FORMAT = b"\x01"
_KEY_BYTES, _NAME_BYTES, _SALT_BYTES = 32, 4, 32
_HEAD = len(_FORMAT) + _NAME_BYTES
_BODY = _HEAD + _SALT_BYTES
_NONCE = bytes(12)
"""Constant: each piece has a key of its own, derived from a random salt, so that no nonce is ever used twice. A random
nonce under one key would be worn out after some exams of a hundred thousand candidates."""


class VaultError(EngineError):
    """Stored bytes that none of our keys opens."""


class UnknownKeyError(VaultError):
    """They may be whole: their key is not in this machine's file, or not yet."""


class Vault:
    """Seals bytes with the newest key and opens what any known key sealed, with AES-256-GCM.

    What is sealed for one place opens nowhere else, so that nobody who can write to the store puts one person's
    pictures in another's place.

    The key file holds one key a line (32 bytes in URL-safe base64), newest first. It belongs in a backup of its own:
    whoever has both it and the evidence can read the evidence. It is read again when it changes.
    """

    def __init__(self, keys: list[str]) -> None:
        self._path: Path | None = None
        self._stamp = 0
        self._take(keys)

    def _take(self, keys: list[str]) -> None:
        if not keys:
            raise VaultError("the key file is empty: restore it from its backup")
        self._keys = {_name(key): key for key in map(_decoded, keys)}

    @classmethod
    def open(cls, path: Path) -> Vault:
        """Reads the key file; the first start makes one."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _make(path)
        stamp = path.stat().st_mtime_ns
        vault = cls(path.read_text("ascii").split())
        vault._path, vault._stamp = path, stamp
        return vault

    def _present(self) -> dict[bytes, bytes]:
        """The keys by their names, newest first. A file that is away or being edited changes nothing."""
        with suppress(OSError, VaultError):
            if self._path is not None and (stamp := self._path.stat().st_mtime_ns) != self._stamp:
                self._take(self._path.read_text("ascii").split())
                self._stamp = stamp
        return self._keys

    def seal(self, content: bytes, place: str) -> bytes:
        """`place` names where the sealed bytes will lie; the same name opens them."""
        salt = os.urandom(_SALT_BYTES)
        name, key = next(iter(self._present().items()))
        return _FORMAT + name + salt + _cipher(key, salt).encrypt(_NONCE, content, place.encode())

    def unseal(self, sealed: bytes, place: str) -> bytes:
        """Raises `UnknownKeyError` for a key that we do not have, `VaultError` for another place or damage."""
        name, salt, content = sealed[len(_FORMAT) : _HEAD], sealed[_HEAD:_BODY], sealed[_BODY:]
        if not sealed.startswith(_FORMAT) or len(salt) < _SALT_BYTES:
            raise VaultError(f"{place}: damaged")
        key = self._keys.get(name) or self._present().get(name)
        if key is None:
            raise UnknownKeyError(f"{place}: sealed with a key that is not in the key file")
        try:
            return _cipher(key, salt).decrypt(_NONCE, content, place.encode())
        except InvalidTag as error:
            raise VaultError(f"{place}: damaged, or sealed for another place") from error

    def reseal(self, sealed: bytes, place: str) -> bytes:
        """The same content under the newest key."""
        return self.seal(self.unseal(sealed, place), place)


def add_key(path: Path) -> None:
    """Puts a new key before the others. Running processes take it up at once."""
    _write(path, [_new_key(), *path.read_text("ascii").split()])


def keep_newest(path: Path) -> None:
    """Forgets all keys but the newest, once everything is resealed with it."""
    _write(path, path.read_text("ascii").split()[:1])


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), _KEY_BYTES, salt, b"proctor-engine at rest").derive(key))


def _name(key: bytes) -> bytes:
    """Says which key sealed something, and nothing else about it."""
    digest = Hash(SHA256())
    digest.update(b"name of the key" + key)
    return digest.finalize()[:_NAME_BYTES]


def _decoded(line: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(line)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        raise VaultError("the key file holds a line that is not a key: 32 bytes in URL-safe base64 are needed")
    return key


def _new_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode()


def _make(path: Path) -> None:
    """Of several processes that start at once, one makes the key and all use it."""
    beside = _beside(path, [_new_key()])
    with suppress(FileExistsError):
        os.link(beside, path)
    beside.unlink()


def _write(path: Path, keys: list[str]) -> None:
    """Written beside and renamed, so that a crash leaves the old file or the new one."""
    _beside(path, keys).replace(path)


def _beside(path: Path, keys: list[str]) -> Path:
    beside = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(keys) + "\n")
    return beside
