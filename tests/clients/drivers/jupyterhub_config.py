"""A whole JupyterHub whose people sign in with Moodle: no notebook servers, no proxy."""

import os

from jupyterhub.proxy import Proxy
from oauthenticator.generic import GenericOAuthenticator

address, port = os.environ["MOODLE_URL"], os.environ["HUB_PORT"]
way = os.environ["OAUTH_WAY"]


class NoProxy(Proxy):
    """The hub is asked directly; nothing is routed."""

    should_start = False

    async def get_all_routes(self):
        return {}

    async def add_route(self, routespec, target, data):
        pass

    async def delete_route(self, routespec):
        pass


c = get_config()  # noqa: F821 - JupyterHub puts it here
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{port}"
c.JupyterHub.bind_url = f"http://127.0.0.1:{port}"
c.JupyterHub.db_url = "sqlite:///:memory:"
c.JupyterHub.cookie_secret = bytes(32)
c.JupyterHub.redirect_to_server = False
c.JupyterHub.authenticator_class = GenericOAuthenticator
c.GenericOAuthenticator.client_id = os.environ["CLIENT_ID"]
c.GenericOAuthenticator.client_secret = os.environ["CLIENT_SECRET"]
c.GenericOAuthenticator.oauth_callback_url = f"http://127.0.0.1:{port}/hub/oauth_callback"
c.GenericOAuthenticator.authorize_url = f"{address}/local/oauth/login.php"
c.GenericOAuthenticator.token_url = f"{address}/local/oauth/token.php"
c.GenericOAuthenticator.userdata_url = f"{address}/local/oauth/user_info.php"
c.GenericOAuthenticator.scope = ["user_info"]
c.GenericOAuthenticator.username_claim = "username"
c.GenericOAuthenticator.allow_all = True
c.GenericOAuthenticator.enable_pkce = way == "pkce"
c.GenericOAuthenticator.basic_auth = way == "basic"
