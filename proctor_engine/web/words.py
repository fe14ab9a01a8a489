"""Texts that scripts show, in the language of the request."""

from __future__ import annotations

from collections.abc import Mapping

from contract.condition import WARNINGS
from contract.entry import STATUS_TITLES, Status
from proctor_engine.scoring import Term
from proctor_engine.store import notices
from proctor_engine.store.model import Decision, Message, State
from proctor_engine.store.notices import Notice
from proctor_engine.tasks.identify import Reason
from proctor_engine.web.language import current
from proctor_engine.web.language import gettext as _

IDENTITIES = ("same", "different", "unsure", "skipped", "person")


def room() -> dict[str, str]:
    """For the room and the panel. A word with a browser's name stands behind the plain one there."""
    return {
        **{warning.key: warning.title.in_language(current()) for warning in WARNINGS},
        **_checks(),
        **_identification(),
        "status_watching": _("Camera and connection work"),
        "status_offline": _("No network. Go on writing; it is sent later."),
        "status_paused": _("Paused by the proctor. Please wait."),
        "status_no_camera": _("No picture from your camera. Is it plugged in and not used by another program?"),
        "status_no_phone": _("Your phone sends no picture. Is it awake, and its page open?"),
        "status_elsewhere": _("This exam is open elsewhere"),
        "status_prepare": _("Not prepared yet"),
        "status_over": _("Over. Camera and microphone are off."),
        "status_sending": _("Sending the last pictures. Please leave this page open."),
    }


def phone() -> dict[str, str]:
    """For the phone that is the second camera."""
    return {
        "watching": _("Watching. Leave this page open and the phone where it is."),
        "waiting": _("Ready. Go on at the computer; leave this page open."),
        "offline": _("No network. It goes on by itself."),
        "denied": _("The browser does not let us see the camera. Allow it in the browser's settings, then reload."),
        "old": _("This link is old. Take the new one from the computer's screen."),
        "over": _("The exam is over. The camera is off; you may close this page."),
    }


def notice(message: Message) -> str:
    """A notice in the reader's language, with what it concerns."""
    kind, detail = notices.read(message)
    text = {
        Notice.RELOADED: _("The exam's page was opened again in the same browser"),
        Notice.TAKEN_OVER: _("Another browser took the exam over"),
        Notice.PHONE_JOINED: _("The phone joined as the second camera"),
        Notice.PHONE_COVERED: _("The phone's picture is even, as of a covered lens"),
        Notice.PHONE_FROZEN: _("The phone sends the same picture again and again"),
        Notice.PHONE_CLEAR: _("The phone's picture is clear again"),
        Notice.PHONE_AWAY: _("The phone sent nothing; seconds"),
        Notice.COPIED: _("Text was copied from the exam"),
        Notice.CUT: _("Text was cut from an answer"),
        Notice.PASTED: _("Text was pasted into an answer"),
        Notice.PRINTED: _("The exam's page was printed"),
        Notice.LEFT_FULL_SCREEN: _("The full screen was left"),
        Notice.CAMERA_CHANGED: _("The camera was changed"),
        Notice.MICROPHONE_CHANGED: _("The microphone was changed"),
        Notice.ASLEEP: _("The computer slept or the page stood still; seconds"),
        Notice.ANALYSIS_RENEWED: _("The service was updated; the analysis learnt face and room anew"),
        Notice.CANNOT_TELL: _("This browser does not tell"),
    }[kind]
    about = {
        "screens": _("how many screens there are"),
        "screen_share": _("whether the screen is shared"),
        "full_screen": _("whether the page fills the screen"),
    }.get(detail, detail)
    return f"{text}: {about}" if about else text


