"""The engine's side of a Moodle: sign-in through OAuth2 and the plugin's five web-service functions.

Every request is caused by a person's action or by a review to deliver. Nothing here polls: with nobody signing in and
nothing to deliver, Moodle hears nothing from us.
"""

from proctor_engine.lms.errors import LmsError, RefusedError, SignInError, UnexpectedAnswerError, UnreachableError
from proctor_engine.lms.models import Access, Exam, Profile, Review, ReviewThreshold, ReviewWarning
from proctor_engine.lms.rest import MoodleRest
from proctor_engine.lms.signin import PendingSignIn, SignIn

__all__ = [
    "Access",
    "Exam",
    "LmsError",
    "MoodleRest",
    "PendingSignIn",
    "Profile",
    "RefusedError",
    "Review",
    "ReviewThreshold",
    "ReviewWarning",
    "SignIn",
    "SignInError",
    "UnexpectedAnswerError",
    "UnreachableError",
]
