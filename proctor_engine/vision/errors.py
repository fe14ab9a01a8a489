"""What can be wrong with a picture that somebody handed in. Each message names the picture."""

from __future__ import annotations


class ImageError(ValueError):
    """The bytes are no picture that can be used."""


class NoFaceError(ImageError):
    """No face was found where one is needed."""


class SeveralFacesError(ImageError):
    """More than one face was found where one is needed."""


class DifferentPeopleError(ImageError):
    """The references of one candidate do not show one person."""
