import assert from "node:assert/strict";
import test from "node:test";

import { Lasting } from "../../../../proctor_engine/web/static/room/lasting.js";
import { Watchers } from "../../../../proctor_engine/web/static/room/watchers.js";

function storage() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
    get length() {
      return kept.size;
    },
  };
}

test("the next page ends what the one before has begun, and nothing stays behind", () => {
  const kept = storage();
  const events = [];
  let now = 10;
  const open = () => new Watchers({ offline: "offline" }, (event) => events.push(event), () => now, new Lasting("a", kept));
  open().set("offline", true);
  now = 25;
  open().set("offline", false);
  assert.deepEqual(events.map(({ start, end }) => [start, end]), [[10, undefined], [10, 25]]);
  assert.equal(kept.length, 0);
});

test("another exam's signs are its own", () => {
  const kept = storage();
  new Lasting("a", kept).set("offline", 3);
  assert.equal(new Lasting("b", kept).size, 0);
});
