"""What is wrong with a plugin's ZIP."""


class PluginError(Exception):
    """One line for a person: file, what is wrong, how to mend it."""
