"""Keeps watch over one session: measurements and reports in, incidents out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from contract.condition import WARNING_KEYS
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import Configuration, Hysteresis
from proctor_engine.incidents import faces, gaze, picture, sound
from proctor_engine.incidents.incident import BrowserEvent, Incident
from proctor_engine.incidents.log import Log
from proctor_engine.incidents.recognition import Recognition
from proctor_engine.incidents.rules import REPORTED, RULES, SUM_OF_SIGNS
from proctor_engine.incidents.sign import Sign
from proctor_engine.incidents.talking import Conversation
from proctor_engine.incidents.tracker import Interval, Tracker
from proctor_engine.measurements import AudioMeasurement, FrameMeasurement

GAP = "connection_gap"


class Watch:
    """Obeys the condition: what it allows is no incident. Frames and sound must each come in the order of time."""

    def __init__(self, configuration: Configuration, condition: ExamCondition) -> None:
        self._signs = configuration.signs
        self._paper_allowed = condition.allows("allow_to_use_paper")
        settings = configuration.incidents
        self._silenced = frozenset(warning for warning in WARNING_KEYS if condition.silences(warning))
        self._trackers = {
            rule.name: Tracker(rule.name, _hysteresis(configuration, rule.name), settings)
            for rule in RULES.values()
            if rule.warning not in self._silenced and rule.name != GAP
        }
        self._log = Log(settings.merges_within)
        self._recognition = Recognition(self._signs.gaze)
        self._conversation = Conversation(self._signs.mouth, self._signs.sound)
        self._reports: dict[tuple[str, float], BrowserEvent] = {}
        self._seen_until: float | None = None
        self._heard_until: float | None = None

    def is_new(self, time: float) -> bool:
        """Whether a frame of this time is later than all before. Older ones, sent again, would change nothing."""
        return self._seen_until is None or time > self._seen_until

    def see(self, frame: FrameMeasurement) -> list[Incident]:
        """The incidents that this frame opened, closed or changed."""
        if not self.is_new(frame.time):
            return []
        intervals = self._gap_before(frame.time)
        self._seen_until = frame.time
        other_person, candidate = self._recognition.look(frame)
        if frame.quality.dark:
            candidate = None  # a face may be found by so little light, its eyes may not
        signs: dict[str, Sign | None] = {
            "absent": faces.absent(frame),
            "extra_person": faces.extra_person(frame),
            "other_person": other_person,
            "still_photograph": faces.still_photograph(frame, self._signs.liveness),
            "looking_away": gaze.looking_away(candidate, self._signs.gaze, paper_allowed=self._paper_allowed),
            "eyes_closed": gaze.eyes_closed(candidate, self._signs.gaze),
            **picture.lost_picture(frame, self._signs.picture),
        }
        intervals += self._track(frame.time, signs)
        for time, speech in self._conversation.see(frame):
            intervals += self._track(time, speech)
        return self._record(intervals)

    def hear(self, block: AudioMeasurement) -> list[Incident]:
        """The incidents that this sound opened, closed or changed."""
        if self._heard_until is not None and block.time < self._heard_until:
            return []
        self._heard_until = block.time + block.duration
        intervals = self._track(self._heard_until, sound.lost_sound(block, self._signs.sound))
        for time, speech in self._conversation.hear(block):
            intervals += self._track(time, speech)
        return self._record(intervals)

    def note(self, event: BrowserEvent) -> list[Incident]:
        """Takes a report. Raises ValueError for a type that is none of the plugin's warnings."""
        if event.type not in WARNING_KEYS:
            raise ValueError(f"{event.type} is not one of the plugin's warnings")
        if event.type in self._silenced:
            return []
        if event.end is None:
            self._reports[event.type, event.start] = event
        else:
            began = self._reports.pop((event.type, event.start), event)
            event = BrowserEvent(event.type, event.start, event.end, event.detail or began.detail)
        return self._record_as(event.type, [_reported(event)])

    def end_reports(self, time: float, types: Collection[str] = WARNING_KEYS) -> list[Incident]:
        """Closes what was reported to begin and not to end: whoever reported it cannot any more."""
        begun = [event for event in self._reports.values() if event.type in types]
        return [
            incident
            for event in begun
            for incident in self.note(BrowserEvent(event.type, event.start, max(event.start, time), event.detail))
        ]

    def finish(self, time: float | None) -> list[Incident]:
        """Closes what is open, at `time` or at the last moment known of."""
        known = [moment for moment in (self._seen_until, self._heard_until) if moment is not None]
        end = time if time is not None else max(known, default=0.0)
        intervals = [
            interval for moment, speech in self._conversation.finish() for interval in self._track(moment, speech)
        ]
        for tracker in self._trackers.values():
            intervals += tracker.finish(end)
        return self._record(intervals) + self.end_reports(end)

    def incidents(self) -> list[Incident]:
        """All so far, in the order of their start."""
        return self._log.incidents()

    def _track(self, time: float, signs: Mapping[str, Sign | None]) -> list[Interval]:
        return [
            interval
            for rule, sign in signs.items()
            if rule in self._trackers and sign is not None
            for interval in self._trackers[rule].update(time, sign)
        ]

    def _gap_before(self, time: float) -> list[Interval]:
        last = self._seen_until
        if last is None or time - last < self._signs.connection.gap or RULES[GAP].warning in self._silenced:
            return []
        return [Interval(GAP, round(last, 3), round(time, 3), open=False, confidence=1.0, evidence=(last, time))]

    def _record(self, intervals: Iterable[Interval]) -> list[Incident]:
        changed: dict[int, Incident] = {}
        for interval in intervals:
            for incident in self._record_as(RULES[interval.rule].warning, [interval]):
                changed[incident.number] = incident
        return list(changed.values())

    def _record_as(self, warning: str, intervals: Iterable[Interval]) -> list[Incident]:
        recorded = (self._log.record(warning, interval) for interval in intervals)
        return [incident for incident in recorded if incident is not None]

    def know(self, found: Iterable[Incident]) -> None:
        """Goes on behind incidents of an earlier watch, of which no more is left."""
        self._log.know(incident for incident in found if incident.rule != SUM_OF_SIGNS)

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "trackers": {rule: tracker.state() for rule, tracker in self._trackers.items()},
            "log": self._log.state(),
            "recognition": self._recognition.state(),
            "conversation": self._conversation.state(),
            "reports": [[event.type, event.start, event.detail] for event in self._reports.values()],
            "until": [self._seen_until, self._heard_until],
        }

    @classmethod
    def restore(cls, configuration: Configuration, condition: ExamCondition, state: dict[str, Any]) -> Watch:
        """Goes on from `state()`, under the same configuration and condition."""
        watch = cls(configuration, condition)
        for rule, tracker in watch._trackers.items():
            tracker.restore(state["trackers"][rule])
        watch._log.restore(state["log"])
        watch._recognition.restore(state["recognition"])
        watch._conversation.restore(state["conversation"])
        watch._reports = {
            (kind, start): BrowserEvent(kind, start, None, detail) for kind, start, detail in state["reports"]
        }
        watch._seen_until, watch._heard_until = state["until"]
        return watch


def _hysteresis(configuration: Configuration, rule: str) -> Hysteresis:
    settings = getattr(configuration.incidents, rule)
    assert isinstance(settings, Hysteresis)  # noqa: S101  # narrows the type; a missing rule fails above
    return settings


def _reported(event: BrowserEvent) -> Interval:
    end = event.start if event.end is None else event.end
    return Interval(REPORTED, event.start, max(event.start, end), event.end is None, 1.0, (event.start,), event.detail)
