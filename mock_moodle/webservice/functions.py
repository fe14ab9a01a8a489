"""Brings the families of core functions in."""

from __future__ import annotations

from mock_moodle.webservice import core_webservice

FAMILIES = (core_webservice,)
