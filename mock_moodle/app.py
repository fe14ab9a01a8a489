"""`create_app`: the mock Moodle as a Flask application."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from flask import Blueprint, Flask, Request, Response, request, send_from_directory
from werkzeug.datastructures import FileStorage, ImmutableMultiDict
from werkzeug.exceptions import NotFound
from werkzeug.utils import cached_property

from mock_moodle.control.health import PATH as HEALTH
from mock_moodle.control.health import health
from mock_moodle.control.middleware import Controls, Watch
from mock_moodle.errors import MoodleError, RequireLogin
from mock_moodle.keys import Keys
from mock_moodle.login import browser
from mock_moodle.page import error_page, redirect
from mock_moodle.paths import as_php_serves
from mock_moodle.releases import DEFAULT, RELEASES
from mock_moodle.site import Site, current
from mock_moodle.store import Store
from mock_moodle.undrawn.page import note
from mock_moodle.webservice.fast import Application, FastRest
from mock_moodle.world.load import World, load_world

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PACKAGES = (
    "login", "webservice", "course", "plugins", "quiz", "oauth", "examus", "examus2", "availability", "admin",
    "undrawn", "control",
)  # fmt: skip
"""Each may have `routes.py` with a Blueprint `blueprint`, `functions.py` that declares web-service functions,
`models.py` with tables, `seed.py` that takes its part of the world (see `mock_moodle.world.parts`), and `upgrade.py`
that stands in for a plugin's own upgrade."""

BOOTSTRAP = "flask_bootstrap"


class PhpRequest(Request):
    """PHP reads forms and files of POST requests only."""

    @cached_property
    def form(self) -> ImmutableMultiDict[str, str]:
        return super().form if self.method == "POST" else ImmutableMultiDict()

    @cached_property
    def files(self) -> ImmutableMultiDict[str, FileStorage]:
        return super().files if self.method == "POST" else ImmutableMultiDict()


def create_app(
    world: World | Path | None = None,
    *,
    wwwroot: str = "http://localhost",
    moodle: str = DEFAULT,
    database: Path | None = None,
    control: bool = False,
    seed: int | str | None = None,
    plugins: Iterable[Path] = (),
) -> Flask:
    """A Flask application with its own database, filled from `world` (a small site of its own without one).

    `wwwroot` is the address that the site believes to have; `moodle` a branch of `RELEASES`; `control` opens
    /__mock__/; `plugins` are ZIPs to install. The site is `app.extensions["mock_moodle"]`. Raises WorldError or
    PluginError with a message for people.
    """
    app = Flask(__name__, static_folder=None)
    app.request_class = PhpRequest
    app.jinja_env.filters["query_pairs"] = parse_qsl
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # As PHP writes JSON: clients look for "sesskey":" in the page's script.
    app.jinja_env.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    site = Site(Store(database), wwwroot.rstrip("/"), RELEASES[moodle], keys=Keys(seed))
    app.extensions["mock_moodle"] = site
    import_packages()
    site.store.create_tables()
    with site.visit():
        load_world(world, wwwroot=site.wwwroot)
    _install(site, plugins)
    for package in PACKAGES:
        if package == "control" and not control:
            continue
        blueprint: Blueprint | None = getattr(_import(f"mock_moodle.{package}.routes"), "blueprint", None)
        if blueprint is not None:
            app.register_blueprint(blueprint)
    app.add_url_rule(HEALTH, view_func=health)
    app.register_error_handler(RequireLogin, _to_login)
    app.register_error_handler(NotFound, _absent)
    app.register_error_handler(MoodleError, _failed)
    app.after_request(browser.save)
    _serve_theme(app)
    controls = app.extensions["mock_moodle_controls"] = Controls()
    served: Application = FastRest(site, _visiting(site, as_php_serves(app)))
    app.extensions["mock_moodle_rest"] = served
    app.wsgi_app = Watch(site, controls, served) if control else served  # type: ignore[method-assign]
    site.initial = site.store.snapshot()
    return app


def import_packages() -> None:
    """Brings in what the packages declare: tables, web-service functions, parts of the world, upgrades."""
    for package in PACKAGES:
        for module in ("models", "functions", "seed", "upgrade"):
            _import(f"mock_moodle.{package}.{module}")


def _import(name: str) -> Any:
    """The module, or None where a package has none of that kind."""
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    return importlib.import_module(name) if found else None


def _install(site: Site, plugins: Iterable[Path]) -> None:
    for path in plugins:
        from mock_moodle.plugins import install

        with site.visit():
            install.from_zip(path)


def _visiting(site: Site, application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """One database session a request, committed before the first byte of the answer leaves."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with site.visit() as visit:
            visit.address = environ.get("REMOTE_ADDR", "")
            return application(environ, start_response)

    return serve


def _absent(error: NotFound) -> NotFound:
    note(f"the mock has no {request.path}; a real Moodle may")
    return error


def _to_login(error: RequireLogin) -> Response:
    return redirect(error.redirect_to)


def _failed(error: MoodleError) -> Response:
    current.rollback()
    return error_page(error)


def _serve_theme(app: Flask) -> None:
    spec = importlib.util.find_spec(BOOTSTRAP)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"{BOOTSTRAP} is not installed: pip install bootstrap-flask")
    bootstrap = Path(spec.submodule_search_locations[0]) / "static" / "bootstrap5" / "css"

    @app.get("/theme/bootstrap.min.css")
    def bootstrap_css() -> Response:
        return send_from_directory(bootstrap, "bootstrap.min.css", max_age=86400)

    @app.get("/theme/<path:name>")
    def theme_file(name: str) -> Response:
        return send_from_directory(Path(__file__).parent / "static", name, max_age=86400)
