import assert from "node:assert/strict";
import test from "node:test";

import { Backoff } from "../../../../proctor_engine/web/static/room/backoff.js";

test("pauses double up to a limit", () => {
  const backoff = new Backoff(() => 1);
  assert.deepEqual(Array.from({ length: 7 }, () => backoff.next()), [500, 1000, 2000, 4000, 8000, 15000, 15000]);
});

test("success begins anew", () => {
  const backoff = new Backoff(() => 1);
  backoff.next();
  backoff.next();
  backoff.reset();
  assert.equal(backoff.next(), 500);
});

test("two browsers do not come back together, and none at once", () => {
  assert.equal(new Backoff(() => 0).next(), 250);
  assert.notEqual(new Backoff(() => 0.2).next(), new Backoff(() => 0.7).next());
});
