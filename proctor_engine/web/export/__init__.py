"""One session as a file to keep or to hand on: HTML, PDF, CSV and JSON, from the same facts."""
