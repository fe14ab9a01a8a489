// A running exam: camera and microphone on, everything queued and sent, the page's one small status kept true.

import { Link } from "./link.js";
import { Proof } from "./proof.js";
import { Queue } from "./queue.js";
import { Sender } from "./sender.js";
import { Watchers } from "./watchers.js";

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
  #began;
  #interval;
  #timer;
  #events = [];
  #screen = null;
  #finishing = false;
  #over = false;

  // `page` shows: status(text, kind), news(answer), left(chunks), over(reason), and has `frame`, the Moodle frame.
  constructor(page, settings, { camera, microphone }) {
    this.#page = page;
    this.#settings = settings;
    this.#camera = camera;
    this.#microphone = microphone;
  }

  // `started` is the service's answer to the start: how long the session has run, and what it has got already.
  async run(started) {
    this.#began = performance.now() - started.elapsed * 1000;
    this.#interval = started.frame_interval;
    this.#link = new Link({ session: this.#settings.session, token: started.token });
    this.#queue = await Queue.open(this.#settings.session, started.next_sequence);
    this.#sender = new Sender(this.#queue, this.#link, {
      news: (answer) => this.#heard(answer),
      connection: (online) => this.#connected(online),
    });
    this.#watchers = new Watchers((event) => this.#report(event), () => this.#now());
    this.#watch();
    this.#proof = new Proof(this.#link, {
      page: () => this.#page.frame(),
      origin: this.#settings.moodle,
      running: () => this.#camera.running,
      plain: this.#settings.plain,
    });
    this.#microphone.onblock = (pcm, seconds) => {
      const time = this.#now() - seconds;
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

  async shareScreen() {
    this.#screen = await navigator.mediaDevices.getDisplayMedia({ video: { displaySurface: "monitor" } });
  }

  // Sends what is left, then ends the session.
  async finish() {
    this.#finishing = true;
    await this.#still();
    await this.#sender.drain((left) => this.#page.left(left));
    await this.#link.send("finish", {});
    this.#end("candidate");
  }

  #watch() {
    this.#watchers.window({ framed: this.#settings.panel });
    this.#watchers.screens();
    this.#watchers.camera(this.#camera);
    this.#watchers.microphone(this.#microphone);
    if (this.#settings.screenShare) this.#watchers.screenShare(() => this.#screen);
    navigator.mediaDevices.addEventListener("devicechange", () => this.#reopen());
  }

  // A camera that was unplugged and another that was plugged in: go on with whatever the browser gives now.
  async #reopen() {
    if (!this.#camera.running) await this.#camera.open().catch(() => {});
  }

  // One frame, then the next after the interval that the service asked for. A slow machine skips, it never piles up.
  async #beat() {
    const planned = performance.now() + this.#interval * 1000;
    if (this.#camera.running) {
      const time = this.#now();
      const frame = await this.#camera.frame();
      if (frame) await this.#sender.put("frames", time, frame);
    } else {
      this.#page.status("no_camera", "bad");
      this.#proof.lost();
    }
    await this.#flush();
    if (this.#finishing || this.#over) return;
    this.#timer = setTimeout(() => this.#beat(), Math.max(0, planned - performance.now()));
  }

  async #flush() {
    if (!this.#events.length) return;
    const events = this.#events.splice(0, 100);
    await this.#sender.put("events", this.#now(), { events });
  }

  #report(event) {
    this.#events.push(event);
  }

  #connected(online) {
    this.#watchers.set("warning_no_ping", !online);
    this.#page.status(online ? "watching" : "offline", online ? "good" : "warn");
  }

  #heard(answer) {
    this.#interval = answer.frame_interval ?? this.#interval;
    if (!["running", "paused"].includes(answer.state)) return this.#end(answer.reason ?? answer.state);
    if (this.#camera.running && this.#sender.online) {
      this.#page.status(answer.state === "paused" ? "paused" : "watching", answer.state === "paused" ? "warn" : "good");
    }
    this.#page.news(answer);
    if (answer.handed_in && !this.#finishing) this.finish();
  }

  async #still() {
    clearTimeout(this.#timer);
    this.#microphone.onblock = null;
    this.#watchers.stop();
    await this.#flush();
  }

  #end(reason) {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#microphone.onblock = null;
    this.#sender.stop();
    this.#camera.close();
    this.#microphone.close();
    for (const track of this.#screen?.getTracks() ?? []) track.stop();
    this.#queue.destroy();
    this.#page.over(reason);
  }

  #now() {
    return (performance.now() - this.#began) / 1000;
  }
}
