"""The rules of evidence: which sign makes an incident of which of the plugin's warnings."""

from __future__ import annotations

from dataclasses import dataclass

from contract.condition import WARNINGS


@dataclass(frozen=True, slots=True)
class EvidenceRule:
    """`scores` is False where the evidence is too weak to count against a student, whatever the warning's weight."""

    name: str
    warning: str
    reads: str
    scores: bool = True


RULES: dict[str, EvidenceRule] = {
    rule.name: rule
    for rule in (
        EvidenceRule("absent", "warning_no_user_in_frame", "a clear picture of the place without a face"),
        EvidenceRule("extra_person", "warning_extra_user_in_frame", "more than one face"),
        EvidenceRule("other_person", "warning_substitution_user", "the candidate's place taken by another face"),
        EvidenceRule(
            "still_photograph",
            "warning_substitution_user",
            "a face that does not live; the passive measure knows too little to be scored",
            scores=False,
        ),
        EvidenceRule("looking_away", "warning_avert_eyes", "head and eyes turned from their usual direction"),
        EvidenceRule("eyes_closed", "warning_avert_eyes", "eyes shut for longer than a blink"),
        EvidenceRule("mouth_and_voice", "warning_talk", "the mouth moves while a voice is heard"),
        EvidenceRule("mouth", "warning_talk", "the mouth moves as in speech, and no microphone tells otherwise"),
        EvidenceRule("voice", "warning_voice_detected", "a voice while the candidate's mouth is still or unseen"),
        EvidenceRule("camera_covered", "warning_camera_no_picture", "an even picture, as of a covered lens"),
        EvidenceRule("camera_dark", "warning_camera_no_picture", "too dark to see anybody"),
        EvidenceRule("camera_frozen", "warning_camera_no_picture", "the same picture again and again"),
        EvidenceRule("microphone_muted", "warning_mic_muted", "digital silence"),
        EvidenceRule("microphone_silent", "warning_mic_no_sound", "a level below any room's"),
        EvidenceRule("connection_gap", "warning_no_ping", "no frame for a long time"),
    )
}

REPORTED = "reported"
"""The rule of an incident that somebody else saw: the browser, a proctor, an object detector."""
SUM_OF_SIGNS = "sum_of_signs"
"""The rule of `warning_cheater`: the score passed the condition's `cheater_level`."""

_TECHNICAL = frozenset(warning.key for warning in WARNINGS if warning.technical)


def is_scored(warning: str, rule: str) -> bool:
    """Whether an incident may raise the score. Technical faults never do."""
    return warning not in _TECHNICAL and (rule not in RULES or RULES[rule].scores)
