"""One exam played through all three parts."""
