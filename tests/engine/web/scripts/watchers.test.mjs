import assert from "node:assert/strict";
import test from "node:test";

import { Watchers, isVirtual } from "../../../../proctor_engine/web/static/room/watchers.js";

// The page hands the names of warnings over from the contract; here each is its sign's own.
const SIGNS = new Proxy({}, { get: (_, sign) => sign });

function watching(lasting) {
  const time = { seconds: 0 };
  const events = [];
  return { time, events, watchers: new Watchers(SIGNS, (event) => events.push(event), () => time.seconds, lasting) };
}

test("a lasting thing is told when it begins and when it ends, and no more", () => {
  const { time, events, watchers } = watching();
  for (const is of [false, true, true, false, false]) {
    watchers.set("more_screens", is, "HDMI");
    time.seconds += 1;
  }
  assert.deepEqual(events, [
    { type: "more_screens", start: 1, detail: "HDMI" },
    { type: "more_screens", start: 1, end: 3, detail: "HDMI" },
  ]);
});

test("a short loss of the network is a lost connection, a long one a time-out too", () => {
  for (const [seconds, types] of [[20, ["offline", "offline"]], [61, ["offline", "offline_long", "offline"]]]) {
    const { time, events, watchers } = watching();
    watchers.connection(true);
    watchers.connection(false);
    time.seconds = seconds;
    watchers.connection(true);
    assert.deepEqual(events.map(({ type }) => type), types);
  }
});

test("what is still so at the end ends then", () => {
  const { time, events, watchers } = watching();
  watchers.set("camera_gone", true);
  time.seconds = 9;
  watchers.stop();
  assert.equal(events.at(-1).end, 9);
});

test("of what Moodle's page tells, only the clipboard and the printer become notices", () => {
  const { events, watchers } = watching();
  for (const what of ["paste", "copy", "cut", "print", "constructor", "left", "back", undefined]) watchers.page(what);
  assert.deepEqual(events.map(({ type }) => type), ["pasted", "copied", "cut", "printed"]);
});

test("the exam's next page is no absence, and whoever comes back to it after a while was away", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  globalThis.document = new EventTarget();
  globalThis.window = new EventTarget();
  t.after(() => (delete globalThis.document, delete globalThis.window));
  const lasting = new Map();
  const leave = (seconds, open = 1) => {
    const { time, events, watchers } = watching(lasting);
    time.seconds = seconds;
    document.visibilityState = "visible";
    watchers.window({ framed: true, open });
    window.dispatchEvent(new Event("pagehide"));
    document.visibilityState = "hidden";
    document.dispatchEvent(new Event("visibilitychange"));
    return events;
  };
  assert.deepEqual([...leave(5), ...leave(7), ...leave(9)], []);
  assert.deepEqual(leave(60), [{ type: "window_left", start: 9, end: 59, detail: "page left" }]);
  assert.deepEqual(leave(90, 29), [], "a system check after a reload");
});

test("in the panel a new page may be without focus for a moment, an old one is left at once", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  globalThis.document = { visibilityState: "visible", addEventListener() {}, removeEventListener() {} };
  globalThis.window = new EventTarget();
  t.after(() => (delete globalThis.document, delete globalThis.window));
  const { time, events, watchers } = watching();
  const at = (seconds) => {
    time.seconds = seconds;
    t.mock.timers.tick(500);
  };
  watchers.window({ framed: true });
  watchers.page("left");
  at(2);
  watchers.page("back");
  at(9);
  assert.deepEqual(events, []);
  watchers.page("left");
  at(10);
  watchers.page("back");
  at(11);
  assert.deepEqual(events.map(({ start, end }) => [start, end]), [[10, undefined], [10, 11]]);
  watchers.window({ framed: true });
  watchers.page("left");
  at(17);
  assert.equal(events.length, 3); // Nobody is there for so long.
  watchers.stop();
});

test("a camera that is a program is known by its name", () => {
  for (const label of ["OBS Virtual Camera", "ManyCam Virtual Webcam", "Snap Camera", "DroidCam Source 3"]) assert.ok(isVirtual(label), label);
  for (const label of ["Integrated Camera (04f2:b6d9)", "FaceTime HD Camera", "Logitech BRIO", "Jobson HD", ""]) assert.ok(!isVirtual(label), label);
});

test("a device that has ended is missing, one that the system silences is muted", () => {
  const { events, watchers } = watching();
  watchers.microphone({ track: { readyState: "ended", muted: false } });
  watchers.camera({ track: { readyState: "live", muted: true, label: "Integrated Camera" } });
  assert.deepEqual(events.map(({ type }) => type), ["microphone_gone", "camera_muted"]);
  watchers.stop();
});
