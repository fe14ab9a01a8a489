"""Site administration: the pages that an administrator walks through to set a site up, under Moodle's own addresses."""
