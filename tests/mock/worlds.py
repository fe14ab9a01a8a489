"""World files made at random: everything that can be written by hand, names and numbers as they come."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from mock.campus import LOCAL_OAUTH, QUESTIONS, SUCCESSOR

Spec = dict[str, Any]

NAMES = ("anna", "boris", "clara", "dmitri")
ROLES = ("student", "teacher", "editingteacher", "manager", "examiner")
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
MOMENTS = st.sampled_from([0, 1_700_000_000, 1_893_456_000])
CAPABILITIES = st.lists(st.sampled_from(["mod/quiz:view", "mod/quiz:preview", "moodle/site:config"]), unique=True)


def some(of: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(of), unique=True)


CONDITION = st.one_of(
    st.builds(lambda d, t: {"type": "date", "d": d, "t": t}, st.sampled_from([">=", "<"]), MOMENTS),
    st.builds(lambda e: {"type": "completion", "cm": 1, "e": e}, st.integers(0, 3)),
    st.builds(lambda low: {"type": "grade", "id": 1, "min": low}, st.integers(0, 100)),
    st.builds(lambda v: {"type": "profile", "sf": "email", "op": "contains", "v": v}, TEXTS),
    st.builds(lambda m: {"type": "examus", "duration": m, "mode": "normal"}, st.sampled_from([30, 90])),
    st.just({"type": "group"}),
)
TREE = st.builds(
    lambda op, children, shown: (
        {"op": op, "c": children} | ({"showc": [shown] * len(children)} if op in ("&", "!|") else {"show": shown})
    ),
    st.sampled_from(["&", "|", "!&", "!|"]),
    st.lists(CONDITION | st.builds(lambda c: {"op": "|", "c": [c]}, CONDITION), min_size=1, max_size=3),
    st.booleans(),
)
COMMON: Spec = {"visible": st.booleans(), "availability": TREE, "idnumber": TEXTS, "completed": some(NAMES)}
MODULE = st.one_of(
    st.fixed_dictionaries(
        {"modname": st.just("quiz"), "name": TEXTS, "questions": some(tuple(QUESTIONS))},
        optional=COMMON
        | {
            "timelimit": st.sampled_from([0, 60]),
            "attempts": st.integers(0, 3),
            "timeopen": MOMENTS,
            "questionsperpage": st.integers(0, 2),
            "navmethod": st.sampled_from(["free", "sequential"]),
            "password": TEXTS,
            "overrides": st.just([{"user": "anna", "timelimit": 90}]),
        },
    ),
    st.fixed_dictionaries({"modname": st.just("page"), "name": TEXTS}, optional=COMMON | {"content": TEXTS}),
    st.fixed_dictionaries(
        {"modname": st.just("resource"), "name": TEXTS, "files": st.just([{"filename": "a.txt", "content": "A"}])},
        optional=COMMON,
    ),
    st.fixed_dictionaries({"modname": st.just("assign"), "name": TEXTS}, optional=COMMON | {"duedate": MOMENTS}),
    st.fixed_dictionaries(
        {"modname": st.just("forum"), "name": TEXTS},
        optional=COMMON | {"discussions": st.just([{"name": "Hello", "user": "anna"}])},
    ),
)
SECTION = st.fixed_dictionaries(
    {"section": st.integers(0, 3), "modules": st.lists(MODULE, max_size=3)},
    optional={"name": TEXTS, "visible": st.booleans(), "availability": TREE},
)
COURSE = st.fixed_dictionaries(
    {
        "shortname": TEXTS,
        "fullname": TEXTS,
        "sections": st.lists(SECTION, max_size=2, unique_by=lambda section: section["section"]),
    },
    optional={
        "idnumber": TEXTS,
        "summary": TEXTS,
        "visible": st.booleans(),
        "enablecompletion": st.booleans(),
        "startdate": MOMENTS,
        "groups": st.lists(
            st.builds(lambda name, members: {"name": name, "members": members}, TEXTS, some(NAMES)),
            max_size=2,
            unique_by=lambda group: group["name"],
        ),
        "enrolments": st.lists(
            st.builds(lambda u, r: {"user": u, "role": r}, st.sampled_from(NAMES), st.sampled_from(ROLES)),
            unique_by=lambda enrolment: enrolment["user"],
        ),
    },
)
USER = st.fixed_dictionaries(
    {},
    optional={
        "firstname": TEXTS,
        "lastname": TEXTS,
        "email": st.sampled_from(["a@example.com", "b@example.com"]),
        "idnumber": TEXTS,
        "city": TEXTS,
        "suspended": st.booleans(),
        "profile": st.dictionaries(st.sampled_from(["group", "year"]), TEXTS),
        "preferences": st.dictionaries(st.sampled_from(["a", "b"]), TEXTS),
    },
)
WORLD = st.fixed_dictionaries(
    {
        "site": st.fixed_dictionaries(
            {}, optional={"fullname": TEXTS, "settings": st.dictionaries(st.sampled_from(["forcelogin", "x/y"]), TEXTS)}
        ),
        "plugins": st.just([SUCCESSOR, LOCAL_OAUTH]),
        "users": st.tuples(*(USER.map(lambda user, name=name: {"username": name, **user}) for name in NAMES)).map(list),
        "roles": st.builds(lambda allow: [{"shortname": "examiner", "name": "E", "allow": allow}], CAPABILITIES),
        "questions": st.just(QUESTIONS),
        "courses": st.lists(COURSE, max_size=2, unique_by=lambda course: course["shortname"].casefold()),
        "role_assignments": st.lists(
            st.builds(
                lambda r, u: {"role": r, "user": u, "context": "system"}, st.sampled_from(ROLES), st.sampled_from(NAMES)
            ),
            max_size=2,
            unique_by=lambda assigned: (assigned["role"], assigned["user"]),
        ),
        "services": st.builds(
            lambda users: [{"name": "Own", "functions": ["core_webservice_get_site_info"], "users": users}], some(NAMES)
        ),
        "tokens": st.builds(
            lambda until: [{"token": "0" * 32, "user": "anna", "service": "Own", "validuntil": until}], MOMENTS
        ),
    }
)
