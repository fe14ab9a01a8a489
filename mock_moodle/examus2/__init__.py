"""availability_examus2, v0.8's successor by its own maker: Moodle pushes a student's browser to the service with a
signed form, and the service answers by signed calls of `api.php`. No token, no OAuth, no polling.

`site.settings` of a world: `availability_examus2/examus_url` (a bare host, always asked by https; a whole address is an
extension for tests), `integration_name`, `jwt_secret`, `account_name`, `user_emails`.
"""
