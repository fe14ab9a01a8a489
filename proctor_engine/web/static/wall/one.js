// One candidate close up: the newest picture, what was found so far, and the ways to act.

import { faults, said } from "../review/show.js";
import { Timeline } from "../review/timeline.js";

const $ = (selector) => document.querySelector(selector);
const settings = JSON.parse($("#settings").textContent);
const words = JSON.parse($("#words").textContent);
const base = `/api/wall/session/${settings.session}`;
const timeline = new Timeline($("#timeline"), { words, pick: () => {}, choose: () => {} });

const IDENTITY = ["reference", "enrolment", "face", "document"];

let drawn = 0; // Messages.

function say(text) {
  $("#said").hidden = !text;
  put("#said", text);
}

// What is a status is read out when it changes: the same again is no change.
function put(selector, text) {
  if ($(selector).textContent !== text) $(selector).textContent = text;
}

async function ask(path, options) {
  let response, answer;
  try {
    response = await fetch(path, options);
    answer = await response.json();
  } catch {
    throw new Error(words.lost);
  }
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

async function post(what, body = {}) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": settings.csrf };
  try {
    await ask(`${base}/${what}`, { method: "POST", headers, body: JSON.stringify(body) });
    say("");
  } catch (error) {
    return say(error.message);
  }
  await look();
}

async function look() {
  try {
    show(await ask(base));
    if ($("#said").textContent === words.lost) say("");
  } catch (error) {
    say(error.message);
  }
}

function show(facts) {
  const live = ["running", "paused"].includes(facts.state);
  put("#state", [words[`state_${facts.state}`], facts.online || !live ? "" : words.offline].filter(Boolean).join(" · "));
  $("#state").dataset.kind = live && !facts.online ? "warn" : "good";
  put("#score", `${words.score} ${facts.score.value}`);
  $("#pause").hidden = facts.state !== "running";
  $("#resume").hidden = facts.state !== "paused";
  $("#stop").hidden = !live;
  $("#mark button").disabled = !live;
  const asked = ["unsure", "different"].includes(facts.identity) || facts.state === "prepared";
  $("#identify").hidden = !asked;
  const fresh = facts.messages.slice(drawn);
  drawn = facts.messages.length;
  $("#messages").append(...fresh.map(said));
  if (fresh.length) $("#messages").lastElementChild.scrollIntoView({ block: "nearest" });
  timeline.draw(facts);
  if (live) $("#picture").src = `${base}/picture?t=${Date.now()}`;
  $("#picture").hidden = !$("#picture").getAttribute("src");
  put("#phone", words[`phone_${facts.phone}`]);
  put("#faults", faults(facts.frames, words));
  // Who is asked whether it is this person needs the pictures for it.
  for (const kind of ["phone", "screen", ...IDENTITY]) {
    const piece = facts.evidence.filter((one) => one.kind === kind).at(-1);
    const shown = piece && (asked || !IDENTITY.includes(kind));
    $(`#${kind}-picture`).hidden = !shown;
    const address = `${base}/evidence/${piece?.id}`;
    if (shown && $(`#${kind}-picture img`).getAttribute("src") !== address) $(`#${kind}-picture img`).src = address;
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
  field.focus();
};

$("#mark").onsubmit = (event) => {
  event.preventDefault();
  const { type, detail } = Object.fromEntries(new FormData(event.target));
  post("mark", { type, detail });
  event.target.reset();
};

look();
setInterval(look, 2000);
