"""Files in a world file: what a course offers for download."""

from __future__ import annotations

from mock_moodle.access import context_module
from mock_moodle.files import FILE_MODULES, mimetype_of
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule, StoredFile
from mock_moodle.world.courses import COMMON_MODULE_KEYS
from mock_moodle.world.parts import Place, Spec, module, read_data

KEYS = ("filename", "filepath", "content")


@module("resource")
@module("folder")
def load_files(cm: CourseModule, spec: Spec, place: Place) -> None:
    """`files: [{filename, content}]`; content is text, or `data:…;base64,…` for bytes."""
    cm.settings = {name: value for name, value in spec.items() if name not in (*COMMON_MODULE_KEYS, "files")}
    now = current.clock.time()
    for file_place, file in place.objects(spec, "files"):
        file_place.known(file, KEYS)
        filename = file_place.text(file, "filename")
        current.session.add(
            StoredFile(
                contextid=context_module(cm.id).id,
                component=f"mod_{cm.modname}",
                filearea=FILE_MODULES[cm.modname],
                filepath=file_place.text(file, "filepath", "/"),
                filename=filename,
                mimetype=mimetype_of(filename),
                content=_content(file_place.text(file, "content", ""), file_place),
                timecreated=now,
                timemodified=now,
            )
        )


def _content(value: str, place: Place) -> bytes:
    return read_data(value, place.at("content")) if value.startswith("data:") else value.encode()
