"""The report's own words, in each language of the plugin."""

from __future__ import annotations

from contract.titles import Language, Title

_WORDS: dict[str, Title] = {
    "heading": Title("What the engine saw", "Что увидел прокторинг"),
    "advice": Title(
        "This is evidence for a person to judge, never a verdict. A sign can have an innocent reason.",
        "Это свидетельства для человека, а не приговор. У признака может быть невинная причина.",
    ),
    "conclusion": Title("Proposed conclusion", "Предлагаемое заключение"),
    "score": Title("Score", "Оценка"),
    "of": Title("of 100", "из 100"),
    "duration": Title("Duration", "Длительность"),
    "frames": Title("Frames analysed", "Кадров проанализировано"),
    "damaged": Title("Damaged and left out", "Повреждено и пропущено"),
    "timeline": Title("Timeline", "Шкала времени"),
    "plots": Title("Measurements", "Измерения"),
    "plots_note": Title(
        "Dashed: where a sign begins to count.",
        "Пунктир: с этого значения признак учитывается.",
    ),
    "distance": Title("Distance to the candidate's face", "Расстояние до лица участника"),
    "turn": Title("Head turned aside, degrees", "Поворот головы, градусы"),
    "light": Title("Light, 0 to 255", "Освещённость, от 0 до 255"),
    "level": Title("Sound level, dBFS", "Уровень звука, dBFS"),
    "voice": Title("Speech, probability", "Речь, вероятность"),
    "scored": Title("counts towards the score", "учитывается в оценке"),
    "unscored": Title("technical or too weak to count", "техническое или слишком слабое"),
    "incidents": Title("Incidents", "События"),
    "none": Title("No incident was found.", "Событий не найдено."),
    "type": Title("What", "Что"),
    "time": Title("When", "Когда"),
    "confidence": Title("Confidence", "Уверенность"),
    "evidence": Title("Evidence", "Кадры"),
    "terms": Title("How the score came about", "Из чего сложилась оценка"),
    "no_terms": Title("Nothing counted towards the score.", "Ничто не повлияло на оценку."),
    "weight": Title("Weight", "Вес"),
    "count": Title("Incidents, by confidence", "Событий с учётом уверенности"),
    "seconds": Title("Seconds, by confidence", "Секунд с учётом уверенности"),
    "points": Title("Points", "Баллы"),
    "formula": Title(
        "points = weight × (incidents × points per incident + minutes × points per minute), at most 100 a line",
        "баллы = вес × (события × баллы за событие + минуты × баллы за минуту), не более 100 в строке",
    ),
    "thresholds": Title(
        "Suspicious from {attention}, violation proposed from {rejected}.",
        "Подозрительно от {attention}, нарушение предлагается от {rejected}.",
    ),
    "coverage": Title("What could be watched", "Что удалось наблюдать"),
    "picture": Title("frames with a usable picture", "кадров с пригодным изображением"),
    "face": Title("frames with a face", "кадров с лицом"),
    "recognised": Title("frames with the candidate recognised", "кадров, где участник узнан"),
    "sound": Title("of the sound not muted", "звука не заглушено"),
}


def words(language: Language) -> dict[str, str]:
    return {key: title.in_language(language) for key, title in _WORDS.items()}
