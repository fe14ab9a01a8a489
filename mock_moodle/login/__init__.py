"""Signing in: the form, token.php, logout, and the browser's session that all pages use."""
