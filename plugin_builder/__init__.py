"""Renders `plugin_template/` into the Moodle plugin, zips it, and tells a good ZIP from a bad one."""
