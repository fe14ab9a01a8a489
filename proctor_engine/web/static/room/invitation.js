// Invites the phone: shows a link as a QR code until the phone has joined, and a new one before the old one ends.

const LOOK = 2000;

export class Invitation {
  #link;
  #show;
  #timer;
  #until = 0;

  // `show(item, state, word)` draws the line of the system check.
  constructor(link, show) {
    this.#link = link;
    this.#show = show;
  }

  async begin() {
    const joined = await this.#look().catch(() => false);
    document.querySelector("#invitation").hidden = joined;
    this.#timer = setTimeout(() => this.begin(), LOOK);
  }

  end() {
    clearTimeout(this.#timer);
  }

  async #look() {
    const fresh = performance.now() > this.#until;
    const answer = await this.#link.prepare("phone", { link: fresh });
    const good = answer.phone === "good";
    this.#show("phone", { good: "good", waiting: "wait" }[answer.phone] ?? "bad", `phone_${answer.phone}`);
    if (answer.code) {
      document.querySelector("#invitation img").src = answer.code;
      document.querySelector("#invitation a").href = answer.link;
      document.querySelector("#invitation a").textContent = answer.link;
      this.#until = performance.now() + (answer.seconds / 2) * 1000;
    }
    return good;
  }
}
