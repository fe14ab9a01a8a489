"""Plugins that are installed from the start, external services and tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from mock_moodle.mobile import SERVICE as MOBILE_SERVICE
from mock_moodle.site import current
from mock_moodle.store.core import ExternalService, ExternalToken, Plugin, ServiceUser
from mock_moodle.world.parts import Place, Spec, WorldError
from mock_moodle.world.people import find_user

Objects = Iterator[tuple[Place, Spec]]

SERVICE_KEYS = (
    "id", "name", "shortname", "enabled", "restrictedusers", "requiredcapability", "component", "downloadfiles",
    "uploadfiles", "functions", "users",
)  # fmt: skip
TOKEN_KEYS = ("id", "token", "privatetoken", "user", "service", "name", "iprestriction", "validuntil", "creator")


def load_plugins(plugins: Objects) -> None:
    for place, spec in plugins:
        if "zip" in spec:
            place.known(spec, ("zip",))
            _install(place.text(spec, "zip"), place)
            continue
        place.known(spec, ("component", "version", "release"))
        current.session.merge(
            Plugin(
                component=place.text(spec, "component"),
                version=place.number(spec, "version"),
                release=place.text(spec, "release", ""),
                read={},
            )
        )


def _install(name: str, place: Place) -> None:
    """A ZIP beside the world file, checked and read as `--plugin`'s are."""
    from mock_moodle.plugins import install  # what reads PHP is worth loading only when it is used

    try:
        install.from_zip(Path(place.file).parent / name)
    except install.PluginError as error:
        raise WorldError(f"{place.file}: {place.path}.zip: {error}") from error


def load_services(services: Objects) -> None:
    session = current.session
    for place, spec in services:
        place.known(spec, SERVICE_KEYS)
        name = place.text(spec, "name")
        service = session.scalar(select(ExternalService).where(ExternalService.name == name)) or ExternalService(
            name=name
        )
        if "id" in spec:
            service.id = place.identifier(spec, "id")
        service.shortname = place.optional_text(spec, "shortname")
        service.enabled = place.flag(spec, "enabled", True)
        service.restrictedusers = place.flag(spec, "restrictedusers", False)
        service.requiredcapability = place.optional_text(spec, "requiredcapability")
        service.component = place.optional_text(spec, "component") or (
            "core" if service.shortname == MOBILE_SERVICE else None
        )
        service.downloadfiles = place.flag(spec, "downloadfiles", service.shortname == MOBILE_SERVICE)
        service.uploadfiles = place.flag(spec, "uploadfiles", service.shortname == MOBILE_SERVICE)
        if spec.get("functions") in ("builtin", "plugin"):
            service.functions = None
        elif isinstance(spec.get("functions", []), list):
            service.functions = place.texts(spec, "functions")
        else:
            raise place.error("functions", f"is {spec['functions']!r}", 'give a list of names, "builtin" or "plugin"')
        with place.alone():
            session.add(service)
        for index, username in enumerate(place.texts(spec, "users")):
            user = find_user({"user": username}, place.at(f"users[{index}]"))
            session.merge(ServiceUser(externalserviceid=service.id, userid=user.id))


def load_tokens(tokens: Objects) -> None:
    session = current.session
    for place, spec in tokens:
        place.known(spec, TOKEN_KEYS)
        name = place.text(spec, "service")
        service = session.scalar(select(ExternalService).where(ExternalService.name == name))
        if service is None:
            raise place.error("service", f"there is no service {name!r}", "add it to services, or correct the name")
        token = ExternalToken(
            token=place.text(spec, "token"),
            privatetoken=place.optional_text(spec, "privatetoken"),
            userid=find_user(spec, place).id,
            externalserviceid=service.id,
            name=place.text(spec, "name", ""),
            iprestriction=place.optional_text(spec, "iprestriction"),
            validuntil=place.number(spec, "validuntil", 0) or None,
            timecreated=current.clock.time(),
        )
        if session.scalar(select(ExternalToken.id).where(ExternalToken.token == token.token)):
            raise place.error("token", f"{token.token!r} is taken", "give each token a value of its own")
        if "id" in spec:
            token.id = place.identifier(spec, "id")
        if "creator" in spec:
            token.creatorid = find_user(spec, place, "creator").id
        with place.alone():
            session.add(token)
