import assert from "node:assert/strict";
import test from "node:test";

import { ORDERS, isPressing } from "../../../../proctor_engine/web/static/wall/order.js";

const card = (name, values = {}) => ({ name, open: [], asks: false, state: "running", identity: "same", score: 0, online: true, phone: "off", ...values });
const names = (order, ...cards) => cards.sort(ORDERS[order]).map(({ name }) => name);

test("what goes on now comes before any score, then a question, and a score before a lost browser", () => {
  const now = card("Dan", { open: ["warning_talk"] });
  const asks = card("Fay", { asks: true });
  const score = card("Cora", { score: 80 });
  const away = card("Bob", { online: false });
  const phone = card("Ann", { phone: "away" });
  assert.deepEqual(names("risk", card("Eve"), phone, away, score, asks, now), ["Dan", "Fay", "Cora", "Bob", "Ann", "Eve"]);
});

test("those alike are in the order of their names, as is everybody where it is asked for", () => {
  assert.deepEqual(names("risk", card("Bob"), card("Ann")), ["Ann", "Bob"]);
  assert.deepEqual(names("name", card("Bob", { score: 90 }), card("Ann")), ["Ann", "Bob"]);
});

test("who needs a look has a sign, a question, a doubt about who they are, or has gone", () => {
  const needing = [{ open: ["warning_talk"] }, { asks: true }, { identity: "unsure" }, { identity: "different" }, { online: false }];
  assert.ok(needing.every((values) => isPressing(card("Ann", values))));
  assert.ok([{}, { score: 90 }, { identity: "skipped" }, { online: false, state: "prepared" }].every((values) => !isPressing(card("Ann", values))));
});
