// Talks to the service. A candidate's session has two keys: the cookie before the start, a bearer token after it.

export class Refused extends Error {
  // `elsewhere` tells that another browser has the exam.
  constructor(status, { error, elsewhere = false }) {
    super(error);
    this.status = status;
    this.elsewhere = elsewhere;
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
    return ask(`/api/sessions/${this.session}/${step}`, body, { "X-CSRFToken": this.#csrf });
  }

  // While the exam runs. Throws TypeError without network, Refused for an error of the service.
  send(what, query, body) {
    const path = `/api/sessions/${this.session}/${what}?${new URLSearchParams(query)}`;
    return ask(path, body, { Authorization: `Bearer ${this.#token}` });
  }
}

export async function ask(path, body, headers = {}) {
  if (body !== undefined && !(body instanceof Blob)) {
    headers = { ...headers, "Content-Type": "application/json" };
    body = JSON.stringify(body);
  }
  const response = await fetch(path, { method: "POST", headers, body, signal: AbortSignal.timeout(20000) });
  const answer = await response.json().catch(() => ({ error: response.statusText }));
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}
