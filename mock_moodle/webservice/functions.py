"""Brings the families of core functions in."""

from __future__ import annotations

from mock_moodle.webservice import core_course, core_enrol, core_user, core_webservice, course_contents

FAMILIES = (core_course, core_enrol, core_user, core_webservice, course_contents)
