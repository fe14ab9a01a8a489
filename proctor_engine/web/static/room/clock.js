// The session's time in seconds, as the service counts it. It never goes back: the analysis takes frames in order.

const BEHIND = 3; // Seconds by which ours may lag before the service's clock is believed.

export class SessionClock {
  #began;
  #monotonic;

  // `elapsed` is how long the session has run by the service's clock; `monotonic` gives milliseconds.
  constructor(elapsed, monotonic = () => performance.now()) {
    this.#monotonic = monotonic;
    this.#began = monotonic() - elapsed * 1000;
  }

  now() {
    return (this.#monotonic() - this.#began) / 1000;
  }

  // Takes the service's clock from an answer. A computer that slept may have stopped ours; an answer that took long can
  // only be too early, so that the way is one-way. Returns the seconds that were missing.
  heard(elapsed) {
    const missing = elapsed - this.now();
    if (!(missing > BEHIND)) return 0;
    this.#began -= missing * 1000;
    return missing;
  }
}
