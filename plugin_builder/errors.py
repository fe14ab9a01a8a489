"""The one error that the builder shows to people: a sentence that names file, field and mend."""


class BuildError(Exception):
    """Something in the input is wrong. `str()` is one line; the command line shows it and exits with code 2."""
