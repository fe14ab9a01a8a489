"""The OAuth2 provider at `/local/oauth/`, as the plugin local_oauth 2.0.1 behaves, and Moodle's place as an OpenID
Connect issuer for clients that expect discovery."""
