// A running exam: camera and microphone on, everything queued and sent, the page's one small status kept true.

import { SessionClock } from "./clock.js";
import { Lasting } from "./lasting.js";
import { Link } from "./link.js";
import { Proof } from "./proof.js";
import { Queue } from "./queue.js";
import { Screen } from "./screen.js";
import { Sender } from "./sender.js";
import { Watchers } from "./watchers.js";

const LEAVING = 3000; // Milliseconds within which a page that is being left is gone.
const STILL = 10; // Seconds without a beat after which the computer slept, or the browser froze the page.
const SHOWN = { running: ["watching", "good"], paused: ["paused", "warn"] };

export class Exam {
  #page;
  #settings;
  #camera;
  #microphone;
  #link;
  #sender;
  #watchers;
  #proof;
  #queue;
  #clock;
  #interval;
  #timer;
  #lastBeat;
  #left = -Infinity;
  #events = [];
  #screen = new Screen();
  #paused = false;
  #finishing = false;
  #over = false;

  // `page` shows: status(text, kind), news(answer), left(chunks), paused(is), over(), elsewhere(), and has `frame`,
  // Moodle's window.
  constructor(page, settings, { camera, microphone }) {
    this.#page = page;
    this.#settings = settings;
    this.#camera = camera;
    this.#microphone = microphone;
  }

  // `started` is the service's answer to the start: how long the session has run, and what it has got already.
  async run(started) {
    this.#clock = new SessionClock(started.elapsed);
    this.#interval = started.frame_interval;
    this.#lastBeat = started.elapsed;
    this.#link = new Link({ session: this.#settings.session, token: started.token });
    this.#queue = await Queue.open(this.#settings.session, started.next_sequence);
    if (this.#over) return this.#queue.close(); // Another tab was quicker.
    this.#sender = new Sender(this.#queue, this.#link, {
      news: (answer) => this.#heard(answer),
      connection: (online) => this.#connected(online),
    });
    const lasting = new Lasting(this.#settings.session);
    const now = () => this.#clock.now();
    this.#watchers = new Watchers(this.#settings.signs, (event) => this.#report(event), now, lasting);
    this.#watchers.connection(true); // The service has just answered.
    this.#watch();
    this.#proof = new Proof(this.#link, {
      page: () => this.#page.frame(),
      origin: this.#settings.moodle,
      running: () => this.#camera.running && !this.#paused,
      plain: this.#settings.plain,
      seen: (what) => this.#watchers.page(what),
    });
    this.#microphone.onblock = (pcm, seconds) => {
      const time = this.#clock.now() - seconds;
      if (time >= 0) this.#sender.put("audio", time, pcm); // What was said before the start is nobody's business.
    };
    this.#sender.run();
    this.#beat();
    if (this.#settings.panel) this.hello();
  }

  // Called when Moodle's page has loaded, so that it can ask for its proof.
  hello() {
    this.#proof?.hello();
  }

  say(text) {
    return this.#link.send("messages", {}, { text });
  }

  // Asks for the screen; a click must have come before.
  shareScreen() {
    return this.#screen.open();
  }

  // Sends what is left, then ends the session.
  async finish() {
    if (this.#finishing) return;
    this.#finishing = true;
    clearTimeout(this.#timer);
    this.#microphone.onblock = null;
    this.#watchers.stop();
    await this.#flush();
    await this.#sender.drain((left) => this.#page.left(left));
    await this.#sender.insist("finish");
    this.#end(() => this.#page.over());
  }

  // Another tab of this browser goes on: what is queued is left to it.
  leave() {
    this.#end(() => this.#page.elsewhere(), { keeps: true });
  }

  #watch() {
    this.#watchers.window({ framed: this.#settings.panel });
    this.#watchers.screens();
    this.#watchers.camera(this.#camera);
    this.#watchers.microphone(this.#microphone);
    window.addEventListener("beforeunload", () => (this.#left = performance.now()));
    if (this.#settings.fullScreen) this.#watchers.fullScreen();
    if (this.#settings.screenShare) this.#watchers.screenShare(this.#screen);
    navigator.mediaDevices.addEventListener("devicechange", () => this.#reopen());
  }

  // A device that was unplugged and another that was plugged in: go on with whatever the browser gives now.
  async #reopen() {
    for (const [device, notice] of [[this.#camera, "camera_changed"], [this.#microphone, "microphone_changed"]]) {
      if (device.track?.readyState === "live" || this.#over) continue;
      const reopened = await device.open().then(() => true, () => false);
      if (reopened) this.#watchers.notice(notice, device.track.label);
    }
  }

  // One frame, then the next after the interval that the service asked for. A slow machine skips, it never piles up.
  async #beat() {
    const planned = performance.now() + this.#interval * 1000;
    this.#stoodStill(this.#clock.now() - this.#lastBeat - this.#interval);
    if (this.#camera.running) {
      const time = this.#clock.now();
      const frame = await this.#camera.frame();
      if (frame) await this.#sender.put("frames", time, frame);
    } else {
      this.#page.status("no_camera", "bad");
      this.#proof.lost();
    }
    const { screenInterval } = this.#settings;
    const screen = screenInterval ? await this.#screen.picture(this.#clock.now(), screenInterval) : null;
    if (screen) await this.#sender.put("screen", this.#clock.now(), screen);
    await this.#flush();
    if (this.#finishing || this.#over) return;
    this.#lastBeat = this.#clock.now();
    this.#timer = setTimeout(() => this.#beat(), Math.max(0, planned - performance.now()));
  }

  // Into the queue at once: in the panel the page may be left the next moment.
  #report(event) {
    this.#events.push(event);
    this.#flush();
  }

  async #flush() {
    while (this.#events.length) {
      const events = this.#events.splice(0, 100);
      await this.#sender.put("events", this.#clock.now(), { events });
    }
  }

  #stoodStill(seconds) {
    if (seconds > STILL) this.#watchers.notice("asleep", seconds.toFixed(0));
  }

  #connected(online) {
    // Firefox breaks off what a page has asked for once it is to be left: that is no lost network.
    if (this.#over || (!online && performance.now() - this.#left < LEAVING)) return;
    this.#watchers.connection(online);
    this.#page.status(...(online ? SHOWN.running : ["offline", "warn"]));
  }

  #heard(answer) {
    if (answer.state === "elsewhere") return this.#end(() => this.#page.elsewhere());
    if (!(answer.state in SHOWN)) return this.#end(() => this.#page.over());
    this.#interval = answer.frame_interval ?? this.#interval;
    this.#stoodStill(this.#clock.heard(answer.elapsed ?? 0));
    this.#lastBeat = this.#clock.now();
    if (this.#camera.running && this.#sender.online) this.#page.status(...this.#shown(answer));
    this.#pause(answer.state === "paused");
    this.#page.news(answer);
    if (answer.handed_in) this.finish();
  }

  // The questions are covered until the proctor lets the exam go on: Moodle's page asks for a proof again and again.
  #pause(is) {
    if (is === this.#paused) return;
    this.#paused = is;
    this.#page.paused(is);
    if (is) this.#proof.lost();
    else this.hello();
  }

  #shown(answer) {
    return answer.state === "running" && answer.phone === "away" ? ["no_phone", "warn"] : SHOWN[answer.state];
  }

  #end(show, { keeps = false } = {}) {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#microphone.onblock = null;
    this.#watchers?.stop();
    this.#sender?.stop();
    this.#camera.close();
    this.#microphone.close();
    this.#screen.close();
    this.#queue?.[keeps ? "close" : "destroy"]();
    show();
  }
}
