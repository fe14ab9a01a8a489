"""Runs in Authlib's environment: says where the browser goes, reads where it came back, prints the profile."""

import json
import sys

from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session

address, client_id, secret, redirect_uri, way = sys.argv[1:]
session = OAuth2Session(
    client_id,
    secret,
    scope="user_info",
    redirect_uri=redirect_uri,
    token_endpoint_auth_method="client_secret_basic" if way == "basic" else "client_secret_post",
    code_challenge_method="S256" if way == "pkce" else None,
)
verifier = {"code_verifier": generate_token(48)} if way == "pkce" else {}
url, state = session.create_authorization_url(f"{address}/local/oauth/login.php", **verifier)
print(url, flush=True)
token = session.fetch_token(
    f"{address}/local/oauth/token.php", authorization_response=sys.stdin.readline().strip(), state=state, **verifier
)
profile = session.get(f"{address}/local/oauth/user_info.php").json()
print(json.dumps({"token_type": token["token_type"], "scope": token["scope"], "profile": profile}))
