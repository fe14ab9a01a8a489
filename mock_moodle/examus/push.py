"""Events that the successor posts to the service, so that the service need not poll.

They are queued with the change that they tell of, so a change that is rolled back is never told, and delivered by a
thread of the site, as Moodle's cron delivers its tasks: no page waits. `contract.push` has the protocol.
"""

from __future__ import annotations

import hmac
import json
import threading
import uuid
from hashlib import sha256
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from contract import push
from contract.wire import COMPONENT
from mock_moodle.examus import keyring, settings
from mock_moodle.examus.models import Entry, QueuedEvent
from mock_moodle.site import Site, current
from mock_moodle.store.core import LogEvent, User

PASSING_REFUSALS = frozenset({408, 409, 425, 429})
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 60, 3600
SECONDS_BETWEEN_LOOKS = 5.0


def is_on() -> bool:
    if not current.enabled("pushenabled", COMPONENT) or not settings.engine_url():
        return False
    return bool(keyring.read_keys(keyring.PUSH))


def tell_entry(type_: push.PushEvent, entry: Entry) -> None:
    if not is_on():
        return
    user = current.session.get(User, entry.userid)
    values = (
        entry.accesscode, entry.status, entry.userid, user.email if user else None, entry.courseid, entry.cmid,
        entry.attemptid,
    )  # fmt: skip
    _queue(type_, dict(zip(push.ENTRY_DATA, values, strict=True)))


def tell_condition(courseid: int, cmid: int, *, present: bool) -> None:
    if is_on():
        values = (courseid, cmid, present)
        _queue(push.PushEvent.CONDITION_CHANGED, dict(zip(push.CONDITION_DATA, values, strict=True)))


def _queue(type_: push.PushEvent, data: dict[str, Any]) -> None:
    session, site, now = current.session, current.site, current.clock.time()
    values = (uuid.uuid4().hex, type_.value, now, site.wwwroot, data)
    payload = dict(zip(push.ENVELOPE, values, strict=True))
    session.add(QueuedEvent(id=payload["id"], payload=payload, nextruntime=now))
    event.listen(session, "after_commit", lambda _session: _courier(site).wake(), once=True)


class Courier:
    """Delivers one site's events; sleeps while there are none."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._woken = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        self._woken.set()
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="moodle-push", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        """Until nothing is left to deliver: an idle site has no such thread."""
        while True:
            self._woken.wait(SECONDS_BETWEEN_LOOKS)
            self._woken.clear()
            with self._site.visit():
                left = deliver_due()
            with self._lock:
                if not left and not self._woken.is_set():
                    self._thread = None
                    return


_couriers: dict[int, Courier] = {}


def _courier(site: Site) -> Courier:
    return _couriers.setdefault(id(site), Courier(site))


def deliver_due() -> int:
    """Tries each event that is due once; how many are still queued afterwards. Gives the writer's lock back between."""
    query = (
        select(QueuedEvent.id).where(QueuedEvent.nextruntime <= current.clock.time()).order_by(QueuedEvent.nextruntime)
    )
    for event_id in list(current.session.scalars(query)):
        row = current.session.get(QueuedEvent, event_id)
        if row is None:
            continue
        payload = dict(row.payload)
        request = _signed(payload) if is_on() else None
        current.commit()
        status = _post(*request) if request else 0
        _settle(event_id, payload, status, dropped=request is None)
    return len(current.session.scalars(select(QueuedEvent.id)).all())


def _signed(payload: dict[str, Any]) -> tuple[str, bytes, dict[str, str]]:
    """Address, body and headers. The signature is new in each try, the event's id is not."""
    key_id, secret = keyring.signing_key(keyring.PUSH)
    body, now = json.dumps(payload).encode(), str(current.clock.time())
    signature = hmac.new(secret.encode(), f"{now}.".encode() + body, sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        push.KEY_HEADER: key_id,
        push.TIMESTAMP_HEADER: now,
        push.SIGNATURE_HEADER: f"{push.SIGNATURE_SCHEME}={signature}",
    }
    return settings.engine_url() + push.PUSH_PATH, body, headers


def _post(address: str, body: bytes, headers: dict[str, str]) -> int:
    """The status, 0 for no answer."""
    import requests  # five megabytes, and few sites push

    try:
        return requests.post(
            address, data=body, headers=headers, timeout=push.REQUEST_TIMEOUT_SECONDS, allow_redirects=False
        ).status_code
    except requests.RequestException:
        return 0


def _settle(event_id: str, payload: dict[str, Any], status: int, *, dropped: bool) -> None:
    session, now = current.session, current.clock.time()
    row = session.get(QueuedEvent, event_id)
    if row is None:
        return
    delivered = 200 <= status < 300
    refused = 400 <= status < 500 and status not in PASSING_REFUSALS
    if dropped or delivered or refused or now > payload["created"] + push.RETRY_FOR_SECONDS:
        session.delete(row)
        if not delivered:
            _log_loss(session, payload, status)
        return
    row.faildelay = min(LONGEST_PAUSE_SECONDS, row.faildelay * 2 or FIRST_PAUSE_SECONDS)
    row.nextruntime = now + row.faildelay


def _log_loss(session: Session, payload: dict[str, Any], status: int) -> None:
    other = {"id": payload["id"], "type": payload["type"], "status": status}
    name = "\\availability_examus\\event\\push_given_up"
    session.add(LogEvent(eventname=name, other=other, timecreated=current.clock.time()))
