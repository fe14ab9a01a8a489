// The system check: each thing with a live state, a plain reason when it fails, and the way to mend it.

import { Refused } from "./link.js";

const DARK = 45;
const QUIET = 0.0005;
const SLOW = 5000; // Milliseconds on the way, without what the service takes to look.
const BROWSERS = [[/Firefox/, "firefox"], [/Chrome|Chromium|Edg/, "chromium"], [/Safari/, "safari"]];

export function browser() {
  return BROWSERS.find(([pattern]) => pattern.test(navigator.userAgent))?.[1] ?? "chromium";
}

// Why a device could not be opened, as a key of the page's words.
export function reason(device, error) {
  const causes = {
    NotAllowedError: "denied", SecurityError: "denied",
    NotFoundError: "missing", OverconstrainedError: "missing", DevicesNotFoundError: "missing",
    NotReadableError: "busy", AbortError: "busy",
  };
  return `${device}_${causes[error.name] ?? "busy"}`;
}

export class Check {
  #devices;
  #link;
  #show;
  #timer;
  #heard = false;
  #ended = false;
  #asked = {};
  #refused = new Set(); // Devices that the browser would ask for anew: only a click may make it.
  passed = { camera: false, microphone: false, light: false, face: false, network: false, screen: true };

  // `show(item, state, word)` draws one line; state is "good", "bad" or "wait".
  constructor(camera, microphone, link, show) {
    this.#devices = { camera, microphone };
    this.#link = link;
    this.#show = show;
  }

  async begin() {
    for (const item of ["light", "face"]) this.#show(item, "wait", "after_camera");
    // Once allowed in the address bar it goes on by itself, where the browser tells.
    for (const name of Object.keys(this.#devices)) {
      const permission = await navigator.permissions?.query({ name }).catch(() => null);
      if (permission) permission.onchange = () => this.#refused.delete(name);
    }
    this.#look();
  }

  end() {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  // What the candidate's click on "Try again" does.
  again() {
    this.#refused.clear();
  }

  get refused() {
    return this.#refused.size > 0;
  }

  // What is missing or busy is tried again and again: a plug and a closed program tell nobody.
  async #open(name) {
    const device = this.#devices[name];
    if (device.track?.readyState === "live" || this.#refused.has(name)) return;
    try {
      if (!(name in this.#asked)) this.#show(name, "wait", "asking");
      this.#asked[name] = true;
      await device.open();
      this.#set(name, true, `${name}_good`);
    } catch (error) {
      const word = reason(name, error);
      if (word.endsWith("_denied")) this.#refused.add(name);
      this.#set(name, false, word);
    }
  }

  async #look() {
    const { camera } = this.#devices;
    await this.#open("camera");
    await this.#open("microphone");
    if (camera.running) {
      const bright = camera.brightness();
      this.#set("light", bright >= DARK, bright >= DARK ? "light_good" : "light_dark");
    }
    await this.#ask();
    this.#hear();
    const extended = window.screen.isExtended;
    this.#set("screen", !extended, { true: "screen_extra", false: "screen_good" }[extended] ?? "screen_unknown");
    if (!this.#ended) this.#timer = setTimeout(() => this.#look(), 1500);
  }

  // A silent microphone is a hint, not an obstacle: a quiet room is no fault.
  #hear() {
    const { microphone } = this.#devices;
    if (microphone.track?.readyState !== "live") return;
    this.#heard ||= microphone.level > QUIET;
    this.#set("microphone", true, microphone.still ? "microphone_still" : this.#heard ? "microphone_good" : "microphone_quiet");
  }

  async #ask() {
    const { camera } = this.#devices;
    const begun = performance.now();
    try {
      const seen = camera.running ? await this.#link.prepare("look", await camera.frame()) : await ping();
      const slow = performance.now() - begun - (seen?.seconds ?? 0) * 1000 > SLOW;
      this.#set("network", !slow, slow ? "network_slow" : "network_good");
      if (!seen) return;
      const { faces, centred } = seen;
      const word = faces === 0 ? "face_none" : faces > 1 ? "face_several" : centred ? "face_good" : "face_aside";
      this.#set("face", faces === 1 && centred, word);
    } catch (error) {
      if (error instanceof Refused && error.status !== 429) this.#set("face", false, "face_none");
      else if (!(error instanceof Refused)) this.#set("network", false, "network_none");
    }
  }

  #set(item, good, word) {
    this.passed[item] = good;
    if (!this.#ended) this.#show(item, good ? "good" : "bad", word);
  }
}

async function ping() {
  await fetch("/health/live", { cache: "no-store", signal: AbortSignal.timeout(20000) });
}
