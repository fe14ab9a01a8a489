// The system check: each thing with a live state, a plain reason when it fails, and the way to mend it.

import { Refused } from "./link.js";

const DARK = 45;
const QUIET = 0.0005;
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
  #camera;
  #microphone;
  #link;
  #show;
  #timer;
  #heard = false;
  passed = { camera: false, microphone: false, light: false, face: false, network: false, screen: true };

  // `show(item, state, word)` draws one line; state is "good", "bad" or "wait".
  constructor(camera, microphone, link, show) {
    this.#camera = camera;
    this.#microphone = microphone;
    this.#link = link;
    this.#show = show;
  }

  async begin() {
    await this.#open("camera", this.#camera);
    await this.#open("microphone", this.#microphone);
    this.#look();
  }

  end() {
    clearTimeout(this.#timer);
  }

  async #open(name, device) {
    try {
      await device.open();
      this.#set(name, true, `${name}_good`);
      this.#hear();
    } catch (error) {
      this.#set(name, false, reason(name, error));
    }
  }

  async #look() {
    if (this.#camera.running) {
      const bright = this.#camera.brightness();
      this.#set("light", bright >= DARK, bright >= DARK ? "light_good" : "light_dark");
      await this.#ask();
    }
    this.#hear();
    const extended = window.screen.isExtended;
    this.#set("screen", !extended, { true: "screen_extra", false: "screen_good" }[extended] ?? "screen_unknown");
    this.#timer = setTimeout(() => this.#look(), 1500);
  }

  // A silent microphone is a hint, not an obstacle: a quiet room is no fault.
  #hear() {
    if (this.#microphone.track?.readyState !== "live") return;
    this.#heard ||= this.#microphone.level > QUIET;
    this.#set("microphone", true, this.#heard ? "microphone_good" : "microphone_quiet");
  }

  async #ask() {
    const begun = performance.now();
    try {
      const { faces, centred } = await this.#link.prepare("look", await this.#camera.frame());
      const slow = performance.now() - begun > 5000;
      this.#set("network", !slow, slow ? "network_slow" : "network_good");
      const word = faces === 0 ? "face_none" : faces > 1 ? "face_several" : centred ? "face_good" : "face_aside";
      this.#set("face", faces === 1 && centred, word);
    } catch (error) {
      if (error instanceof Refused && error.status !== 429) this.#set("face", false, "face_none");
      else if (!(error instanceof Refused)) this.#set("network", false, "network_none");
    }
  }

  #set(item, good, word) {
    this.passed[item] = good;
    this.#show(item, good ? "good" : "bad", word);
  }
}
