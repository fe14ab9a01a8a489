// Empties the queue in order. A chunk leaves it only when the service has said that it will not be lost.

import { Backoff } from "./backoff.js";
import { Refused } from "./link.js";

const SILENCE = 10000; // Milliseconds after which a sign of life is sent in place of a chunk.

export class Sender {
  #queue;
  #link;
  #news;
  #connection;
  #wake = () => {};
  #stopped = false;
  #lastMessage = 0;
  online = true;

  // `news` gets every answer of the service; `connection` is told when it is lost and found.
  constructor(queue, link, { news, connection }) {
    this.#queue = queue;
    this.#link = link;
    this.#news = news;
    this.#connection = connection;
    globalThis.addEventListener?.("online", () => this.#wake());
  }

  async put(kind, time, body) {
    await this.#queue.put(kind, time, body);
    this.#wake(true);
  }

  stop() {
    this.#stopped = true;
    this.#wake();
  }

  async run() {
    const backoff = new Backoff();
    while (!this.#stopped) {
      const chunk = await this.#queue.first();
      try {
        if (chunk) await this.#deliver(chunk);
        else if (await this.#rest(SILENCE)) await this.#report("alive", {});
        this.#found();
        backoff.reset();
      } catch (error) {
        if (error instanceof Refused && !error.passing) {
          this.#stopped ||= await this.#giveUp(chunk, error);
          continue;
        }
        this.#lost();
        await this.#rest(backoff.next(), { patiently: true });
      }
    }
  }

  // Waits until everything has arrived, for as long as it takes; if the service takes nothing more, not at all.
  async drain(progress) {
    for (let left = await this.#queue.size(); left > 0 && !this.#stopped; left = await this.#queue.size()) {
      progress(left);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  // Asks for something without a number until the service has heard it.
  async insist(what) {
    for (const backoff = new Backoff(); !this.#stopped; ) {
      try {
        return await this.#link.send(what, {});
      } catch (error) {
        if (error instanceof Refused && !error.passing) return null;
        await new Promise((resolve) => setTimeout(resolve, backoff.next()));
      }
    }
  }

  async #deliver({ sequence, kind, time, body }) {
    await this.#report(kind, { sequence, time: time.toFixed(3) }, body);
    await this.#queue.remove(sequence);
  }

  async #report(what, query, body) {
    const answer = await this.#link.send(what, { ...query, after: this.#lastMessage }, body);
    for (const message of answer.messages ?? []) this.#lastMessage = Math.max(this.#lastMessage, message.id);
    this.#news(answer);
  }

  // A refused chunk must not hold up the others, and its number must not be missing: an empty report takes its place.
  async #giveUp(chunk, error) {
    if (!chunk || [401, 403, 404, 409].includes(error.status)) {
      this.#news({ state: error.elsewhere ? "elsewhere" : "finished", reason: error.message });
      return true;
    }
    const empty = { ...chunk, kind: "events", time: 0, body: { events: [] } };
    if (chunk.time === 0 && chunk.kind === "events") await this.#queue.remove(chunk.sequence);
    else await this.#queue.replace(empty);
    return false;
  }

  // Resolves to true when the time is over, to false when something has come to send, or the network is back. What
  // comes to send does not end a rest after a failure.
  #rest(milliseconds, { patiently = false } = {}) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), milliseconds);
      this.#wake = (isChunk = false) => {
        if (patiently && isChunk) return;
        clearTimeout(timer);
        resolve(false);
      };
    });
  }

  #lost() {
    if (this.online) this.#connection(false);
    this.online = false;
  }

  #found() {
    if (!this.online) this.#connection(true);
    this.online = true;
  }
}
