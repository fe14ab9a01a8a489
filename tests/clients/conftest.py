"""A mock Moodle for clients that nobody here wrote, fresh for each test."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from mock_server import serving

WORLD = Path(__file__).with_name("world.yaml")
PASSWORD = "Passw0rd!"
COURSE_ID = 2
SERVICE_TOKEN = "5e41ce5e41ce5e41ce5e41ce5e41ce5e"
CLIENT_ID, CLIENT_SECRET = "foreign", "f0" * 24
REDIRECT_URI = "http://127.0.0.1:8190/callback"
HUB_CLIENT_ID = "hub"


@dataclass(frozen=True)
class Site:
    address: str
    hub_port: int
    """Where the world's OAuth client for JupyterHub expects the hub."""


@pytest.fixture(scope="session")
def served_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("clients")
    hub_port = _free_port()
    world = folder / "world.json"
    world.write_text(json.dumps(_world(hub_port)), encoding="utf-8")
    with serving(world, folder / "mock.log") as address:
        yield Site(address, hub_port)


@pytest.fixture
def site(served_site: Site) -> Site:
    requests.post(f"{served_site.address}/__mock__/reset", timeout=60).raise_for_status()
    return served_site


def _world(hub_port: int) -> dict[str, Any]:
    world: dict[str, Any] = yaml.safe_load(WORLD.read_text(encoding="utf-8"))
    addresses = {CLIENT_ID: REDIRECT_URI, HUB_CLIENT_ID: f"http://127.0.0.1:{hub_port}/hub/oauth_callback"}
    world["oauth_clients"] = [
        {
            "client_id": client_id,
            "client_secret": CLIENT_SECRET,
            "redirect_uri": address,
            "grant_types": ["authorization_code"],
            "scope": ["user_info"],
        }
        for client_id, address in addresses.items()
    ]
    return world


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
