"""The blueprint of pages that are told, not drawn."""

from __future__ import annotations

from flask import Blueprint

from mock_moodle.undrawn import admin_pages, course_pages, own_pages

blueprint = Blueprint("undrawn", __name__)
for module in (course_pages, own_pages, admin_pages):
    module.add_to(blueprint)
