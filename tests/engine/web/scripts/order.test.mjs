import assert from "node:assert/strict";
import test from "node:test";

import { ORDERS } from "../../../../proctor_engine/web/static/wall/order.js";

const card = (name, values = {}) => ({ name, open: [], score: 0, online: true, phone: "off", ...values });
const names = (order, ...cards) => cards.sort(ORDERS[order]).map(({ name }) => name);

test("what goes on now comes before any score, and a score before a lost browser", () => {
  const now = card("Dan", { open: ["warning_talk"] });
  const score = card("Cora", { score: 80 });
  const away = card("Bob", { online: false });
  const phone = card("Ann", { phone: "away" });
  assert.deepEqual(names("risk", card("Eve"), phone, away, score, now), ["Dan", "Cora", "Bob", "Ann", "Eve"]);
});

test("those alike are in the order of their names, as is everybody where it is asked for", () => {
  assert.deepEqual(names("risk", card("Bob"), card("Ann")), ["Ann", "Bob"]);
  assert.deepEqual(names("name", card("Bob", { score: 90 }), card("Ann")), ["Ann", "Bob"]);
});
