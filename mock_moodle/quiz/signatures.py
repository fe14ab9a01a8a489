"""What the functions `mod_quiz_*` answer, key by key."""

from __future__ import annotations

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.webservice.mod_lists import STANDARD
from mock_moodle.webservice.registry import FILES

OPTIONAL = Presence.OPTIONAL


def _ints(*names: str) -> dict[str, Schema]:
    return {name: Value("int", presence=OPTIONAL) for name in names}


QUIZ = Single(
    {
        **STANDARD,
        **_ints("timeopen", "timeclose", "timelimit"),
        "overduehandling": Value("alpha", "what to do when time expires", OPTIONAL),
        "graceperiod": Value("int", "", OPTIONAL),
        "preferredbehaviour": Value("alphanumext", "", OPTIONAL),
        **_ints("canredoquestions", "attempts", "attemptonlast", "grademethod", "decimalpoints"),
        "questiondecimalpoints": Value("int", "", OPTIONAL),
        **_ints("reviewattempt", "reviewcorrectness", "reviewmaxmarks", "reviewmarks", "reviewspecificfeedback"),
        **_ints("reviewgeneralfeedback", "reviewrightanswer", "reviewoverallfeedback", "questionsperpage"),
        "navmethod": Value("alpha", "", OPTIONAL),
        "shuffleanswers": Value("int", "", OPTIONAL),
        "sumgrades": Value("float", "", OPTIONAL, nullable=True),
        "grade": Value("float", "", OPTIONAL),
        **_ints("timecreated", "timemodified"),
        **{name: Value("raw", "for those who manage the quiz", OPTIONAL) for name in ("password", "subnet")},
        "browsersecurity": Value("alphanumext", "", OPTIONAL),
        **_ints("delay1", "delay2", "showuserpicture", "showblocks", "completionattemptsexhausted", "completionpass"),
        **_ints("allowofflineattempts", "autosaveperiod", "hasfeedback", "hasquestions"),
    }
)
_ATTEMPT_KEYS: dict[str, Schema] = {
    "id": Value("int", "Attempt id.", OPTIONAL),
    "quiz": Value("int", "Foreign key reference to the quiz that was attempted.", OPTIONAL),
    "userid": Value("int", "Foreign key reference to the user whose attempt this is.", OPTIONAL),
    "attempt": Value("int", "Sequentially numbers this students attempts at this quiz.", OPTIONAL),
    "uniqueid": Value("int", "Foreign key reference to the question_usage.", OPTIONAL),
    "layout": Value("raw", "Attempt layout.", OPTIONAL),
    "currentpage": Value("int", "Attempt current page.", OPTIONAL),
    "preview": Value("int", "Whether is a preview attempt or not.", OPTIONAL),
    "state": Value("alpha", "The current state of the attempts.", OPTIONAL),
    "timestart": Value("int", "Time when the attempt was started.", OPTIONAL),
    "timefinish": Value("int", "Time when the attempt was submitted.", OPTIONAL),
    "timemodified": Value("int", "Last modified time.", OPTIONAL),
    "timemodifiedoffline": Value("int", "Last modified time via webservices.", OPTIONAL),
    "timecheckstate": Value(
        "int", "Next time quiz cron should check attempt for state changes.", OPTIONAL, nullable=True
    ),
    "sumgrades": Value("float", "Total marks for this attempt.", OPTIONAL, nullable=True),
    "gradeitemmarks": Multiple(
        Single({"name": Value("raw"), "grade": Value("float"), "maxgrade": Value("float")}),
        "If the quiz has additional grades set up, the mark for each.",
        OPTIONAL,
    ),
    "gradednotificationsenttime": Value("int", "Time when the student was notified.", OPTIONAL, nullable=True),
}
ATTEMPT = Single(_ATTEMPT_KEYS)
ATTEMPT_OR_NOTHING = Single(_ATTEMPT_KEYS, "empty where no attempt could begin")
QUESTION = Single(
    {
        "slot": Value("int", "slot number"),
        "type": Value("alphanumext", "question type, i.e: multichoice"),
        "page": Value("int", "page of the quiz this question appears on"),
        "questionnumber": Value("raw", "The question number to display for this question", OPTIONAL),
        "number": Value("int", "question ordering number in the quiz", OPTIONAL),
        "html": Value("raw", "the question rendered"),
        "responsefileareas": Multiple(
            Single({"area": Value("notags", "File area name."), "files": FILES}), "", OPTIONAL
        ),
        "sequencecheck": Value("int", "the number of real steps in this attempt", OPTIONAL),
        "lastactiontime": Value("int", "the timestamp of the most recent step in this question attempt", OPTIONAL),
        "hasautosavedstep": Value("bool", "whether this question attempt has autosaved data", OPTIONAL),
        "flagged": Value("bool", "whether the question is flagged or not"),
        "state": Value("alpha", "the state where the question is in", OPTIONAL),
        "stateclass": Value("notags", "a machine-readable class name for the state", OPTIONAL),
        "status": Value("raw", "current formatted state of the question", OPTIONAL),
        "blockedbyprevious": Value("bool", "whether the question is blocked by the previous question", OPTIONAL),
        "mark": Value("raw", "the mark awarded", OPTIONAL),
        "maxmark": Value("float", "the maximum mark possible for this question attempt", OPTIONAL),
        "settings": Value("raw", "Question settings (JSON encoded).", OPTIONAL, nullable=True),
    }
)
OPTION = Single({"name": Value("alphanumext", "option name"), "value": Value("int", "option value")})
ADDITIONAL = Single(
    {
        "id": Value("alphanumext", "id of the data"),
        "title": Value("text", "data title"),
        "content": Value("raw", "data content"),
    }
)
