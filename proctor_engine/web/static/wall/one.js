// One candidate close up: the newest picture, what was found so far, and the ways to act.

import { line } from "../review/show.js";
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
  $("#messages").replaceChildren(...facts.messages.map(({ author, text, kind }) => line("li", `${author}: ${text}`, kind)));
  timeline.draw(facts);
  timeline.whole();
  if (live) $("#picture").src = `${base}/picture?t=${Date.now()}`;
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

look();
setInterval(look, 2000);
