"""What every process of a service holds: settings, database, evidence, keys and the way to Moodle."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError

from proctor_engine.configuration import Configuration, default_configuration
from proctor_engine.lms import MoodleRest, SignIn
from proctor_engine.settings import Settings, SettingsError
from proctor_engine.store.database import Database
from proctor_engine.store.evidence import EvidenceStore
from proctor_engine.store.vault import Vault

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 60.0
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

    @classmethod
    def open_when_ready(cls, settings: Settings) -> Service:
        """For processes that start beside their database: waits a minute for it. Then raises `SettingsError`."""
        until = time.monotonic() + PATIENCE_SECONDS
        while (service := cls._opened(settings, last_try=time.monotonic() > until)) is None:
            log.warning("the database does not answer yet")
            time.sleep(1)
        return service

    @classmethod
    def _opened(cls, settings: Settings, *, last_try: bool) -> Service | None:
        try:
            return cls.open(settings)
        except OperationalError as error:
            if last_try:
                raise SettingsError(f"database: it does not answer: {error.orig}") from error
            return None

    def close(self) -> None:
        self.database.close()
