// One candidate close up: the newest picture, what was found so far, and the ways to act.

import { said } from "../review/show.js";
import { Timeline } from "../review/timeline.js";

const $ = (selector) => document.querySelector(selector);
const settings = JSON.parse($("#settings").textContent);
const words = JSON.parse($("#words").textContent);
const base = `/api/wall/session/${settings.session}`;
const timeline = new Timeline($("#timeline"), { words, pick: () => {}, choose: () => {} });

async function post(what, body = {}) {
  const response = await fetch(`${base}/${what}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": settings.csrf },
    body: JSON.stringify(body),
  });
  if (!response.ok) $("#state").textContent = (await response.json()).error;
  await look();
}

async function look() {
  const facts = await (await fetch(base)).json();
  const live = ["running", "paused"].includes(facts.state);
  $("#state").textContent = [words[`state_${facts.state}`], facts.online || !live ? "" : words.offline].filter(Boolean).join(" · ");
  $("#state").dataset.kind = live && !facts.online ? "warn" : "good";
  $("#score").textContent = `${words.score} ${facts.score.value}`;
  $("#pause").hidden = facts.state !== "running";
  $("#resume").hidden = facts.state !== "paused";
  $("#stop").hidden = !live;
  $("#identify").hidden = !["unsure", "different"].includes(facts.identity) && facts.state !== "prepared";
  $("#messages").replaceChildren(...facts.messages.map(said));
  timeline.draw(facts);
  timeline.whole();
  if (live) $("#picture").src = `${base}/picture?t=${Date.now()}`;
  $("#phone").textContent = words[`phone_${facts.phone}`];
  for (const kind of ["phone", "screen"]) {
    const piece = facts.evidence.filter((one) => one.kind === kind).at(-1);
    $(`#${kind}-picture`).hidden = !piece;
    if (piece) $(`#${kind}-picture img`).src = `${base}/evidence/${piece.id}`;
  }
}

for (const order of ["pause", "resume", "identify"]) $(`#${order}`).onclick = () => post(order);
$("#stop").onclick = () => $("#sure").showModal();
$("#sure").onclose = () => $("#sure").returnValue === "yes" && post("stop");
$("#say").onsubmit = (event) => {
  event.preventDefault();
  const field = event.target.elements.text;
  post("say", { kind: event.submitter.value, text: field.value });
  field.value = "";
};

$("#mark").onsubmit = (event) => {
  event.preventDefault();
  const { type, detail } = Object.fromEntries(new FormData(event.target));
  post("mark", { type, detail });
  event.target.reset();
};

look();
setInterval(look, 2000);
