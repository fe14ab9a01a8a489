"""Courses: what is in them, who sees what of it."""
