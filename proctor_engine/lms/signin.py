"""Sign-in with the Moodle: OAuth2's authorization code, with state and PKCE. No password is ever seen here."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from pydantic import ValidationError

from contract.wire import PROFILE_SCOPE
from proctor_engine.lms.errors import SignInError, UnexpectedAnswerError, UnreachableError
from proctor_engine.lms.models import Profile
from proctor_engine.lms.rest import REQUESTS, TIMEOUT

AUTHORIZE_PATH = "/local/oauth/login.php"
TOKEN_PATH = "/local/oauth/token.php"  # noqa: S105 - a path
PROFILE_PATH = "/local/oauth/user_info.php"


@dataclass(frozen=True)
class PendingSignIn:
    """What to keep in the browser's session until it comes back: nothing of it is secret from that browser."""

    address: str
    """Where to send the browser."""
    state: str
    verifier: str


@dataclass(frozen=True)
class SignIn:
    """One OAuth2 client of one Moodle.

    The challenge is always sent: a provider without PKCE, such as local_oauth 2.0.1, ignores parameters that it does
    not know. `redirect_uri` must equal the registered one to the letter.
    """

    moodle_url: str
    client_id: str
    client_secret: str
    redirect_uri: str

    def begin(self) -> PendingSignIn:
        verifier = secrets.token_urlsafe(48)
        address, state = self._session().create_authorization_url(
            self._address(AUTHORIZE_PATH), state=secrets.token_hex(16), code_verifier=verifier
        )
        return PendingSignIn(address, state, verifier)

    def finish(self, pending: PendingSignIn, answer: dict[str, str]) -> Profile:
        """Exchanges the code for the person's profile. `answer` is the query string that the browser came back with.

        The code lives for 30 seconds at Moodle, so this is done at once, in the request that brings it.
        """
        # An address with "&amp;" between its parameters is how local_oauth writes a refusal.
        answer = {key.removeprefix("amp;"): value for key, value in answer.items()}
        if not hmac.compare_digest(answer.get("state", "").encode(), pending.state.encode()):
            raise SignInError("invalid_state", "this sign-in was not begun in this browser")
        if "error" in answer:
            raise SignInError(answer["error"], answer.get("error_description", ""))
        if not answer.get("code"):
            raise SignInError("invalid_request", "no code came back")
        try:
            return self._profile(self._token(answer["code"], pending.verifier))
        except AuthlibBaseError as error:
            raise SignInError(str(error.error), str(error.description or "")) from error
        except requests.JSONDecodeError as error:
            raise UnexpectedAnswerError(f"sign-in: {self.moodle_url} did not answer with JSON") from error
        except requests.RequestException as error:
            raise UnreachableError(f"sign-in: no answer from {self.moodle_url} ({type(error).__name__})") from error

    def _token(self, code: str, verifier: str) -> dict[str, str]:
        REQUESTS.labels("token").inc()
        token: dict[str, str] = self._session().fetch_token(
            self._address(TOKEN_PATH),
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            timeout=TIMEOUT,
        )
        if "access_token" not in token:
            raise UnexpectedAnswerError(f"sign-in: {self.moodle_url} answered without a token")
        return token

    def _profile(self, token: dict[str, str]) -> Profile:
        REQUESTS.labels("profile").inc()
        response = requests.get(
            self._address(PROFILE_PATH),
            headers={"Authorization": f"Bearer {token['access_token']}"},
            timeout=TIMEOUT,
            allow_redirects=False,
        )
        if response.status_code != requests.codes.ok:
            raise SignInError("profile_refused", f"the profile's address answered {response.status_code}")
        if not response.text.strip():
            raise SignInError("profile_unreadable", "the token belongs to no user")
        try:
            return Profile.model_validate(response.json())  # Moodle labels it text/html.
        except requests.JSONDecodeError as error:
            mend = "the profile is not JSON; an administrator may have debugging messages displayed"
            raise SignInError("profile_unreadable", mend) from error
        except ValidationError as error:
            raise SignInError("profile_unreadable", "the profile has no e-mail address") from error

    def _session(self) -> OAuth2Session:
        return OAuth2Session(
            self.client_id,
            self.client_secret,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - the method's name
            scope=PROFILE_SCOPE,
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
        )

    def _address(self, path: str) -> str:
        return self.moodle_url.rstrip("/") + path