def review() -> dict[str, str]:
    """For the review page."""
    return {
        **{status.value: title.in_language(current()) for status, title in STATUS_TITLES.items()},
        "timeline": _("Timeline"),
        "notices": _("Also noticed"),
        "marked_by": _("marked by {}"),
        "track_faces": _("Faces"),
        "track_yaw": _("Head to the side"),
        "track_gaze": _("Eyes to the side"),
        "track_voice": _("Voice"),
        "track_focus": _("Exam in front"),
        **{f"identity_{value}": identity(value) for value in IDENTITIES},
        "delivery_pending": _("on its way"),
        "delivery_delivered": _("has the review"),
        "delivery_failed": _("refused the review"),
        **{f"frames_{key}": text for key, text in _faults().items()},
        "decision_undecided": "",
        "decision_confirmed": _("confirmed"),
        "decision_dismissed": _("dismissed"),
        "do_confirmed": _("Confirm"),
        "do_dismissed": _("Dismiss"),
        "unscored": _("not scored"),
        "no_picture": _("no picture was kept"),
        "picture_at": _("Picture at"),
        "play": _("Play"),
        "stop": _("Stop"),
        "concluded": _("Concluded. Moodle gets it now."),
        "lost": _("No answer. Check your connection and try again."),
        "second_needed": _("Stored. A second reviewer must conclude too."),
    }


def state(value: State) -> str:
    return {
        State.PREPARED: _("preparing"),
        State.IDENTIFIED: _("ready"),
        State.RUNNING: _("running"),
        State.PAUSED: _("paused"),
        State.FINISHED: _("finished"),
        State.PROPOSED: _("waits for review"),
        State.CONCLUDED: _("concluded"),
    }[value]


def conclusion(value: str | None) -> str:
    """A proposed or a final one; Moodle knows it by its English name."""
    return STATUS_TITLES[Status(value)].in_language(current()) if value else "–"


def term(value: Term) -> str:
    """How the points of one scoring key come about."""
    text = _("weight {:g} × ({:g} incidents × {:g} + {:g} s × {:g} a minute)")
    return text.format(value.weight, value.incidents, value.per_incident, value.seconds, value.per_minute)


def faults(frames: Mapping[str, int]) -> str:
    """What was not analysed, what never came and what came too late; empty where nothing is."""
    return " · ".join(f"{text}: {frames[key]}" for key, text in _faults().items() if frames[key])


def _faults() -> dict[str, str]:
    return {
        "shed": _("Frames not analysed under load"),
        "missing": _("Uploads that never came"),
        "late": _("Uploads that came too late"),
    }


def identity(value: str | None) -> str:
    """What came of the comparison before the exam."""
    return {
        "same": _("confirmed"),
        "different": _("pictures differ: please compare"),
        "unsure": _("please compare"),
        "skipped": _("not asked for"),
        "person": _("confirmed by a person"),
    }.get(value or "", "–")


def decision(value: str) -> str:
    """What a person made of an incident."""
    return {
        Decision.UNDECIDED: "–",
        Decision.CONFIRMED: _("confirmed"),
        Decision.DISMISSED: _("dismissed"),
    }[Decision(value)]


def wall() -> dict[str, str]:
    """For the wall and the view of one candidate."""
    return {
        **{warning.key: warning.title.in_language(current()) for warning in WARNINGS},
        **{f"state_{value.value}": state(value) for value in State},
        "offline": _("no sign of life"),
        "compare": _("compare pictures"),
        "asks": _("has written"),
        "count": _("{} candidates"),
        "with_sign": _("with a sign now: {}"),
        "asking": _("waiting for an answer: {}"),
        "lost": _("No connection. What you see may be old; we keep trying."),
        "phone_off": "",
        "phone_waiting": _("no phone yet"),
        "phone_good": _("phone works"),
        "phone_away": _("phone away"),
        "score": _("Score"),
    }


