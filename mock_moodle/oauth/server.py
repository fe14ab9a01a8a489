"""Authlib's authorization server over the mock's tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload, FlaskOAuth2Request
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.errors import UnsupportedResponseTypeError
from flask import Response
from flask import request as flask_request

from mock_moodle.oauth import recorded, storage
from mock_moodle.oauth.errors import php_json


class PlainRequest(FlaskOAuth2Request):  # type: ignore[misc]
    """Of a site that may well speak HTTP, as a test's does: the plugin never asked for more."""

    def __init__(self, request: Any) -> None:
        secure_looking = request.url.replace("http://", "https://", 1)
        OAuth2Request.__init__(self, method=request.method, uri=secure_looking, headers=request.headers)
        self._request = request
        self.payload = FlaskOAuth2Payload(request)

    @property
    def form(self) -> Mapping[str, str]:
        """A JSON body is as good as a form."""
        if self._request.mimetype != "application/json":
            posted: Mapping[str, str] = self._request.form
            return posted
        sent = self._request.get_json(silent=True)
        return {name: str(value) for name, value in sent.items()} if isinstance(sent, dict) else {}


class Provider(AuthorizationServer):  # type: ignore[misc]
    """Answers in PHP's JSON."""

    def __init__(self) -> None:
        super().__init__(query_client=storage.find_client, save_token=_save)

    def create_oauth2_request(self, request: Any) -> PlainRequest:  # noqa: ARG002
        return PlainRequest(flask_request)

    def get_authorization_grant(self, request: Any) -> Any:
        """Authlib repeats an unknown response type in its description, where not every character may stand."""
        try:
            return super().get_authorization_grant(request)
        except ValueError as error:
            raise UnsupportedResponseTypeError("this one") from error

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def handle_response(self, status_code: int, payload: Any, headers: Any) -> Response:
        body = php_json(payload) if isinstance(payload, dict) else payload
        response = Response(body, status=status_code)
        for name, value in headers:
            response.headers[name] = value
        return response


def _save(token: dict[str, Any], request: Any) -> None:
    userid = request.user.id if request.user else request.client.user_id
    storage.save_tokens(
        request.client.client_id, userid, token.get("scope"), token["access_token"], token.get("refresh_token")
    )


RECORDED = Provider()
RECORDED.register_grant(recorded.CodeGrant)
RECORDED.register_grant(recorded.ClientCredentialsGrant)
