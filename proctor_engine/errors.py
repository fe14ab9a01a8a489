"""What can be wrong with what we are given. Every message is one line that names the thing and the mend."""

from __future__ import annotations


class EngineError(Exception):
    """The base of all of them: the command line prints the message and exits with code 2."""


class ConfigurationError(EngineError):
    """A configuration file that cannot be read or says something impossible."""


class MediaError(EngineError):
    """A video, picture or sound that cannot be opened or decoded."""


class StateError(EngineError):
    """A saved analysis that is damaged or of another version."""
