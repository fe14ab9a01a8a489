"""Web services: the protocol, the cleaning of parameters, and the functions.

A function is declared once, with its typed signature; site_info lists it, parameters are cleaned and answers are shaped
from the declaration:

    from contract.webservice import Multiple, Presence, Single, Value
    from mock_moodle.webservice.registry import Call, function

    @function(
        "mod_quiz_view_quiz",
        {"quizid": Value("int")},
        Single({"status": Value("bool"), "warnings": WARNINGS}),
        type="write",
    )
    def view_quiz(call: Call, quizid: int) -> dict[str, object]:
        ...

The body gets cleaned values by name and uses `current` for everything else; `call.userid` is who asks. It returns plain
dicts, lists and scalars in any key order: the answer takes the signature's. Families of core functions are modules of
this package; the functions of another package stand in that package (`quiz/functions.py`, `examus/functions.py`). A
module is imported by `mock_moodle.app`.
"""