def _checks() -> dict[str, str]:
    return {
        "asking": _("Your browser asks for it: choose “Allow”."),
        "after_camera": _("once there is a picture"),
        "camera_good": _("works"),
        "camera_denied": _("The browser does not let us see it."),
        "camera_denied_chromium": _("Click the camera icon in the address bar, choose “Allow”, then “Try again”."),
        "camera_denied_firefox": _(
            "Click the crossed-out camera in the address bar, remove the block, then “Try again”."
        ),
        "camera_denied_safari": _(
            "Safari menu, “Settings for” this website (on an iPad: page menu in the address bar, “Website Settings”), "
            "Camera: Allow. Then “Try again”."
        ),
        "camera_missing": _("None was found. Plug one in; if it is there, try another socket."),
        "camera_busy": _("Another program uses it. Close video calls and other tabs; we keep trying."),
        "microphone_good": _("works"),
        "microphone_quiet": _("works, but nothing was heard yet: say a word"),
        "microphone_still": _("allowed, but no sound comes: plug in headphones or speakers; it counts for nothing"),
        "microphone_denied": _("The browser does not let us hear it."),
        "microphone_denied_chromium": _(
            "Click the microphone icon in the address bar, choose “Allow”, then “Try again”."
        ),
        "microphone_denied_firefox": _(
            "Click the crossed-out microphone in the address bar, remove the block, then “Try again”."
        ),
        "microphone_denied_safari": _(
            "Safari menu, “Settings for” this website (on an iPad: page menu in the address bar, “Website Settings”), "
            "Microphone: Allow. Then “Try again”."
        ),
        "microphone_missing": _("None was found. Plug one in; a headset will do."),
        "microphone_busy": _("Another program uses it. Close video calls and other tabs; we keep trying."),
        "light_good": _("bright enough"),
        "light_dark": _("Too dark. Switch on a lamp in front of you, not behind you."),
        "face_good": _("found and in the middle"),
        "face_none": _("Not found. Look at the camera, take off a cap, have light in front of you."),
        "face_several": _("More than one. You should be alone in the picture, posters included."),
        "face_aside": _("Move to the middle of the picture, at arm's length."),
        "network_good": _("works"),
        "network_slow": _("Slow. Close downloads and video; a cable helps."),
        "network_none": _("No answer. Check your connection; we keep trying."),
        "screen_good": _("one"),
        "screen_extra": _("More than one. Unplug the others, or switch to one in the display settings."),
        "screen_unknown": _("This browser does not tell how many there are. Use one only; it counts for nothing."),
        "phone_waiting": _("Scan the code with your phone."),
        "phone_good": _("works"),
        "phone_away": _("No picture comes. Wake it up and open its page again."),
    }


def _identification() -> dict[str, str]:
    reasons = {
        Reason.NO_FACE: _("No face was found. Look straight at the camera, nothing before your face, light in front."),
        Reason.DARK: _("It is too dark. Switch on a lamp in front of you and try again."),
        Reason.TURNED: _("Your head is turned to the side. Look straight at the camera and try again."),
        Reason.COVERED: _(
            "Part of your face cannot be seen. Take hand, mask, cap or hair away, hold your head upright, try again."
        ),
        Reason.SEVERAL_FACES: _("There is more than one face in the picture. Be alone, turn posters away."),
        Reason.DIFFERENT: _("The pictures do not look alike. Take off glasses or a cap, look straight, try again."),
        Reason.UNSURE: _("The pictures are alike, but not enough to be sure. Look straight, better light, try again."),
        Reason.NO_PICTURE: _("You have no profile picture in Moodle to compare with. A person will look at it."),
        Reason.PICTURE_UNUSABLE: _("Your profile picture in Moodle shows no clear face. A person will look at it."),
    }
    return {
        **{f"reason_{reason.value}": text for reason, text in reasons.items()},
        "face_title": _("Show your face"),
        "face_text": _("Look straight at the camera. It is compared with your profile picture in Moodle."),
        "document_title": _("Show your document"),
        "document_text": _("Hold it so that photo and name fill the picture. A person looks at it; cover numbers."),
        "looking": _("One moment…"),
        "no_answer": _("No answer. Check your connection and try again."),
    }
