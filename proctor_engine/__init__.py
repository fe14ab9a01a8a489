"""Watches a proctored exam and says what it saw: evidence for a person to judge."""
