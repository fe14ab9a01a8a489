// Proves to Moodle's page that this exam is being watched: its tickets go to the service, the service's proofs go back.

import { Refused } from "./link.js";

export class Proof {
  #link;
  #page;
  #origin;
  #running;
  #plain;
  #seen;
  #nonce;

  // `page` gives the window of Moodle's page, `running` whether the camera runs; `plain` is the constant that v0.8
  // waits for, or null; `seen` is told what the page has seen its student do.
  constructor(link, { page, origin, running, plain, seen }) {
    this.#link = link;
    this.#page = page;
    this.#origin = origin;
    this.#running = running;
    this.#plain = plain;
    this.#seen = seen;
    window.addEventListener("message", (event) => this.#heard(event));
  }

  hello() {
    this.#say({ type: "proctoring.hello" });
    if (this.#plain && this.#running()) this.#page()?.postMessage(this.#plain, this.#origin);
  }

  lost() {
    if (this.#nonce) this.#say({ type: "proctoring.lost", nonce: this.#nonce });
  }

  async #heard(event) {
    if (event.origin !== this.#origin || event.source !== this.#page()) return;
    const { type, ticket, nonce, what } = event.data ?? {};
    if (type === "proctoring.seen") this.#seen(what);
    if (type !== "proctoring.ticket" || !this.#running()) return;
    try {
      const { proof } = await this.#link.send("proof", {}, { ticket });
      this.#nonce = nonce;
      this.#say({ type: "proctoring.ready", nonce, proof });
    } catch (error) {
      if (!(error instanceof Refused || error instanceof TypeError)) throw error;
      // Without network or with a refused ticket the page asks again with a new one.
    }
  }

  #say(message) {
    this.#page()?.postMessage(message, this.#origin);
  }
}
