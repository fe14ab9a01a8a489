// Signs that last, with their start: kept beyond the page, so that the next one ends what this one has begun. In the
// panel every page of the quiz is a new one.

export class Lasting extends Map {
  #key;
  #storage;

  constructor(session, storage = localStorage) {
    super();
    this.#key = `proctor-signs-${session}`;
    this.#storage = storage;
    const kept = JSON.parse(storage.getItem(this.#key) ?? "{}");
    for (const [sign, start] of Object.entries(kept)) super.set(sign, start);
  }

  set(sign, start) {
    super.set(sign, start);
    this.#keep();
    return this;
  }

  delete(sign) {
    const was = super.delete(sign);
    this.#keep();
    return was;
  }

  #keep() {
    if (this.size) this.#storage.setItem(this.#key, JSON.stringify(Object.fromEntries(this)));
    else this.#storage.removeItem(this.#key);
  }
}
