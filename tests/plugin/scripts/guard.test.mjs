import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const { guard: file, messages } = JSON.parse(process.env.PLUGIN_SCRIPTS);
const ENGINE = "https://engine.example";

/** A part of the page. */
class Part {
  attributes = {};
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
}

/** A guarded page in the engine's frame: what it asks the site, what it posts to the engine, where it goes. */
function open(page) {
  const here = { asked: [], posted: [], gone: null };
  const engine = { postMessage: (message, origin) => here.posted.push([message, origin]) };
  const window = {
    parent: engine,
    addEventListener: (type, listener) => {
      if (type === "message") here.hear = listener;
    },
    location: { replace: (address) => (here.gone = address) },
  };
  const fetch = async (address, { body }) => {
    here.asked.push(Object.fromEntries(body));
    const accepted = body.has("proof") || body.has("plain");
    return { json: async () => (accepted ? { accepted: true, openfor: 60 } : { ticket: "t", nonce: "n" }) };
  };
  const questions = new Part();
  const document = {
    addEventListener() {},
    querySelector: () => null,
    createElement: () => new Part(),
    body: { children: [questions], appendChild: (part) => document.body.children.push(part) },
  };
  here.parts = document.body.children;
  const names = ["define", "window", "document", "fetch", "setTimeout", "setInterval"];
  const define = (_, make) => (here.module = make({ sesskey: "key" }));
  new Function(...names, readFileSync(file, "utf8"))(define, window, document, fetch, () => 0, () => 0);
  here.module.init({ way: "frame", origins: [ENGINE], plain: false, attempt: 5, openfor: 0, next: "/quiz", wait: "Wait", ...page });
  here.say = async (data, source = engine, origin = ENGINE) => {
    await settled();
    here.asked.length = 0;
    here.hear({ data, source, origin });
    await settled();
  };
  return here;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const proof = { type: messages.ready, proof: "p" };

test("the ticket goes to the allowed origin only", async () => {
  const page = open();
  await settled();
  assert.deepEqual(page.posted, [[{ type: messages.ticket, ticket: "t", nonce: "n" }, ENGINE]]);
});

test("the engine's proof is handed to the site with the page's key, and opens the quiz", async () => {
  const page = open();
  await page.say(proof);
  assert.deepEqual(page.asked, [{ proof: "p", attempt: "5", sesskey: "key" }]);
  assert.equal(page.gone, "/quiz");
});

for (const [who, source, origin] of [
  ["another window", { postMessage() {} }, ENGINE],
  ["another origin", undefined, "https://elsewhere.example"],
  ["the page itself, as its console would", null, "https://moodle.example"],
]) {
  test(`nothing that ${who} says is heard`, async () => {
    const page = open({ plain: true });
    for (const message of [proof, messages.plain, { type: messages.lost }]) {
      await page.say(message, source, origin);
      assert.deepEqual(page.asked, []);
    }
    assert.equal(page.gone, null);
  });
}

test("when the engine has lost the student, the questions are covered for eyes, keyboards and screen readers", async () => {
  const page = open({ next: null });
  await page.say({ type: messages.lost });
  assert.equal(page.asked[0].lost, "1");
  const [questions, cover, ...more] = page.parts;
  assert.deepEqual(questions.attributes, { inert: "" });
  assert.deepEqual([cover.attributes, cover.textContent, more], [{ role: "alert" }, "Wait", []]);
});

test("the word that anybody can read counts only where the site says so", async () => {
  const strict = open();
  await strict.say(messages.plain);
  assert.deepEqual(strict.asked, []);
  const lenient = open({ plain: true });
  await lenient.say(messages.plain);
  assert.deepEqual(lenient.asked, [{ plain: "1", attempt: "5", sesskey: "key" }]);
});
