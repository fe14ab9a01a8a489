// What a candidate sees beside the exam: one small status, the warnings they may see, messages, and the end.

export class Board {
  #words;
  #exam;
  #shown = new Set();

  constructor(words) {
    this.#words = words;
  }

  attach(exam) {
    this.#exam = exam;
    const form = this.#at("#chat");
    form.onsubmit = (event) => {
      event.preventDefault();
      const field = form.elements.text;
      if (field.value.trim()) exam.say(field.value.trim()).then(() => (field.value = ""), () => this.status("offline", "warn"));
    };
    const sure = this.#at("#sure");
    if (!sure) return; // In the panel an exam ends by handing it in.
    this.#at("#finish").onclick = () => sure.showModal();
    sure.onclose = () => {
      if (sure.returnValue === "yes") exam.finish();
    };
  }

  open(address) {
    const frame = this.#at("#moodle");
    frame.onload = () => this.#exam.hello();
    frame.src = address;
  }

  frame() {
    return this.#at("#moodle")?.contentWindow;
  }

  status(word, kind) {
    const element = this.#at("#status");
    if (element.dataset.word === word) return;
    element.dataset.word = word;
    element.dataset.kind = kind;
    element.textContent = this.#words[`status_${word}`];
  }

  news({ warnings, messages }) {
    const list = this.#at("#warnings");
    const types = [...new Set(warnings.map(({ type }) => type))].sort();
    if (list.dataset.types !== types.join()) {
      list.dataset.types = types.join();
      list.replaceChildren(...types.map((type) => this.#line("li", this.#words[type])));
    }
    for (const message of messages) {
      if (this.#shown.has(message.id)) continue;
      this.#shown.add(message.id);
      const line = this.#line("li", message.text);
      line.className = message.from_staff ? `from-staff ${message.kind}` : "own";
      this.#at("#messages").append(line);
      line.scrollIntoView({ block: "nearest" });
    }
  }

  paused(is) {
    document.body.toggleAttribute("data-paused", is);
  }

  left(chunks) {
    this.status("sending", "warn");
    this.#at("#status").title = chunks;
  }

  over() {
    location.reload();
  }

  elsewhere() {
    location.reload(); // The page asks anew, and is told that another browser has the exam.
  }

  #line(name, text) {
    const element = document.createElement(name);
    element.textContent = text;
    return element;
  }

  #at(selector) {
    return document.querySelector(selector);
  }
}
