import assert from "node:assert/strict";
import test from "node:test";

import { Refused } from "../../../../proctor_engine/web/static/room/link.js";
import { Sender } from "../../../../proctor_engine/web/static/room/sender.js";

// What the browser's queue promises, without a browser.
class ArrayQueue {
  chunks = [];
  #next = 0;

  async put(kind, time, body) {
    this.chunks.push({ sequence: this.#next++, kind, time, body });
  }

  async first() {
    return this.chunks[0];
  }

  async replace(chunk) {
    this.chunks[this.chunks.findIndex(({ sequence }) => sequence === chunk.sequence)] = chunk;
  }

  async remove(sequence) {
    this.chunks = this.chunks.filter((chunk) => chunk.sequence !== sequence);
  }

  async size() {
    return this.chunks.length;
  }
}

// A service that answers, or fails as often as it is told to.
function service(...failures) {
  const heard = [];
  const send = async (kind, { sequence }, body) => {
    const failure = failures.shift();
    if (failure) throw failure;
    heard.push({ kind, sequence, body });
    return { state: "running", messages: [] };
  };
  return { heard, send };
}

async function emptied(link, put) {
  const queue = new ArrayQueue();
  const told = { news: [], connection: [] };
  const sender = new Sender(queue, link, {
    news: (answer) => told.news.push(answer.state),
    connection: (online) => told.connection.push(online),
  });
  await put(sender);
  const running = sender.run();
  await Promise.race([sender.drain(() => {}), running]);
  sender.stop();
  await running;
  return told;
}

const three = async (sender) => {
  for (const time of [0, 1, 2]) await sender.put("frames", time, `frame ${time}`);
};

test("everything arrives in order, once", async () => {
  const link = service();
  await emptied(link, three);
  assert.deepEqual(link.heard.map(({ sequence }) => sequence), [0, 1, 2]);
});

test("a lost network is told, then tried again from where it failed", async () => {
  const link = service(null, new TypeError("no network"), new Refused(503, { error: "busy" }));
  const told = await emptied(link, three);
  assert.deepEqual(link.heard.map(({ sequence }) => sequence), [0, 1, 2]);
  assert.deepEqual(told.connection, [false, true]);
});

test("a chunk that the service does not want leaves an empty report in its place", async () => {
  const link = service(null, new Refused(422, { error: "not a JPEG" }));
  await emptied(link, three);
  assert.deepEqual(link.heard.map(({ kind, sequence }) => [kind, sequence]), [["frames", 0], ["events", 1], ["frames", 2]]);
  assert.deepEqual(link.heard[1].body, { events: [] });
});

test("an exam that is over or watched elsewhere ends the sending", async () => {
  for (const [answer, state] of [[{ error: "over" }, "finished"], [{ error: "taken", elsewhere: true }, "elsewhere"]]) {
    const told = await emptied(service(null, new Refused(409, answer)), three);
    assert.deepEqual(told.news, ["running", state]);
  }
});

test("the end of the exam is insisted on", async () => {
  const link = service(new TypeError("no network"));
  const sender = new Sender(new ArrayQueue(), link, { news() {}, connection() {} });
  await sender.insist("finish");
  assert.deepEqual(link.heard.map(({ kind }) => kind), ["finish"]);
});
