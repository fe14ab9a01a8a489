"""Where pictures and icons are."""

from __future__ import annotations

from mock_moodle.access import context_user
from mock_moodle.site import current
from mock_moodle.store.core import User


def picture_url(user: User, *, size: str = "f1") -> str:
    """The user's picture as a web service tells it (`size` f1 100 px, f2 35 px), or the theme's silhouette."""
    if user.picture and not user.deleted:
        context = context_user(user.id)
        return current.url(f"/pluginfile.php/{context.id}/user/icon/{_theme()}/{size}", rev=user.picture)
    return theme_image("core", f"u/{size}")


def theme_image(component: str, name: str, suffix: str = "") -> str:
    """theme/image.php: `component` is "core" or a module's name."""
    revision = current.config("themerev") or str(current.clock.time())
    return f"{current.site.wwwroot}/theme/image.php/{_theme()}/{component}/{revision}/{name}{suffix}"


def _theme() -> str:
    return current.config("theme") or "boost"


def generated_course_image(contextid: int) -> bytes:
    """A course without a picture gets a pattern of its own colour."""
    hue = contextid * 47 % 360
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="240" viewBox="0 0 480 240">'
        f'<rect width="480" height="240" fill="hsl({hue},40%,60%)"/></svg>'
    ).encode()
