"""What db/*.php declares must exist: classes, methods, functions, files and names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from plugin_builder.check.classes import autoloaded, class_file
from plugin_builder.check.findings import Finding
from plugin_builder.check.subject import Subject, line_of
from plugin_builder.php_source import variable


def _declared(subject: Subject, file: str, name: str) -> tuple[str, Any]:
    return file, variable(subject.package.files[file], name) if file in subject.package.files else None


def _line(subject: Subject, file: str, text: str) -> int | None:
    source = subject.package.files[file]
    at = max(source.find(spelling.encode()) for spelling in (text, text.replace("\\", "\\\\")))
    return line_of(source, at) if at >= 0 else None


def _callback(subject: Subject, file: str, owner: str, method: str | None) -> Iterator[Finding]:
    """A class of the package's own, and its method."""
    path = autoloaded(subject.package, owner)
    if path is None:
        return
    found = class_file(subject.package, path)
    place = "\\" + owner.rsplit("\\", 1)[-1]
    if found is None:
        message = f"It names the class {owner}, but there is no {path}."
        yield Finding(
            "missingclass", "error", message, "Add the file or correct the name.", file, _line(subject, file, place)
        )
    elif method and not found.has_method(method) and not found.inherits:
        message = f"It names {owner}::{method}(), which {path} does not have."
        yield Finding(
            "missingmethod", "error", message, "Add the method or correct the name.", file, _line(subject, file, place)
        )


def services(subject: Subject) -> Iterator[Finding]:
    """Web-service functions."""
    file, functions = _declared(subject, "db/services.php", "functions")
    if not isinstance(functions, dict):
        return
    for name, function in functions.items():
        if not isinstance(function, dict):
            continue
        if not str(name).startswith(f"{subject.package.component}_"):
            message = f"The function {name} does not begin with the component."
            mend = f"Call it {subject.package.component}_…."
            yield Finding("functionname", "error", message, mend, file, _line(subject, file, str(name)))
        owner, method = function.get("classname"), function.get("methodname", "execute")
        path = function.get("classpath")
        if isinstance(path, str) and path and not _own_file(subject, path):
            message = f"{name}: the package has no {path}."
            mend = "Correct classpath or leave it out."
            yield Finding("missingfile", "error", message, mend, file, _line(subject, file, str(name)))
        if isinstance(owner, str) and isinstance(method, str) and not path:
            yield from _callback(subject, file, owner, method)
        if isinstance(asked := function.get("capabilities"), str):
            for capability in asked.split(","):
                yield from _capability(subject, file, capability.strip())
    yield from _service_members(subject, file, functions)


def _capability(subject: Subject, file: str, name: str) -> Iterator[Finding]:
    """A capability of the plugin's own."""
    if not name.startswith(f"{subject.package.type}/{subject.package.name}:"):
        return
    _, declared = _declared(subject, "db/access.php", "capabilities")
    if not isinstance(declared, dict) or name not in declared:
        message = f"It names the capability {name}, which db/access.php does not declare."
        mend = "Declare the capability or correct the name."
        yield Finding("missingcapability", "warning", message, mend, file, _line(subject, file, name))


def _own_file(subject: Subject, path: str) -> bool:
    """Whether a path from Moodle's root lies in the package, or not in its folder at all."""
    marker = f"/{subject.package.name}/"
    _, found, inside = f"/{path.lstrip('/')}".partition(marker)
    return not found or inside in subject.package.files


def _service_members(subject: Subject, file: str, functions: Mapping[str, Any]) -> Iterator[Finding]:
    _, declared = _declared(subject, file, "services")
    for title, service in declared.items() if isinstance(declared, dict) else ():
        members = service.get("functions") if isinstance(service, dict) else None
        for member in members if isinstance(members, list) else ():
            if str(member).startswith(f"{subject.package.component}_") and member not in functions:
                message = f"The service {title!r} names {member}, which is not declared."
                mend = "Declare the function or correct the name."
                yield Finding("missingfunction", "error", message, mend, file, _line(subject, file, str(member)))


