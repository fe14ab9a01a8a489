"""User accounts: the list, the form that adds and edits one, and the profile."""

from __future__ import annotations

import re

from flask import Blueprint, Response, request
from sqlalchemy import func, select

from mock_moodle.access import can_access_course, context_system, context_user, create_context
from mock_moodle.admin.page import admin_page, flag, require_admin, sent
from mock_moodle.admin.pictures import IMAGES, set_picture
from mock_moodle.course.enrolled import active_courses
from mock_moodle.course.listings import guests_see_none, refused_profile
from mock_moodle.errors import MissingRecord
from mock_moodle.login.browser import browser, require_login, require_sesskey
from mock_moodle.page import optional_param, page, redirect
from mock_moodle.site import current
from mock_moodle.store.core import USER, User
from mock_moodle.webservice.pictures import picture_url
from mock_moodle.webservice.user_details import can_view_details

LIST_PATH = "/admin/user.php"
TEXTS = (
    "firstname", "lastname", "email", "city", "country", "idnumber", "institution", "department", "phone1", "phone2",
    "address", "lang", "timezone",
)  # fmt: skip
REQUIRED = {"username": "username", "firstname": "first name", "lastname": "last name", "email": "email address"}
PAGE_SIZE = 100


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule(LIST_PATH, view_func=browse)
    blueprint.add_url_rule("/user/editadvanced.php", view_func=edit, methods=["GET", "POST"])
    blueprint.add_url_rule("/user/profile.php", view_func=profile)


def browse() -> Response:
    require_admin("moodle/user:update")
    number = max(0, optional_param("page", 0, int))
    query = select(User).where(User.deleted.is_(False)).order_by(User.lastname, User.firstname, User.id)
    rows = current.session.scalars(query.offset(number * PAGE_SIZE).limit(PAGE_SIZE)).all()
    total = current.session.scalar(select(func.count()).select_from(User).where(User.deleted.is_(False))) or 0
    return admin_page(
        "admin/users.html",
        "Browse list of users",
        "Accounts",
        "Users",
        heading=f"{total} Users",
        rows=rows,
        page_number=number,
        pages=(total + PAGE_SIZE - 1) // PAGE_SIZE,
    )


def edit() -> Response:
    """`id` -1 adds a user."""
    user_id = optional_param("id", -1, int)
    require_admin("moodle/user:create" if user_id < 0 else "moodle/user:update")
    user = User(username="", lang="en", auth="manual") if user_id < 0 else current.session.get(User, user_id)
    if user is None or user.deleted:
        raise MissingRecord("user")
    errors: dict[str, str] = {}
    if request.method == "POST":
        require_sesskey()
        if "cancel" in request.form:
            return redirect(LIST_PATH)
        errors = _errors(user)
        if not errors:
            _store(user)
            return redirect(LIST_PATH, "Changes saved", "success")
    adding = user_id < 0
    named = not adding and current.site.release.at_least("4.5")
    given = request.form if request.method == "POST" else {}
    values = {name: given.get(name, getattr(user, name) or "") for name in ("username", "auth", *TEXTS)}
    values["description_editor[text]"] = given.get("description_editor[text]", user.description or "")
    return admin_page(
        "admin/user_form.html",
        "Add a new user" if adding else "Edit profile",
        "Accounts",
        "Users",
        heading="General" if adding else user.fullname,
        title=f"Edit profile: {user.fullname} | " if named else "",
        edited=user,
        adding=adding,
        values=values,
        errors=errors,
    )


def _errors(user: User) -> dict[str, str]:
    errors = {field: f"- Missing {name}" for field, name in REQUIRED.items() if not sent(field).strip()}
    username = sent("username").strip()
    if username and username != username.lower():
        errors["username"] = "Only lowercase letters allowed"
    elif username and not re.fullmatch(r"[-.@_a-z0-9]+", username):
        errors["username"] = (
            "The username can only contain alphanumeric lowercase characters, underscore (_), hyphen (-), period (.) "
            "or at symbol (@)."
        )
    elif username and _taken(User.username, username, user):
        errors["username"] = "This username already exists, choose another"
    email = sent("email").strip()
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        errors["email"] = "Invalid email address"
    elif email and _taken(User.email, email, user):
        errors["email"] = "This email address is already registered."
    if not user.id and not sent("newpassword") and not flag("createpassword"):
        errors["newpassword"] = "Required"
    picture = request.files.get("imagefile")
    if picture and picture.filename and picture.mimetype not in IMAGES:
        errors["imagefile"] = "A picture must be a JPEG, PNG or GIF file."
    return errors


def _taken(column, value: str, user: User) -> bool:  # type: ignore[no-untyped-def]
    with current.session.no_autoflush:
        other = current.session.scalars(select(User).where(func.lower(column) == value.lower())).first()
    return other is not None and other is not user


def _store(user: User) -> None:
    session, now = current.session, current.clock.time()
    user.username = sent("username").strip()
    user.auth = sent("auth", "manual") or "manual"
    user.suspended = flag("suspended")
    for name in TEXTS:
        if name in request.form:
            setattr(user, name, sent(name).strip())
    user.description = sent("description_editor[text]")
    if sent("newpassword"):
        user.password = sent("newpassword")
    elif flag("createpassword"):
        user.password = current.keys.random_string(12)
    user.forcepasswordchange = flag("preference_auth_forcepasswordchange")
    user.timemodified = now
    if not user.id:
        user.timecreated = now
        session.add(user)
        session.flush()
        create_context(USER, user.id, context_system())
    picture = request.files.get("imagefile")
    if picture and picture.filename:
        set_picture(user, picture.read(), picture.mimetype)
    elif flag("deletepicture"):
        user.picture = 0
    session.flush()


def _may_look(user: User, viewer: User) -> bool:
    shared = [course for course in active_courses(user.id) if can_access_course(course, viewer.id)]
    return can_view_details(user, viewer.id) or any(can_view_details(user, viewer.id, course) for course in shared)


def profile() -> Response:
    wanted = optional_param("id", 0, int)
    if not wanted and not browser().logged_in:
        browser().data["wantsurl"] = current.url("/user/profile.php?id=0")
        return redirect("/login/index.php")
    viewer = require_login()
    if browser().is_guest:
        return guests_see_none()
    user = current.session.get(User, wanted or viewer.id)
    if user is None or user.deleted:
        return page("error.html", title=None, message="Invalid user", onwards="/")
    if user.id != viewer.id and not _may_look(user, viewer):
        return refused_profile()
    return page(
        "admin/profile.html",
        title=f"{user.fullname}: Public profile",
        heading=user.fullname,
        shown=user,
        picture=picture_url(user) if user.picture else "",
        contextid=context_user(user.id).id,
        editable=viewer.siteadmin,
    )
