"""/__mock__/: the controls over HTTP, JSON in and out, only when `--control` asks for them."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from pydantic import Field, StrictFloat, StrictInt, StrictStr, TypeAdapter

from mock_moodle.control.api import Control
from mock_moodle.control.body import BadControlError, checked
from mock_moodle.control.faults import Fault
from mock_moodle.control.journal import FILTERS
from mock_moodle.site import current
from mock_moodle.world.parts import WorldError

blueprint = Blueprint("control", __name__, url_prefix="/__mock__")

Spec = dict[str, Any]
DEFAULT_WAIT_SECONDS = 5.0
LATEST = 253_370_764_800
"""The year 9999, which a date can still tell."""
MOMENT = TypeAdapter(Annotated[StrictFloat, Field(ge=0, le=LATEST)])
SECONDS = TypeAdapter(Annotated[StrictFloat, Field(ge=-LATEST, le=LATEST)])
SEED = TypeAdapter(StrictInt | StrictStr | None)
WAIT = TypeAdapter(Annotated[float, Field(ge=0, le=3600)])
NUMBER = TypeAdapter(Annotated[int, Field(ge=0)])


@blueprint.before_request
def release_database() -> None:
    """The controls open the database themselves, after this request has let go of it."""
    current.visit.write = False


@blueprint.errorhandler(BadControlError)
@blueprint.errorhandler(WorldError)
def bad_request(error: Exception) -> tuple[Response, int]:
    return jsonify(error=str(error)), 400


@blueprint.errorhandler(TimeoutError)
def timed_out(error: TimeoutError) -> tuple[Response, int]:
    return jsonify(error=str(error)), 408


@blueprint.get("/")
def journal_page() -> str:
    """The journal for people, live."""
    return render_template("control/journal.html", wwwroot=current.site.wwwroot)


@blueprint.post("/reset")
def reset() -> Response:
    _control().reset()
    return jsonify(status="reset")


@blueprint.get("/snapshots")
def snapshots() -> Response:
    return jsonify(_control().snapshots)


@blueprint.post("/snapshots/<name>")
def snapshot(name: str) -> Response:
    _control().snapshot(name)
    return jsonify(status="kept", name=name)


@blueprint.post("/snapshots/<name>/restore")
def restore(name: str) -> Response:
    if name not in _control().snapshots:
        raise BadControlError(f"there is no snapshot {name!r}; make it with POST /__mock__/snapshots/{name}")
    _control().restore(name)
    return jsonify(status="restored", name=name)


@blueprint.get("/world")
def export() -> Response:
    return jsonify(_control().export())


@blueprint.patch("/world")
def patch() -> Response:
    _control().patch(_body())
    return jsonify(status="patched")


@blueprint.get("/clock")
def clock() -> Response:
    return _clock()


@blueprint.post("/clock")
def set_clock() -> Response:
    """`{"freeze": epoch or true}`, `{"travel": seconds}` or `{"run": true}`."""
    wanted, site_clock = _body(), _control().clock
    if wanted.get("freeze") is True:
        site_clock.freeze()
    elif "freeze" in wanted:
        site_clock.freeze(checked(MOMENT, wanted["freeze"]))
    elif "travel" in wanted:
        seconds = checked(SECONDS, wanted["travel"])
        checked(MOMENT, site_clock.precise() + seconds)
        site_clock.travel(seconds)
    elif "run" in wanted:
        site_clock.run()
    else:
        raise BadControlError('say {"freeze": epoch}, {"travel": seconds} or {"run": true}')
    return _clock()


@blueprint.post("/seed")
def seed() -> Response:
    _control().seed(checked(SEED, _body().get("seed")))
    return jsonify(status="seeded")


@blueprint.get("/journal")
def journal() -> Response:
    """Filters: method, path, function, status, after, and any parameter by name; `limit` takes the latest."""
    found = _control().journal.find(**_filters())
    limit = _number("limit", len(found))
    return jsonify([exchange.as_dict() for exchange in found[-limit:]] if limit else [])


@blueprint.delete("/journal")
def clear_journal() -> Response:
    _control().journal.clear()
    return jsonify(status="cleared")


@blueprint.get("/journal/count")
def count() -> Response:
    return jsonify(count=_control().journal.count(**_filters()))


@blueprint.get("/journal/wait")
def wait() -> Response:
    """Until `count` exchanges match; 408 after `timeout` seconds."""
    found = _control().journal.wait_for(
        count=_number("count", 1),
        timeout=checked(WAIT, request.args.get("timeout", DEFAULT_WAIT_SECONDS)),
        **_filters(),
    )
    return jsonify([exchange.as_dict() for exchange in found])


@blueprint.get("/faults")
def faults() -> Response:
    return jsonify([fault.as_dict() for fault in _control().faults])


@blueprint.post("/faults")
def add_fault() -> Response:
    return jsonify(_control().faults.add(Fault.from_dict(_body())).as_dict())


@blueprint.delete("/faults")
def clear_faults() -> Response:
    _control().faults.clear()
    return jsonify(status="cleared")


@blueprint.put("/functions/<name>")
def answer_function(name: str) -> Response:
    """`{"answer": …}`, or `{"errorcode": …, "message": …}`."""
    wanted = _body()
    if "answer" in wanted:
        _control().answer(name, wanted["answer"])
    elif "errorcode" in wanted:
        _control().refuse(name, str(wanted["errorcode"]), str(wanted.get("message", wanted["errorcode"])))
    else:
        raise BadControlError('say {"answer": …} or {"errorcode": …, "message": …}')
    return jsonify(status="registered", name=name)


@blueprint.post("/recorder")
def record() -> Response:
    """`{"upstream": address}` records a real Moodle, `{"recording": […]}` replays one."""
    wanted, recorder = _body(), _control().recorder
    if isinstance(wanted.get("upstream"), str):
        recorder.record(wanted["upstream"])
    elif "recording" in wanted:
        recorder.replay(wanted["recording"])
    else:
        raise BadControlError('say {"upstream": address} or {"recording": […]}')
    return jsonify(status="recording" if recorder.upstream else "replaying")


@blueprint.delete("/recorder")
def stop_recorder() -> Response:
    """Stops, and gives back what was recorded."""
    return jsonify(_control().recorder.stop())


def _control() -> Control:
    return Control.of(current_app._get_current_object())  # type: ignore[attr-defined]


def _clock() -> Response:
    site_clock = _control().clock
    return jsonify(time=site_clock.time(), frozen=site_clock.frozen_at is not None)


def _body() -> Spec:
    try:
        body = request.get_json(force=True, silent=True)
    except RecursionError:
        raise BadControlError("the body is nested too deep; send a few levels") from None
    if not isinstance(body, dict):
        raise BadControlError("send a JSON object")
    return body


def _filters() -> Spec:
    own = ("limit", "count", "timeout")
    filters = {name: value for name, value in request.args.items() if name not in own}
    for name in filters:
        if name in FILTERS and not filters[name]:
            raise BadControlError(f"{name} is empty; leave it out or give a value")
        if name in ("status", "after"):
            filters[name] = str(_number(name, 0))
    return filters


def _number(name: str, default: int) -> int:
    return checked(NUMBER, request.args.get(name, default))
