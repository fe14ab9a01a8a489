"""What administration pages change and others want to know."""

from __future__ import annotations

from blinker import Signal

module_saved = Signal("an activity's settings were saved; sent by its CourseModule")
