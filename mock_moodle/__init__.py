"""A Moodle to test against: no PHP, starts in under a second, refuses what Moodle refuses."""
