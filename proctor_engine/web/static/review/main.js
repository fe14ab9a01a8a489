// One session under review: the list, the timeline and the picture show the same moment; decisions move the score.

import { Timeline } from "./timeline.js";
import { clock, faults, line, said } from "./show.js";

const $ = (selector) => document.querySelector(selector);
const settings = JSON.parse($("#settings").textContent);
const words = JSON.parse($("#words").textContent);
const base = `/api/review/${settings.session}`;

const MARKED = 9999; // Higher numbers are people's.
const NEAR = 15; // Seconds within which a picture shows a moment.

let facts = await (await fetch(base)).json();
let chosen = 0;
let shown = 0;
let playing = null;
let doing = Promise.resolve();

const timeline = new Timeline($("#timeline"), { words, pick: (time) => look(time), choose: (number) => select(indexOf(number)) });

async function post(path, body) {
  const response = await fetch(base + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": settings.csrf },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

// Does what a person asked for, one thing after the other however fast they are, and says where it fails.
function attempt(what, said) {
  doing = doing.then(what).catch((error) => {
    $(said).textContent = error instanceof TypeError ? words.lost : error.message; // fetch's, without network.
  });
}

function indexOf(number) {
  return facts.incidents.findIndex((incident) => incident.number === number);
}

function draw() {
  $("#score").textContent = facts.score.value;
  $("#proposal").textContent = words[facts.proposal] ?? "–";
  $("#conclusion").textContent = words[facts.conclusion] ?? "–";
  $("#identity").textContent = words[`identity_${facts.identity}`] ?? "–";
  $("#identify").hidden = !["unsure", "different"].includes(facts.identity);
  $("#delivery").textContent = facts.delivery ? words[`delivery_${facts.delivery.state}`] : "–";
  $("#delivery").title = facts.delivery?.error ?? "";
  $("#faults").textContent = faults(facts.frames, words);
  const held = document.activeElement?.dataset.does;
  $("#incidents").replaceChildren(...facts.incidents.map(row));
  if (held) $(`#incidents [data-chosen] [data-does=${held}]`)?.focus();
  $("#none").hidden = facts.incidents.length > 0;
  $("#reviewed").hidden = !facts.reviews.length;
  $("#terms").replaceChildren(...facts.score.terms.map((term) => {
    const element = line("li", `${term.title}: ${term.points}`);
    element.append(line("span", term.text, "hint"));
    return element;
  }));
  $("#reviews").replaceChildren(...facts.reviews.map((review) =>
    line("li", `${review.reviewer}: ${words[review.conclusion]} (${review.score}) ${review.comment}`)));
  $("#messages").replaceChildren(...facts.messages.map(said));
  timeline.draw(facts, facts.incidents[chosen]?.number);
}

function row(incident, index) {
  const element = document.createElement("li");
  element.className = incident.decision;
  element.toggleAttribute("data-chosen", index === chosen);
  if (index === chosen) element.setAttribute("aria-current", "true");
  element.onclick = () => select(index);
  const head = line("span", `${clock(incident.start)}–${clock(incident.end)}`, "number");
  const title = line("strong", incident.title);
  const marked = incident.number > MARKED && incident.by ? words.marked_by.replace("{}", incident.by) : "";
  const note = [words[`decision_${incident.decision}`], marked, incident.scored ? "" : words.unscored, incident.detail];
  element.append(head, title, line("span", note.filter(Boolean).join(" · "), "hint"));
  for (const [decision, key] of [["confirmed", "C"], ["dismissed", "D"]]) {
    const button = line("button", words[`do_${decision}`], "quiet");
    button.title = key;
    button.dataset.does = decision;
    button.setAttribute("aria-pressed", incident.decision === decision);
    button.onclick = (event) => {
      event.stopPropagation();
      select(index);
      decide(incident.decision === decision ? "undecided" : decision);
    };
    element.append(button);
  }
  return element;
}

function select(index) {
  if (!facts.incidents.length) return look(0);
  chosen = Math.max(0, Math.min(facts.incidents.length - 1, index));
  const incident = facts.incidents[chosen];
  look(incident.evidence[0] ?? incident.start, incident.title);
  draw();
  timeline.show(incident.start, incident.end);
  $("#incidents").children[chosen]?.scrollIntoView({ block: "nearest" });
}

// The kept picture of a kind that is nearest to a time, if it is near enough.
function nearest(kind, time) {
  const pieces = facts.evidence.filter((piece) => piece.kind === kind);
  const best = pieces.reduce((best, piece) =>
    (best && Math.abs(best.time - time) <= Math.abs(piece.time - time) ? best : piece), null);
  return best && Math.abs(best.time - time) <= NEAR ? best : null;
}

function look(time, title = "") {
  shown = time;
  const said = [clock(time), title].filter(Boolean).join(" · ");
  timeline.mark(time);
  for (const kind of ["phone", "screen"]) {
    const piece = nearest(kind, time);
    $(`#${kind}`).hidden = !piece;
    if (piece) $(`#${kind} img`).src = `${base}/evidence/${piece.id}`;
  }
  const frame = nearest("frame", time);
  if (!frame) {
    $("#picture").removeAttribute("src");
    $("#caption").textContent = `${said}: ${words.no_picture}`;
    return;
  }
  $("#picture").src = `${base}/evidence/${frame.id}`;
  $("#picture").alt = `${words.picture_at} ${clock(frame.time)}`;
  $("#caption").textContent = said;
}

function decide(decision) {
  const incident = facts.incidents[chosen];
  if (!incident) return;
  attempt(async () => {
    await post(`/incidents/${incident.number}`, { decision });
    await read();
    draw();
  }, "#caption");
}

async function read() {
  const fresh = await (await fetch(base)).json();
  const { number } = facts.incidents[chosen] ?? {}; // Asked for now: the reviewer may have gone on meanwhile.
  facts = fresh;
  chosen = Math.max(0, indexOf(number)); // Somebody else may have marked one before it.
}

function play() {
  if (playing) {
    clearInterval(playing);
    playing = null;
  } else {
    const frames = facts.evidence.filter((piece) => piece.kind === "frame").map((piece) => piece.time);
    let next = Math.max(0, frames.findIndex((time) => time > shown)); // From what is looked at; at the end, anew.
    playing = setInterval(() => (next < frames.length ? look(frames[next++]) : play()), 500);
  }
  $("#play").textContent = playing ? words.stop : words.play;
}

for (const kind of ["reference", "enrolment", "face", "document"]) {
  const piece = facts.evidence.find((item) => item.kind === kind);
  if (!piece) continue;
  $(`#${kind}`).hidden = false;
  $(`#${kind} img`).src = `${base}/evidence/${piece.id}`;
}
// A small picture takes the large one's place until the next moment is looked at.
for (const figure of document.querySelectorAll(".identity figure")) {
  const caption = figure.querySelector("figcaption").textContent;
  figure.querySelector("img").alt = caption;
  figure.querySelector("button").onclick = () => {
    $("#picture").src = figure.querySelector("img").src;
    $("#picture").alt = $("#caption").textContent = caption;
  };
}

const KEYS = {
  ArrowDown: () => select(chosen + 1), j: () => select(chosen + 1),
  ArrowUp: () => select(chosen - 1), k: () => select(chosen - 1),
  c: () => decide("confirmed"), d: () => decide("dismissed"), u: () => decide("undecided"),
  ArrowRight: () => timeline.pan(0.25), ArrowLeft: () => timeline.pan(-0.25),
  "+": () => timeline.zoom(0.5), "-": () => timeline.zoom(2), 0: () => timeline.whole(),
};
// Whoever speaks to their computer, or types with a shaky hand, switches single keys off for good.
$("#keys").checked = localStorage.getItem("review-keys") !== "off";
$("#keys").onchange = ({ target }) => localStorage.setItem("review-keys", target.checked ? "on" : "off");
document.addEventListener("keydown", (event) => {
  if (!$("#keys").checked || event.target.matches("input:not([type=checkbox], [type=radio]), textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
$("#in").onclick = () => timeline.zoom(0.5);
$("#out").onclick = () => timeline.zoom(2);
$("#all").onclick = () => timeline.whole();
$("#play").onclick = play;
$("#identify").onclick = () => attempt(async () => {
  await post("/identity", {});
  await read();
  draw();
}, "#caption");
$("#mark").onsubmit = (event) => {
  event.preventDefault();
  const { type, detail } = Object.fromEntries(new FormData(event.target));
  attempt(async () => {
    const { number } = await post("/incidents", { type, detail, start: shown });
    await read();
    event.target.closest("details").open = false;
    event.target.reset();
    select(indexOf(number));
  }, "#caption");
};
$("#conclude").onsubmit = (event) => {
  event.preventDefault();
  const { conclusion, comment } = Object.fromEntries(new FormData(event.target));
  attempt(async () => {
    const answer = await post("/conclusion", { conclusion, comment });
    $("#said").textContent = answer.state === "concluded" ? words.concluded : words.second_needed;
    await read();
    draw();
  }, "#said");
};

draw();
select(0);
