// What only the browser can see: the window, the screens, the devices. Each lasting thing is one event with a start,
// and later one with its end.

export class Watchers {
  #report;
  #now;
  #lasting = new Map();
  #stops = [];

  // `report` takes an event for the service, `now` gives the seconds since the session's start.
  constructor(report, now) {
    this.#report = report;
    this.#now = now;
  }

  // Says that something of this type is or is not so; only changes are reported.
  set(type, is, detail) {
    const since = this.#lasting.get(type);
    if (is && since === undefined) {
      const start = this.#now();
      this.#lasting.set(type, start);
      this.#report({ type, start, detail });
    } else if (!is && since !== undefined) {
      this.#lasting.delete(type);
      this.#report({ type, start: since, end: this.#now(), detail });
    }
  }

  // `framed` tells that the page around us is another's: then only visibility can be seen, not focus.
  window({ framed }) {
    const look = () => {
      const away = document.visibilityState === "hidden" || (!framed && !document.hasFocus());
      this.set("warning_change_active_window_on_computer", away, document.visibilityState);
    };
    this.#every(500, look);
    this.#listen(document, "visibilitychange", look);
  }

  screens() {
    this.#every(2000, () => this.set("warning_extra_display", window.screen.isExtended === true));
  }

  camera(camera) {
    this.#every(1000, () => {
      const track = camera.track;
      this.set("warning_camera_no_device_connected", !track || track.readyState === "ended");
      this.set("warning_camera_no_picture", track?.readyState === "live" && track.muted, "muted by the system");
    });
  }

  microphone(microphone) {
    this.#every(1000, () => {
      const track = microphone.track;
      this.set("warning_mic_no_device_connected", !track || track.readyState === "ended");
      this.set("warning_mic_muted", track?.readyState === "live" && track.muted, "muted by the system");
    });
  }

  screenShare(stream) {
    this.#every(1000, () => {
      const track = stream()?.getVideoTracks()[0];
      this.set("warning_desktop_request_pending", track?.readyState !== "live");
    });
  }

  stop() {
    for (const stop of this.#stops) stop();
    for (const type of [...this.#lasting.keys()]) this.set(type, false);
  }

  #every(milliseconds, look) {
    const timer = setInterval(look, milliseconds);
    this.#stops.push(() => clearInterval(timer));
  }

  #listen(target, type, look) {
    target.addEventListener(type, look);
    this.#stops.push(() => target.removeEventListener(type, look));
  }
}
