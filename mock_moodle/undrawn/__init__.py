"""Pages that the mock does not draw: Moodle's addresses, titles and refusals, and a word about what is missing."""
