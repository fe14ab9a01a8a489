"use strict";
// The journal page: asks for what is new once a second and shows one exchange beside the list.
const rows = document.getElementById("exchanges");
const detail = document.getElementById("detail");
const state = document.getElementById("state");
const filter = document.getElementById("filter");
const pause = document.getElementById("pause");
const known = new Map();
let last = 0;
let paused = false;

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

function block(title, headers, body) {
  const part = element("section", undefined, "col-md-6");
  part.append(element("h2", title, "h6"));
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n");
  const pre = element("pre", `${lines}\n\n${pretty(body)}`, "border rounded p-2 bg-light small journal-body");
  pre.tabIndex = 0;
  part.append(pre);
  return part;
}

function show(exchange) {
  const both = element("div", undefined, "row");
  const asked = `${exchange.method} ${exchange.path}${exchange.query ? "?" + exchange.query : ""}`;
  both.append(block(asked, exchange.request_headers, exchange.request_body));
  both.append(block(`${exchange.status}`, exchange.response_headers, exchange.response_body));
  detail.replaceChildren(...exchange.notes.map((note) => element("p", note, "alert alert-warning py-1")), both);
}

function matches(exchange) {
  const wanted = filter.value.trim().replaceAll("*", "");
  return !wanted || (exchange.function || "").includes(wanted) || exchange.path.includes(wanted);
}

function row(exchange) {
  const made = element("tr", undefined, exchange.status >= 400 || exchange.status === 0 ? "table-danger" : "");
  const button = element("button", exchange.function || `${exchange.method} ${exchange.path}`, "btn btn-sm p-0 text-start text-decoration-underline");
  button.type = "button";
  button.addEventListener("click", () => show(exchange));
  const name = element("td");
  name.append(button);
  if (exchange.notes.length) name.append(element("span", "note", "badge text-bg-warning ms-1"));
  made.append(element("td", exchange.id), name, element("td", exchange.status || "dropped"), element("td", (exchange.seconds * 1000).toFixed(1)));
  made.hidden = !matches(exchange);
  return made;
}

async function refresh() {
  if (paused) return;
  try {
    const answer = await fetch(`journal?after=${last}`);
    for (const exchange of await answer.json()) {
      last = Math.max(last, exchange.id);
      const made = row(exchange);
      known.set(exchange, made);
      rows.prepend(made);
    }
    state.textContent = `${known.size} requests`;
  } catch {
    state.textContent = "The mock does not answer.";
  }
}

filter.addEventListener("input", () => known.forEach((made, exchange) => { made.hidden = !matches(exchange); }));
pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
});
document.getElementById("clear").addEventListener("click", async () => {
  await fetch("journal", { method: "DELETE" });
  known.clear();
  rows.replaceChildren();
});
refresh();
setInterval(refresh, 1000);
