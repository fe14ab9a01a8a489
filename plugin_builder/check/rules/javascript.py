"""Built JavaScript that does not belong to its sources: browsers get the build."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from plugin_builder.check.findings import Finding
from plugin_builder.check.subject import Subject

MOST_MAP_BYTES = 2**21
"""A source map beyond this is believed."""
MEND = "Run grunt and ship what it writes."


def amd(subject: Subject) -> Iterator[Finding]:
    """Each amd/src module has a build, and its source map quotes the very source."""
    files = subject.package.files
    for source in files:
        match = re.fullmatch(r"amd/src/(.+)\.js", source)
        if not match:
            continue
        built = f"amd/build/{match[1]}.min.js"
        if built not in files:
            message = f"There is no {built}; Moodle loads nothing else outside developer mode."
            yield Finding("jsnotbuilt", "warning", message, MEND, source)
        elif f"{built}.map" in files and not _quotes(files[f"{built}.map"], files[source]):
            yield Finding("jsstale", "warning", f"{source} has changed since it was built.", MEND, built)
    for built in files:
        match = re.fullmatch(r"amd/build/(.+)\.min\.js", built)
        if match and f"amd/src/{match[1]}.js" not in files:
            yield Finding("jsorphan", "warning", f"There is no amd/src/{match[1]}.js it came from.", MEND, built)


def _quotes(source_map: bytes, source: bytes) -> bool:
    if len(source_map) > MOST_MAP_BYTES:
        return True
    try:
        contents = json.loads(source_map).get("sourcesContent")
    except (ValueError, AttributeError, RecursionError):
        return False
    if not contents or not isinstance(contents, list):
        return True
    text = _lines(source.decode("utf-8", "replace"))
    return any(isinstance(each, str) and _lines(each) == text for each in contents)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def yui(subject: Subject) -> Iterator[Finding]:
    """Each YUI module has its three builds, and the debug one holds the sources as they are."""
    files = subject.package.files
    for description in files:
        match = re.fullmatch(r"yui/src/(\w+)/build\.json", description)
        if not match:
            continue
        try:
            builds = json.loads(files[description]).get("builds", {})
        except (ValueError, AttributeError, RecursionError):
            yield Finding("yuibuild", "warning", "It is no JSON object.", "Mend it.", description)
            continue
        for module, build in builds.items() if isinstance(builds, dict) else ():
            scripts = build.get("jsfiles") if isinstance(build, dict) else None
            if not isinstance(scripts, list):
                continue
            sources = [f"yui/src/{match[1]}/js/{script}" for script in scripts]
            yield from _yui_module(subject, str(module), sources, description)


def _yui_module(subject: Subject, module: str, sources: list[str], description: str) -> Iterator[Finding]:
    files = subject.package.files
    for suffix in ("", "-debug", "-min"):
        built = f"yui/build/{module}/{module}{suffix}.js"
        if built not in files:
            yield Finding("jsnotbuilt", "warning", f"There is no {built}.", MEND, description)
    debug = f"yui/build/{module}/{module}-debug.js"
    for source in sources:
        if source not in files:
            yield Finding("yuibuild", "warning", f"There is no {source}.", "Correct jsfiles.", description)
        elif debug in files and _dense(files[source]) not in _dense(files[debug]):
            yield Finding("jsstale", "warning", f"{source} has changed since it was built.", MEND, debug)


def _dense(source: bytes) -> bytes:
    """Without whitespace, which a build lays out anew."""
    return source.translate(None, b" \t\r\n")


RULES = (amd, yui)
