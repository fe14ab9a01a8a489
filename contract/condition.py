"""What a teacher sets in "Restrict access": the condition's choices, rules, warnings, scoring and stored fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from contract.titles import Title


class Mode(str, Enum):
    """Who watches the exam."""

    NORMAL = "normal"
    IDENTIFICATION = "identification"
    OLYMPICS = "olympics"
    AUTO = "auto"


class Identification(str, Enum):
    """Which photographs are asked for before the exam."""

    PASSPORT = "passport"
    FACE = "face"
    FACE_AND_PASSPORT = "face_and_passport"
    SKIP = "skip"


MODE_TITLES: dict[Mode, Title] = {
    Mode.NORMAL: Title("Live proctor", "Живой проктор"),
    Mode.IDENTIFICATION: Title("Live identity check only", "Только проверка личности"),
    Mode.OLYMPICS: Title("Recording reviewed afterwards", "Запись с последующей проверкой"),
    Mode.AUTO: Title("Automatic, no person watching", "Автоматически, без проктора"),
}
SCHEDULED_MODES: frozenset[Mode] = frozenset({Mode.NORMAL, Mode.IDENTIFICATION})
"""Modes in which a calendar slot is required unless the condition says otherwise: a person must be there."""

IDENTIFICATION_TITLES: dict[Identification, Title] = {
    Identification.PASSPORT: Title("Identity document", "Документ"),
    Identification.FACE: Title("Face", "Лицо"),
    Identification.FACE_AND_PASSPORT: Title("Face and identity document", "Лицо и документ"),
    Identification.SKIP: Title("No identification", "Без идентификации"),
}


class Source(str, Enum):
    """Where a warning comes from."""

    CAMERA = "camera"
    MICROPHONE = "microphone"
    BROWSER = "browser"
    DETECTOR = "detector"
    """An object detector or a process list, which an institution may bring."""
    JUDGEMENT = "judgement"
    """A proctor, or the sum of the score."""


@dataclass(frozen=True)
class ProctoringWarning:
    """A sign that something happened: evidence for a person to judge, never a verdict."""

    key: str
    title: Title
    source: Source
    technical: bool = False
    """A fault of equipment or network: shown, never scored."""
    shown_by_default: bool = True
    """Whether the student sees it unless the condition says otherwise."""


@dataclass(frozen=True)
class Rule:
    """Something that the teacher may allow; `silences` are the warnings that then mean nothing."""

    key: str
    default: bool
    title: Title
    silences: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScoringKey:
    """A weight (0 to 10) that a warning adds to the score, or the threshold (0 to 100) it is held against."""

    key: str
    minimum: int
    maximum: int
    default: int | None
    title: Title
    weighs: tuple[str, ...] = ()


WARNINGS: tuple[ProctoringWarning, ...] = (
    ProctoringWarning(
        "warning_extra_user_in_frame", Title("Another person in the picture", "Посторонний в кадре"), Source.CAMERA
    ),
    ProctoringWarning("warning_substitution_user", Title("A different person", "Подмена участника"), Source.CAMERA),
    ProctoringWarning("warning_no_user_in_frame", Title("Nobody in the picture", "Никого нет в кадре"), Source.CAMERA),
    ProctoringWarning("warning_avert_eyes", Title("Looking away", "Взгляд в сторону"), Source.CAMERA),
    ProctoringWarning(
        "warning_timeout", Title("No connection for a long time", "Долго нет связи"), Source.BROWSER, technical=True
    ),
    ProctoringWarning(
        "warning_change_active_window_on_computer",
        Title("Another window was active", "Смена активного окна"),
        Source.BROWSER,
    ),
    ProctoringWarning("warning_talk", Title("Talking", "Разговор"), Source.MICROPHONE),
    ProctoringWarning(
        "warning_forbidden_software", Title("Forbidden software", "Запрещённая программа"), Source.DETECTOR
    ),
    ProctoringWarning("warning_forbidden_device", Title("Forbidden device", "Запрещённое устройство"), Source.DETECTOR),
    ProctoringWarning("warning_voice_detected", Title("Voice heard", "Слышен голос"), Source.MICROPHONE),
    ProctoringWarning("warning_extra_display", Title("Additional display", "Дополнительный экран"), Source.BROWSER),
    ProctoringWarning("warning_books", Title("Books or notes", "Книги или конспекты"), Source.DETECTOR),
    ProctoringWarning(
        "warning_cheater",
        Title("Signs add up to a likely violation", "Совокупность признаков нарушения"),
        Source.JUDGEMENT,
    ),
    ProctoringWarning(
        "warning_mic_muted", Title("Microphone muted", "Микрофон выключен"), Source.MICROPHONE, technical=True
    ),
    ProctoringWarning(
        "warning_mic_no_sound",
        Title("No sound from the microphone", "Нет звука с микрофона"),
        Source.MICROPHONE,
        technical=True,
    ),
    ProctoringWarning(
        "warning_mic_no_device_connected",
        Title("No microphone connected", "Микрофон не подключён"),
        Source.BROWSER,
        technical=True,
    ),
    ProctoringWarning(
        "warning_camera_no_picture",
        Title("No picture from the camera", "Нет изображения с камеры"),
        Source.CAMERA,
        technical=True,
    ),
    ProctoringWarning(
        "warning_camera_no_device_connected",
        Title("No camera connected", "Камера не подключена"),
        Source.BROWSER,
        technical=True,
    ),
    ProctoringWarning("warning_nonverbal", Title("Signs to somebody else", "Невербальное общение"), Source.JUDGEMENT),
    ProctoringWarning("warning_phone", Title("Phone in use", "Использование телефона"), Source.DETECTOR),
    ProctoringWarning("warning_phone_screen", Title("Phone screen visible", "Виден экран телефона"), Source.DETECTOR),
    ProctoringWarning("warning_no_ping", Title("Connection lost", "Потеря связи"), Source.BROWSER, technical=True),
    ProctoringWarning(
        "warning_desktop_request_pending",
        Title("Screen is not shared", "Экран не показан"),
        Source.BROWSER,
        technical=True,
    ),
)

RULES: tuple[Rule, ...] = (
    Rule(
        "allow_to_use_websites",
        False,
        Title("Websites may be used", "Можно пользоваться сайтами"),
        ("warning_change_active_window_on_computer",),
    ),
    Rule("allow_to_use_books", False, Title("Books may be used", "Можно пользоваться книгами"), ("warning_books",)),
    Rule("allow_to_use_paper", True, Title("Scratch paper may be used", "Можно пользоваться черновиком")),
    Rule("allow_to_use_messengers", False, Title("Messengers may be used", "Можно пользоваться мессенджерами")),
    Rule("allow_to_use_calculator", True, Title("A calculator may be used", "Можно пользоваться калькулятором")),
    Rule("allow_to_use_excel", False, Title("Spreadsheets may be used", "Можно пользоваться таблицами")),
    Rule(
        "allow_to_use_human_assistant",
        False,
        Title("Another person may help", "Можно пользоваться помощью человека"),
        ("warning_extra_user_in_frame",),
    ),
    Rule(
        "allow_absence_in_frame",
        False,
        Title("The student may leave the picture", "Можно выходить из кадра"),
        ("warning_no_user_in_frame",),
    ),
    Rule(
        "allow_voices",
        False,
        Title("Voices are allowed", "Допустимы голоса"),
        ("warning_voice_detected", "warning_talk"),
    ),
    Rule(
        "allow_wrong_gaze_direction",
        False,
        Title("The student may look away", "Можно смотреть в сторону"),
        ("warning_avert_eyes",),
    ),
)

SCORING: tuple[ScoringKey, ...] = (
    ScoringKey(
        "cheater_level", 0, 100, None, Title("Score from which a violation is proposed", "Порог оценки нарушения")
    ),
    ScoringKey("extra_user", 0, 10, None, Title("Another person", "Посторонний"), ("warning_extra_user_in_frame",)),
    ScoringKey(
        "user_replaced", 0, 10, None, Title("A different person", "Подмена участника"), ("warning_substitution_user",)
    ),
    ScoringKey(
        "absent_user", 0, 10, None, Title("Nobody in the picture", "Отсутствие в кадре"), ("warning_no_user_in_frame",)
    ),
    ScoringKey("look_away", 0, 10, None, Title("Looking away", "Взгляд в сторону"), ("warning_avert_eyes",)),
    ScoringKey(
        "active_window_changed",
        0,
        10,
        None,
        Title("Another window", "Смена активного окна"),
        ("warning_change_active_window_on_computer",),
    ),
    ScoringKey(
        "forbidden_device",
        0,
        10,
        None,
        Title("Forbidden device", "Запрещённое устройство"),
        ("warning_forbidden_device",),
    ),
    ScoringKey("voice", 0, 10, None, Title("Voice", "Голос"), ("warning_voice_detected", "warning_talk")),
    ScoringKey("phone", 0, 10, None, Title("Phone", "Телефон"), ("warning_phone", "warning_phone_screen")),
)
CHEATER_LEVEL = "cheater_level"
"""The one scoring key that is a threshold, not a weight."""

BROWSER_SIGNS: dict[str, str] = {
    "window_left": "warning_change_active_window_on_computer",
    "more_screens": "warning_extra_display",
    "screen_not_shared": "warning_desktop_request_pending",
    "camera_gone": "warning_camera_no_device_connected",
    "camera_muted": "warning_camera_no_picture",
    "camera_is_program": "warning_forbidden_software",
    "microphone_gone": "warning_mic_no_device_connected",
    "microphone_muted": "warning_mic_muted",
    "offline": "warning_no_ping",
    "offline_long": "warning_timeout",
}
"""What a candidate's browser can see by itself, and the warning that it is: a browser may report no other."""