def events(subject: Subject) -> Iterator[Finding]:
    file, observers = _declared(subject, "db/events.php", "observers")
    for observer in observers if isinstance(observers, list) else ():
        if not isinstance(observer, dict):
            continue
        if isinstance(event := observer.get("eventname"), str):
            yield from _callback(subject, file, event, None)
        callback = observer.get("callback")
        if isinstance(callback, list) and len(callback) == 2:
            callback = "::".join(str(part) for part in callback)
        if not isinstance(callback, str):
            continue
        include = observer.get("includefile")
        if isinstance(include, str) and not _own_file(subject, include):
            message = f"The package has no {include}."
            yield Finding("missingfile", "error", message, "Correct includefile.", file, _line(subject, file, include))
        owner, _, method = callback.partition("::")
        if method:
            yield from _callback(subject, file, owner, method)
        else:
            yield from _function(subject, file, callback.lstrip("\\"))


def _function(subject: Subject, file: str, name: str) -> Iterator[Finding]:
    """A function of the plugin's own, in whatever file."""
    defined = re.compile(rb"\bfunction\s+&?\s*" + re.escape(name.encode()) + rb"\s*\(", re.IGNORECASE)
    if not name.startswith(f"{subject.package.component}_"):
        return
    if not any(defined.search(subject.package.files[each]) for each in subject.php_files):
        message = f"It names the function {name}(), which no file defines."
        mend = "Add the function or correct the name."
        yield Finding("missingfunction", "error", message, mend, file, _line(subject, file, name))


def hooks(subject: Subject) -> Iterator[Finding]:
    file, callbacks = _declared(subject, "db/hooks.php", "callbacks")
    for entry in callbacks if isinstance(callbacks, list) else ():
        if not isinstance(entry, dict):
            continue
        if isinstance(hook := entry.get("hook"), str):
            yield from _callback(subject, file, hook, None)
        callback = entry.get("callback")
        if isinstance(callback, list) and len(callback) == 2:
            callback = "::".join(str(part) for part in callback)
        if isinstance(callback, str):
            owner, _, method = callback.partition("::")
            yield from _callback(subject, file, owner, method or None)


def tasks(subject: Subject) -> Iterator[Finding]:
    file, declared = _declared(subject, "db/tasks.php", "tasks")
    for task in declared if isinstance(declared, list) else ():
        owner = task.get("classname") if isinstance(task, dict) else None
        if isinstance(owner, str):
            yield from _callback(subject, file, owner, "execute")


def messages(subject: Subject) -> Iterator[Finding]:
    file, providers = _declared(subject, "db/messages.php", "messageproviders")
    for provider in providers.values() if isinstance(providers, dict) else ():
        if isinstance(provider, dict) and isinstance(asked := provider.get("capability"), str):
            yield from _capability(subject, file, asked)


def capabilities(subject: Subject) -> Iterator[Finding]:
    """Names begin with the plugin's own; what they are for and where is not optional."""
    file, declared = _declared(subject, "db/access.php", "capabilities")
    prefix = f"{subject.package.type}/{subject.package.name}:"
    for name, capability in declared.items() if isinstance(declared, dict) else ():
        if not str(name).startswith(prefix):
            message = f"The capability {name} does not begin with {prefix}, as the plugin's own do."
            yield Finding("capabilityname", "warning", message, "Rename it.", file, _line(subject, file, str(name)))
        missing = {"captype", "contextlevel"} - set(capability) if isinstance(capability, dict) else set()
        for key in sorted(missing):
            message = f"The capability {name} has no {key}."
            yield Finding("capabilitykey", "error", message, f"Add {key}.", file, _line(subject, file, str(name)))


RULES = (services, events, hooks, tasks, messages, capabilities)
