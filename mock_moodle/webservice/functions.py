"""Brings the families of core functions in."""

from __future__ import annotations

from importlib import import_module

FAMILIES = (
    "core_calendar",
    "core_course",
    "core_course_create",
    "core_course_module",
    "core_course_timeline",
    "core_courseformat",
    "core_enrol",
    "core_enrol_methods",
    "core_enrol_people",
    "core_group",
    "core_group_activity",
    "core_group_members",
    "core_grouping",
    "core_message",
    "core_session",
    "core_user",
    "core_user_files",
    "core_user_manage",
    "core_webservice",
    "course_contents",
    "gradereport_user",
    "mod_assign",
    "mod_assign_status",
    "mod_forum",
    "mod_lists",
    "tool_mobile",
)
"""Modules of this package, in the order in which site_info tells their functions."""

for family in FAMILIES:
    import_module(f"mock_moodle.webservice.{family}")