WARNING_KEYS: tuple[str, ...] = tuple(warning.key for warning in WARNINGS)
RULE_KEYS: tuple[str, ...] = tuple(rule.key for rule in RULES)
SCORING_KEYS: tuple[str, ...] = tuple(scoring.key for scoring in SCORING)

FieldType = Literal["int", "str", "bool", "map_of_bool", "map_of_int", "list_of_int"]


@dataclass(frozen=True)
class ConditionField:
    """One key of the condition's node in `course_modules.availability`.

    Stored values come in the browser form's typing too (`"60"`, `["3"]`, `[]` for an empty map): readers accept both.
    `default` is what an absent key means; None for `scheduling_required` means "as the mode says".
    """

    key: str
    type: FieldType
    default: int | str | bool | None
    nullable: bool
    title: Title


CONDITION_TYPE = "examus"
CUSTOM_RULES_LENGTH = 5000
"""Characters of free text that the form takes."""
DURATION_STEP_MINUTES = 30

CONDITION_FIELDS: tuple[ConditionField, ...] = (
    ConditionField(
        "duration",
        "int",
        60,
        False,
        Title("Duration in minutes, a multiple of 30", "Длительность в минутах, кратно 30"),
    ),
    ConditionField("mode", "str", Mode.NORMAL.value, False, Title("Proctoring mode", "Режим прокторинга")),
    ConditionField(
        "scheduling_required", "bool", None, True, Title("A time slot must be booked", "Требуется запись в расписание")
    ),
    ConditionField(
        "auto_rescheduling",
        "bool",
        False,
        False,
        Title("Reset automatically after a missed slot", "Сбрасывать пропущенную запись"),
    ),
    ConditionField("rules", "map_of_bool", None, True, Title("Rules", "Правила")),
    ConditionField(
        "warnings", "map_of_bool", None, True, Title("Warnings shown to the student", "Видимые студенту предупреждения")
    ),
    ConditionField("scoring", "map_of_int", None, True, Title("Scoring", "Оценка нарушений")),
    ConditionField("groups", "list_of_int", None, True, Title("Only for these groups", "Только для этих групп")),
    ConditionField("istrial", "bool", False, False, Title("Practice exam", "Пробный экзамен")),
    ConditionField("identification", "str", None, True, Title("Identification", "Идентификация")),
    ConditionField("noprotection", "bool", False, False, Title("Do not shade the questions", "Не закрывать вопросы")),
    ConditionField(
        "useragreementurl", "str", None, True, Title("Address of the user agreement", "Ссылка на соглашение")
    ),
    ConditionField("auxiliarycamera", "bool", False, False, Title("Second camera (phone)", "Вторая камера (телефон)")),
    ConditionField("customrules", "str", None, True, Title("Further rules, as text", "Дополнительные правила")),
    ConditionField(
        "wayin", "str", None, True, Title("Way in, empty for the site's", "Способ входа, пусто — как на сайте")
    ),
)
