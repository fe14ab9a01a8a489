// Talks to the service. A candidate's session has two keys: the cookie before the start, a bearer token after it.

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  // Whether the same request may succeed later.
  get passing() {
    return this.status === 429 || this.status >= 500;
  }
}

export class Link {
  #token;
  #csrf;

  constructor({ session, token, csrf }) {
    this.session = session;
    this.#token = token;
    this.#csrf = csrf;
  }

  // Before the start: JSON in, JSON out. `body` may be a Blob.
  prepare(step, body) {
    return this.#ask(`/api/sessions/${this.session}/${step}`, body, { "X-CSRFToken": this.#csrf });
  }

  // While the exam runs. Throws TypeError without network, Refused for an error of the service.
  send(what, query, body) {
    const path = `/api/sessions/${this.session}/${what}?${new URLSearchParams(query)}`;
    return this.#ask(path, body, { Authorization: `Bearer ${this.#token}` });
  }

  async #ask(path, body, headers) {
    if (body !== undefined && !(body instanceof Blob)) {
      headers["Content-Type"] = "application/json";
      body = JSON.stringify(body);
    }
    const response = await fetch(path, { method: "POST", headers, body, signal: AbortSignal.timeout(20000) });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Refused(response.status, answer.error ?? response.statusText);
    return answer;
  }
}
