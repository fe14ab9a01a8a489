"""The service's commands, which `proctor_engine.cli` shows beside its own."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from waitress.server import create_server

from proctor_engine import logs
from proctor_engine.service import Service
from proctor_engine.settings import Settings, SettingsError, load

_OPTIONS = (
    click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="A TOML file with the settings."),
    click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Where the service keeps its files."),
    click.option("--moodle", metavar="URL", help="Address of the Moodle."),
    click.option("--client-id", help="The OAuth2 client's id in that Moodle."),
    click.option(
        "--client-secret", envvar="PROCTOR_CLIENT_SECRET", help="Its secret; better in PROCTOR_CLIENT_SECRET."
    ),
    click.option("--token", envvar="PROCTOR_TOKEN", help="The web service token; better in PROCTOR_TOKEN."),
    click.option("--database", envvar="PROCTOR_DATABASE", metavar="URL", help="Address of a PostgreSQL."),
    click.option("--public-url", metavar="URL", help="Our own address as browsers see it."),
)


def service_options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def settings_of(options: dict[str, Any], default_url: str = "http://127.0.0.1:8080") -> Settings:
    moodle = {
        "url": options.pop("moodle"),
        "client_id": options.pop("client_id"),
        "client_secret": options.pop("client_secret"),
        "token": options.pop("token"),
    }
    config = options.pop("config")
    values = {key: value for key, value in options.items() if value is not None}
    values["moodle"] = {key: value for key, value in moodle.items() if value is not None}
    return load(config, values, default_url)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one.")
@click.option("--threads", type=click.IntRange(1), default=16, show_default=True, help="Requests served at once.")
@click.option("--workers", type=click.IntRange(0), default=1, show_default=True, help="Analysing threads; 0 for none.")
@click.option("--automatic", is_flag=True, default=None, help="Conclude exams of mode auto without a person.")
@service_options
def serve(host: str, port: int, threads: int, workers: int, **options: Any) -> None:
    """Run the service: pages, JSON interface and, embedded, the analysis."""
    # Imported here: the other commands should not wait for Flask and the vision models.
    from proctor_engine.tasks import objects
    from proctor_engine.tasks.rounds import Rounds
    from proctor_engine.tasks.worker import Worker
    from proctor_engine.web import connections
    from proctor_engine.web.app import create_app

    listening = _listen(host, port)
    port = listening.getsockname()[1]
    logs.configure()
    service = Service.open_when_ready(settings_of(options, f"http://{host}:{port}"))
    objects.check(service.settings.detector)
    crew = [Worker(service) for _ in range(workers)]
    hands: list[Worker | Rounds] = [*crew, Rounds(service)] if crew else []
    running = [threading.Thread(target=hand.run) for hand in hands]

    def announce(session_id: str) -> None:
        for worker in crew:
            worker.announce(session_id)

    service.announce = _announcer(service) or announce
    server = create_server(
        create_app(service),
        sockets=[listening],
        threads=threads,
        ident="",
        connection_limit=connections.prepare(),
        asyncore_use_poll=True,  # select() knows no file number over 1,023
        # The application itself knows whether to believe them; without a proxy it does not look at them.
        clear_untrusted_proxy_headers=not service.settings.behind_proxy,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    for thread in running:
        thread.start()
    click.echo(f"Listening on http://{host}:{port}")
    try:
        server.run()
    finally:
        server.close()
        for hand in hands:
            hand.stop()
        for thread in running:
            thread.join()
        service.close()


@click.command()
@click.option("--processes", type=click.IntRange(1), default=os.cpu_count() or 1, show_default="one a core")
@click.option("--metrics", metavar="[HOST:]PORT", help="Where Prometheus can ask about these processes.")
@service_options
def worker(processes: int, metrics: str | None, **options: Any) -> None:
    """Analyse what the web processes take in: from the broker's hints, or without a broker from the database."""
    from proctor_engine.tasks import objects
    from proctor_engine.tasks.metrics import exposed

    settings = settings_of(options)
    objects.check(settings.detector)
    logs.configure()
    with exposed(metrics):
        if settings.broker:
            from proctor_engine.tasks import queue

            sys.exit(queue.run_worker(settings, processes))
        from proctor_engine.tasks import crew

        crew.run(settings, processes)


@click.command()
@click.option("--name", default="admin", show_default=True)
@service_options
def admin(name: str, **options: Any) -> None:
    """Make the local administrator for first set-up, or give them a new password; prints it once."""
    from proctor_engine.store import admins

    service = Service.open(settings_of(options))
    password = secrets.token_urlsafe(12)
    with service.database.begin() as db:
        admins.set_password(db, name, password)
    _note(service, "admin.password", name)
    click.echo(f"Sign in at {service.settings.public_url}/admin/sign-in as {name} with {password}")


@click.command()
@service_options
def purge(**options: Any) -> None:
    """Delete what has reached its end date. The service does so itself, once an hour."""
    from proctor_engine.store import retention

    gone = retention.purge(Service.open(settings_of(options)))
    click.echo(
        f"Deleted {gone.records} records, the evidence of {gone.evidence} sessions,"
        f" {gone.orphans} folders without a record and {gone.people} people."
    )


@click.command()
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@service_options
def erase(email: str, yes: bool, **options: Any) -> None:
    """Erase everything about the person with this EMAIL address."""
    from proctor_engine.store import retention

    service = Service.open(settings_of(options))
    if not yes:
        click.confirm(f"Erase everything about {email}? This cannot be undone.", abort=True)
    _note(service, "person.erase")
    click.echo(f"Erased {retention.erase_person(service, email)} sessions of {email}.")


@click.command()
@click.argument("email")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@service_options
def export(email: str, file: Path, **options: Any) -> None:
    """Write all data of the person with this EMAIL address into a ZIP FILE."""
    from proctor_engine.store import disclosure

    service = Service.open(settings_of(options))
    content = disclosure.disclose(service, email)
    if content is None:
        raise SettingsError(f"{email}: nobody with this e-mail address is known here")
    _note(service, "person.export", email)
    file.write_bytes(content)
    click.echo(f"Wrote {file}.")


@click.command("rotate-key")
@click.option("--forget-old", is_flag=True, help="Drop the old keys: a day after all processes were restarted.")
@service_options
def rotate_key(forget_old: bool, **options: Any) -> None:
    """Make a new key for encryption at rest and seal everything anew with it."""
    from proctor_engine.store import rotation

    settings = settings_of(options)
    Service.open(settings).close()
    if forget_old:
        click.echo(f"Sealed {rotation.forget(settings)} pieces anew and dropped the old keys.")
    else:
        count = rotation.rotate(settings)
        mend = "Give other machines the key file, restart all processes, and call --forget-old a day later."
        click.echo(f"Sealed {count} pieces anew. {mend}")


def _note(service: Service, action: str, detail: str = "") -> None:
    """Whoever may call us may read the key file: that it was done is in the log, who it was knows the machine."""
    from proctor_engine.store import audit

    with service.database.begin() as db:
        audit.record(db, "command line", action, detail=detail)


def _announcer(service: Service) -> Callable[[str], None] | None:
    if not service.settings.broker:
        return None
    from proctor_engine.tasks import queue

    return queue.Announcer(queue.connect(service.settings.broker))


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise SettingsError(f"--port {port}: {error.strerror}; choose another, or 0 for a free one") from error
    return listening


commands: tuple[click.Command, ...] = (serve, worker, admin, purge, erase, export, rotate_key)
