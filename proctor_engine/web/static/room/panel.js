// The small frame on Moodle's quiz pages: gets a ticket, opens the session it belongs to, and watches.
// Every quiz page loads it anew; what was not sent yet waits in the queue.

import { Board } from "./board.js";
import { Camera } from "./camera.js";
import { browser, reason } from "./check.js";
import { Exam } from "./exam.js";
import { alone, holder } from "./holder.js";
import { Link, Refused, ask } from "./link.js";
import { Microphone } from "./microphone.js";

const KEPT = "proctor";
const LANGUAGE = "proctor-language";

const $ = (selector) => document.querySelector(selector);
const settings = JSON.parse($("#settings").textContent);
const words = JSON.parse($("#words").textContent);

speak(sessionStorage.getItem(LANGUAGE));

// In the language of Moodle's page, which a ticket told.
function speak(language) {
  if (!language) return;
  sessionStorage.setItem(LANGUAGE, language);
  if (language !== document.documentElement.lang) location.replace(`?lang=${language}`);
}

const board = new Board(words);
const camera = new Camera($("#preview"));
const microphone = new Microphone();
let opening = false;
let exam = null;
let takingOver = false; // With the next ticket, which comes in seconds.

board.frame = () => window.parent;
board.over = () => {
  board.status("over", "good");
  $("#chat").hidden = true;
};
board.elsewhere = () => elsewhere(() => location.reload());

function elsewhere(takeOver) {
  board.status("elsewhere", "warn");
  $("#chat").hidden = true;
  $("#take-over").hidden = false;
  $("#take-over").onclick = takeOver;
}

async function heard(event) {
  if (event.origin !== settings.moodle || event.source !== window.parent || opening) return;
  const { type, ticket } = event.data ?? {};
  // Of several quiz pages the one that is seen watches. The page sends tickets until it is answered.
  if (type !== "proctoring.ticket" || document.visibilityState === "hidden") return;
  opening = true;
  try {
    await open(ticket);
  } catch (error) {
    opening = false;
    if (!(error instanceof Refused && error.elsewhere)) board.status("offline", "warn");
    else elsewhere(() => (takingOver = true));
  }
}

async function open(ticket) {
  const answer = await ask("/api/panel/open", { ticket, holder: holder(), take_over: takingOver });
  speak(answer.language);
  $("#take-over").hidden = true;
  const form = $("#prepare");
  form.hidden = answer.state !== "unprepared";
  form.elements.ticket.value = ticket;
  if (!form.hidden) {
    board.status("prepare", "warn");
    opening = false;
  } else if (["running", "paused"].includes(answer.state)) {
    await watch(answer);
  } else {
    board.over();
  }
}

async function watch(started) {
  sessionStorage.setItem(KEPT, JSON.stringify({ session: started.session, token: started.token }));
  try {
    await camera.open();
    await microphone.open();
    microphone.resume();
  } catch (error) {
    const word = reason(camera.running ? "microphone" : "camera", error);
    $("#status").textContent = [words[word], words[`${word}_${browser()}`]].filter(Boolean).join(" ");
    $("#status").dataset.kind = "bad";
    $("#allow").hidden = false;
    $("#allow").onclick = () => location.reload();
    if (!camera.running) return;
  }
  window.removeEventListener("message", heard);
  exam = new Exam(board, { ...settings, session: started.session }, { camera, microphone });
  $("#chat").hidden = false;
  board.attach(exam);
  alone(started.session, { steals: true, watch: () => exam.run(started), lost: () => exam.leave() });
}

// A page whose questions are open already gives no ticket: there the token of the page before does.
async function resume() {
  const { session, token } = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  if (!token || document.visibilityState === "hidden") return false;
  const answer = await new Link({ session, token }).send("resume", {}).catch(() => null);
  if (!["running", "paused"].includes(answer?.state)) return false;
  opening = true;
  await watch(answer);
  return true;
}

window.addEventListener("message", heard);
if (!(await resume())) window.parent.postMessage({ type: "proctoring.hello" }, settings.moodle);
