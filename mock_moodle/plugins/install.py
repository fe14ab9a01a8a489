"""Installing a plugin from its ZIP, and upgrading one: Moodle's database work without its PHP.

    plugin = from_zip(Path("availability_examus.zip"))      # inside a visit; raises PluginError

Capabilities, services, functions and tables come into being as the ZIP declares them. A lower version than the
installed one is refused, the same one changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select, text

from mock_moodle.access import context_system
from mock_moodle.plugins.errors import PluginError
from mock_moodle.plugins.read import Declared, DeclaredCapability, check_upload, read_checked, read_zip
from mock_moodle.site import current
from mock_moodle.store.core import ALLOW, Capability, ExternalService, Plugin, Role, RoleCapability

__all__ = ["PluginError", "after_upgrade", "from_upload", "from_zip"]

Upgrade = Callable[[int], None]
_UPGRADES: dict[str, Upgrade] = {}


def from_zip(path: Path) -> Plugin:
    return _install(str(path), read_zip(path, moodle=current.site.release.branch))


def from_upload(filename: str, content: bytes) -> Plugin:
    """The same for a ZIP that came through the page."""
    report = check_upload(filename, content, moodle=current.site.release.branch)
    return _install(filename, read_checked(filename, report))


def _install(path: str, declared: Declared) -> Plugin:
    session = current.session
    plugin = session.get(Plugin, declared.component)
    if plugin is not None and plugin.version > declared.version:
        raise PluginError(
            f"{path}: version.php: $plugin->version is {declared.version}, but {plugin.version} is installed;"
            " raise the version, Moodle refuses downgrades"
        )
    if plugin is None:
        plugin = Plugin(component=declared.component, version=0)
        session.add(plugin)
    before = plugin.version
    plugin.version, plugin.release = declared.version, declared.release
    plugin.read = {
        "functions": sorted(declared.functions),
        "function_types": declared.functions,
        "strings": declared.strings,
        "settings": declared.settings,
        "tables": declared.tables,
    }
    register_capabilities(declared.component, declared.capabilities)
    for statement in declared.tables:
        session.execute(text(statement))
    for service in declared.services:
        row = session.scalar(select(ExternalService).where(ExternalService.name == service.name))
        if row is None:
            row = ExternalService(name=service.name, functions=None, timecreated=current.clock.time())
            row.enabled = service.enabled
            session.add(row)
        row.restrictedusers = service.restrictedusers
        row.component = declared.component
        row.shortname = service.shortname or row.shortname
        row.downloadfiles, row.uploadfiles = service.downloadfiles, service.uploadfiles
        row.requiredcapability = service.requiredcapability
    session.flush()
    if before and before < declared.version and declared.component in _UPGRADES:
        _UPGRADES[declared.component](before)
    return plugin


def after_upgrade(component: str) -> Callable[[Upgrade], Upgrade]:
    """Registers what stands in for a plugin's `db/upgrade.php`: called with the version that was installed before."""

    def register(upgrade: Upgrade) -> Upgrade:
        _UPGRADES[component] = upgrade
        return upgrade

    return register


def register_capabilities(component: str, capabilities: list[DeclaredCapability]) -> None:
    """Makes capabilities known and gives them to their archetypes' roles; one already known keeps its permissions."""
    session, system = current.session, context_system()
    for capability in capabilities:
        known = session.get(Capability, capability.name)
        row = known or Capability(name=capability.name)
        row.captype, row.contextlevel, row.component = capability.captype, capability.contextlevel, component
        row.title = capability.title
        session.add(row)
        if known:
            continue
        for role in session.scalars(select(Role).where(Role.archetype.in_(capability.archetypes))):
            session.merge(
                RoleCapability(contextid=system.id, roleid=role.id, capability=capability.name, permission=ALLOW)
            )
