// Pauses between tries: each twice as long, up to a limit, and never quite the same for two browsers, so that a room
// full of candidates does not come back all at once.

const FIRST = 500;
const LONGEST = 15000;

export class Backoff {
  #failures = 0;
  #random;

  constructor(random = Math.random) {
    this.#random = random;
  }

  // Milliseconds.
  next() {
    const whole = Math.min(LONGEST, FIRST * 2 ** this.#failures);
    this.#failures += 1;
    return whole * (0.5 + this.#random() / 2);
  }

  reset() {
    this.#failures = 0;
  }
}
