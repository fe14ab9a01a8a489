"""In requests-oauthlib's environment: tells where the browser goes, reads where it came back, tells the profile."""

import json
import sys

from oauthlib.oauth2 import OAuth2Error
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

address, client_id, secret, redirect_uri, way = sys.argv[1:]
session = OAuth2Session(client_id, redirect_uri=redirect_uri, scope=["user_info"])
print(session.authorization_url(f"{address}/local/oauth/login.php")[0], flush=True)
credentials = (
    {"auth": HTTPBasicAuth(client_id, secret)}
    if way == "basic"
    else {"client_secret": secret, "include_client_id": True}
)
try:
    token = session.fetch_token(
        f"{address}/local/oauth/token.php", authorization_response=sys.stdin.readline().strip(), **credentials
    )
except OAuth2Error as error:
    print(json.dumps({"error": error.error}))
else:
    profile = session.get(f"{address}/local/oauth/user_info.php").json()
    print(json.dumps({"token_type": token["token_type"], "scope": token["scope"], "profile": profile}))
