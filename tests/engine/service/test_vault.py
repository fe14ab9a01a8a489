"""Encryption at rest: what is sealed, for where, and with which key."""

from __future__ import annotations

import base64
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor_engine.service import Service
from proctor_engine.store import vault as keys
from proctor_engine.store.vault import UnknownKeyError, Vault, VaultError

KEY, OTHER = (base64.urlsafe_b64encode(bytes([number]) * 32).decode() for number in (1, 2))


@given(content=st.binary(max_size=200), place=st.text(max_size=30))
def test_what_is_sealed_opens_at_its_place_with_any_known_key(content: bytes, place: str) -> None:
    sealed = Vault([OTHER]).seal(content, place)
    assert Vault([KEY, OTHER]).unseal(sealed, place) == content
    assert len(content) < 8 or content not in sealed
    with pytest.raises(VaultError):
        Vault([KEY]).unseal(sealed, place)
    with pytest.raises(VaultError):
        Vault([OTHER]).unseal(sealed, place + "x")


@given(st.data())
def test_any_damage_is_noticed(data: st.DataObject) -> None:
    sealed = Vault([KEY]).seal(b"a picture", "here")
    where = data.draw(st.integers(0, len(sealed) - 1))
    flipped = sealed[:where] + bytes([sealed[where] ^ data.draw(st.integers(1, 255))]) + sealed[where + 1 :]
    for damaged in (flipped, sealed[:where], b""):
        with pytest.raises(VaultError):
            Vault([KEY]).unseal(damaged, "here")


def test_the_same_picture_never_looks_the_same() -> None:
    vault = Vault([KEY])
    assert len({vault.seal(b"a picture", "here") for _ in range(50)}) == 50


def test_whoever_can_write_to_the_store_cannot_swap_two_peoples_pictures(service: Service) -> None:
    service.evidence.put("ann/1.jpg", b"ann")
    service.evidence.put("bob/1.jpg", b"bob")
    folder = service.settings.data / "evidence"
    (folder / "ann" / "1.jpg").replace(folder / "bob" / "1.jpg")
    with pytest.raises(VaultError, match=r"bob/1\.jpg"):
        service.evidence.get("bob/1.jpg")


@pytest.mark.parametrize("text", ["short", "", KEY[:-4], KEY + "\nnot a key"])
def test_a_damaged_key_file_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").write_text(text)
    with pytest.raises(VaultError, match="the key file"):
        Vault.open(tmp_path / "keys")


def test_of_processes_that_start_at_once_all_use_one_key(tmp_path: Path) -> None:
    opened: list[Vault] = []
    starts = [threading.Thread(target=lambda: opened.append(Vault.open(tmp_path / "keys"))) for _ in range(8)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    sealed = [vault.seal(b"x", "here") for vault in opened]
    assert {vault.unseal(piece, "here") for vault in opened for piece in sealed} == {b"x"}
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_a_new_key_comes_first_and_the_old_one_goes_when_told(tmp_path: Path) -> None:
    before = Vault.open(tmp_path / "keys").seal(b"x", "here")
    keys.add_key(tmp_path / "keys")
    both = Vault.open(tmp_path / "keys")
    assert both.unseal(before, "here") == b"x"
    renewed = both.reseal(before, "here")
    keys.keep_newest(tmp_path / "keys")
    newest = Vault.open(tmp_path / "keys")
    assert newest.unseal(renewed, "here") == b"x"
    with pytest.raises(VaultError):
        newest.unseal(before, "here")


def test_a_new_key_is_taken_up_by_who_runs_already(tmp_path: Path) -> None:
    running = Vault.open(tmp_path / "keys")
    before = running.seal(b"x", "here")
    keys.add_key(tmp_path / "keys")
    elsewhere = Vault.open(tmp_path / "keys").seal(b"y", "here")
    assert running.unseal(elsewhere, "here") == b"y"
    after = running.seal(b"z", "here")
    keys.keep_newest(tmp_path / "keys")
    newest = Vault.open(tmp_path / "keys")
    assert newest.unseal(after, "here") == b"z"
    with pytest.raises(UnknownKeyError, match="not in the key file"):
        newest.unseal(before, "here")
