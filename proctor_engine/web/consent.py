"""What a candidate agrees to, in words: made from the settings and the exam, and kept as it was shown."""

from __future__ import annotations

from dataclasses import dataclass

from contract.condition import Identification
from contract.panel import WayIn
from proctor_engine.lms.models import Exam
from proctor_engine.settings import Settings
from proctor_engine.web.language import gettext as _


@dataclass(frozen=True)
class ConsentText:
    """`purposes` are keys for the record; `lines` are the sentences that the candidate reads."""

    purposes: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def consent_text(exam: Exam, settings: Settings) -> ConsentText:
    """In the language of the present request."""
    purposes = ["watching"]
    lines = [
        _("While the exam runs, pictures from your camera and sound from your microphone are sent to this service."),
        _("A program looks for signs such as an empty seat or a second person. It never decides: a person does."),
    ]
    if exam.identification is not Identification.SKIP:
        purposes.append("identification")
        lines.append(
            _(
                "Your face is compared with your profile picture, or with one of an earlier exam that a person has "
                "confirmed, to make sure that it is you."
            )
        )
    if exam.identification in {Identification.PASSPORT, Identification.FACE_AND_PASSPORT}:
        lines.append(_("You show an identity document to the camera; a person looks at it."))
    if exam.auxiliary_camera:
        lines.append(_("Your phone is the second camera. It asks for your consent itself before it sends anything."))
    shared = settings.screen_share and settings.way is WayIn.FRAME
    if shared and settings.screen_interval:
        purposes.append("screen")
        lines.append(
            _("You share your screen; a picture of it is taken every %(seconds)d seconds and kept.")
            % {"seconds": settings.screen_interval}
        )
    elif shared:
        lines.append(_("You share your screen. Only that it is shared is noted; no picture of it is taken."))
    if settings.keep_frames:
        lines.append(_("All pictures are kept."))
    else:
        lines.append(_("Only pictures that show a sign are kept; the others are deleted within a minute."))
    lines.append(_("Sound is searched for voices, never for what is said, and deleted within a minute."))
    lines.append(
        _(
            "Noted as well: when you leave the exam's window, how many screens there are, changed or missing devices, "
            "a lost network, that text was copied, pasted or printed but never what, what you and a proctor write."
        )
    )
    lines.append(
        _("Pictures are deleted after %(evidence)d days, the record of the exam after %(record)d days.")
        % {"evidence": settings.retention.evidence_days, "record": settings.retention.record_days}
    )
    lines.append(_("Your course's proctors and reviewers see them, and your teachers see the result."))
    lines += [_("%(name)s processes them for us.") % {"name": name} for name in settings.processors]
    if settings.contact:
        lines.append(_("Questions, access and erasure: %(contact)s") % {"contact": settings.contact})
    return ConsentText(tuple(purposes), tuple(lines))


def phone_text(settings: Settings) -> tuple[str, ...]:
    """What a phone that joins as the second camera records."""
    return (
        _("While the exam runs, this phone takes a picture every %(seconds)d seconds and sends it. It takes no sound.")
        % {"seconds": settings.phone_interval},
        _("A person may look at the pictures; a program only checks that the lens is free."),
        _("The pictures are deleted after %(days)d days.") % {"days": settings.retention.evidence_days},
    )
