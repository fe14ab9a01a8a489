"""The one error that the builder shows to people: a sentence that names file, field and mend."""


class BuildError(Exception):
    """Something in the input is wrong. `str()` is one line a fault; the command shows it and exits with 2."""
