"""What every process of a service holds: settings, database, evidence, keys and the way to Moodle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from proctor_engine.configuration import Configuration, default_configuration
from proctor_engine.lms import MoodleRest, SignIn
from proctor_engine.settings import Settings, SettingsError
from proctor_engine.store.database import Database
from proctor_engine.store.evidence import EvidenceStore
from proctor_engine.store.vault import Vault

CALLBACK_PATH = "/oauth/callback"


def _nobody_waits(_session_id: str) -> None:
    """Workers that read the database find a session by themselves."""


@dataclass
class Service:
    settings: Settings
    database: Database
    vault: Vault
    evidence: EvidenceStore
    moodle: MoodleRest
    sign_in: SignIn
    configuration: Configuration
    announce: Callable[[str], None] = _nobody_waits
    """Tells workers that a session has something to analyse. Only a hint: the database is what counts."""

    @classmethod
    def open(cls, settings: Settings) -> Service:
        """Opens everything and brings the database to the present schema."""
        if settings.detector is not None and not settings.detector.exists():
            raise SettingsError(f"detector: {settings.detector} is not there; name an ONNX file or leave it out")
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = Database(settings.database_url)
        database.migrate()
        vault = Vault.open(settings.key_file)
        moodle = settings.moodle
        return cls(
            settings=settings,
            database=database,
            vault=vault,
            evidence=EvidenceStore(settings.evidence_url, vault),
            moodle=MoodleRest(moodle.url, moodle.token, component=moodle.component),
            sign_in=SignIn(moodle.url, moodle.client_id, moodle.client_secret, settings.public_url + CALLBACK_PATH),
            configuration=default_configuration(),
        )

    def close(self) -> None:
        self.database.close()
