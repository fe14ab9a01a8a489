import assert from "node:assert/strict";
import test from "node:test";

import { SessionClock } from "../../../../proctor_engine/web/static/room/clock.js";

function started(elapsed) {
  const time = { milliseconds: 5000 };
  return { time, clock: new SessionClock(elapsed, () => time.milliseconds) };
}

test("runs on from where the service says the session stands", () => {
  const { time, clock } = started(40);
  assert.equal(clock.now(), 40);
  time.milliseconds += 2500;
  assert.equal(clock.now(), 42.5);
});

test("an answer that took long moves nothing", () => {
  const { time, clock } = started(0);
  time.milliseconds += 10_000;
  assert.equal(clock.heard(4), 0);
  assert.equal(clock.heard(11), 0);
  assert.equal(clock.now(), 10);
});

test("a clock that stood still while the computer slept catches up, and says how much was missing", () => {
  const { time, clock } = started(0);
  time.milliseconds += 10_000;
  assert.equal(clock.heard(610), 600);
  assert.equal(clock.now(), 610);
});

test("what is no number changes nothing", () => {
  const { clock } = started(7);
  assert.equal(clock.heard(undefined), 0);
  assert.equal(clock.now(), 7);
});
