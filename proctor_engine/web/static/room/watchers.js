// What only the browser can see: the window, the screens, the devices, the network. A lasting thing is one warning with
// a start, and later one with its end; a notice is a moment, for reviewers only.

const LONG_OFFLINE = 60; // Seconds from which a lost connection is a time-out too.
// Seconds for which a page around ours is new, and for which a new one may be without focus: Firefox gives it late.
const NEW = 3;
const FOCUSED_WITHIN = 5;
const PAGE_CHANGE = 10; // Seconds within which the exam's next page follows the one before.
const PAGE_LEFT = "page_left"; // Kept among what lasts, and no sign itself.
const PAGE_NOTICES = new Map([["copy", "copied"], ["cut", "cut"], ["paste", "pasted"], ["print", "printed"]]);
const VIRTUAL = /\b(obs|manycam|xsplit|snap camera|vcam|splitcam|droidcam|e2esoft|camtwist|mmhmm|virtual)\b/i;

// Whether a camera's name is that of a program which shows what it likes.
export function isVirtual(label) {
  return VIRTUAL.test(label);
}

export class Watchers {
  #signs;
  #report;
  #now;
  #lasting;
  #pageCame = 0;
  #pageLeft = Infinity; // From when on.
  #stops = [];

  // `signs` maps what is seen here to the names of warnings, `report` takes an event for the service, `now` gives the
  // seconds since the session's start; `lasting` holds what has begun and not ended, with its start.
  constructor(signs, report, now, lasting = new Map()) {
    this.#signs = signs;
    this.#report = report;
    this.#now = now;
    this.#lasting = lasting;
  }

  // Says that a sign is or is not so; only changes are reported.
  set(sign, is, detail) {
    const type = this.#signs[sign];
    const since = this.#lasting.get(sign);
    if (is && since === undefined) {
      const start = this.#now();
      this.#lasting.set(sign, start);
      this.#report({ type, start, detail });
    } else if (!is && since !== undefined) {
      this.#lasting.delete(sign);
      this.#report({ type, start: since, end: this.#now(), detail });
    }
  }

  notice(type, detail) {
    this.#report({ type, start: this.#now(), detail });
  }

  // `framed` tells that the page around us is another's: then its own script must tell about focus. `open` is for how
  // many seconds this page has been: what came before the exam in it is no absence.
  window({ framed, open = performance.now() / 1000 }) {
    this.#pageCame = this.#now();
    let leaving = false;
    this.#cameBack(this.#now() - open);
    const look = () => {
      if (leaving) return; // A page that goes is hidden first.
      const away = document.visibilityState === "hidden" || (framed ? this.#now() >= this.#pageLeft : !document.hasFocus());
      this.set("window_left", away, document.visibilityState);
    };
    this.#every(500, look);
    this.#listen(document, "visibilitychange", look);
    this.#listen(window, "pagehide", () => {
      leaving = true;
      this.#lasting.set(PAGE_LEFT, this.#now());
    });
    this.#listen(window, "pageshow", () => {
      leaving = false;
      this.#cameBack(this.#now());
    });
  }

  // Whoever goes from one page of the exam to the next leaves nothing; whoever was elsewhere between was away.
  #cameBack(end) {
    const start = this.#lasting.get(PAGE_LEFT);
    if (!this.#lasting.delete(PAGE_LEFT) || end - start < PAGE_CHANGE) return;
    this.#report({ type: this.#signs.window_left, start, end, detail: "page left" });
  }

  // What Moodle's own page has seen: the clipboard, the printer, and whether the student is in its window.
  page(what) {
    const now = this.#now();
    if (what === "left") this.#pageLeft = now - this.#pageCame < NEW ? now + FOCUSED_WITHIN : now;
    if (what === "back") this.#pageLeft = Infinity;
    if (PAGE_NOTICES.has(what)) this.notice(PAGE_NOTICES.get(what));
  }

  screens() {
    if (window.screen.isExtended === undefined) return this.notice("cannot_tell", "screens");
    this.#every(2000, () => this.set("more_screens", window.screen.isExtended));
  }

  camera(camera) {
    this.#every(1000, () => {
      const track = camera.track;
      const live = track?.readyState === "live";
      this.set("camera_gone", !live);
      this.set("camera_muted", live && track.muted, "muted by the system");
      this.set("camera_is_program", live && isVirtual(track.label), track?.label);
    });
  }

  microphone(microphone) {
    this.#every(1000, () => {
      const track = microphone.track;
      const live = track?.readyState === "live";
      this.set("microphone_gone", !live);
      this.set("microphone_muted", live && (track.muted || microphone.still), track?.muted ? "muted by the system" : "no sound comes");
    });
  }

  screenShare(screen) {
    if (!navigator.mediaDevices.getDisplayMedia) return this.notice("cannot_tell", "screen_share");
    this.#every(1000, () => {
      const whole = [undefined, "monitor"].includes(screen.surface);
      this.set("screen_not_shared", !screen.shared || !whole, screen.surface);
    });
  }

  fullScreen() {
    if (!document.fullscreenEnabled) return this.notice("cannot_tell", "full_screen");
    this.#listen(document, "fullscreenchange", () => document.fullscreenElement ?? this.notice("left_full_screen"));
  }

  // Called when the connection is lost and found. A long loss is told when it is over: before, nobody would hear it.
  connection(online) {
    const lost = this.#lasting.get("offline");
    if (online && this.#now() - lost > LONG_OFFLINE) {
      this.#report({ type: this.#signs.offline_long, start: lost, end: this.#now() });
    }
    this.set("offline", !online);
  }

  stop() {
    for (const stop of this.#stops.splice(0)) stop();
    this.#lasting.delete(PAGE_LEFT);
    for (const sign of [...this.#lasting.keys()]) this.set(sign, false);
  }

  #every(milliseconds, look) {
    const timer = setInterval(look, milliseconds);
    this.#stops.push(() => clearInterval(timer));
    look();
  }

  #listen(target, type, look) {
    target.addEventListener(type, look);
    this.#stops.push(() => target.removeEventListener(type, look));
  }
}
