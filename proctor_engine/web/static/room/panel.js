// The small frame on Moodle's quiz pages: gets a ticket, opens the session it belongs to, and watches.
// Every quiz page loads it anew; what was not sent yet waits in the queue.

import { Board } from "./board.js";
import { Camera } from "./camera.js";
import { reason } from "./check.js";
import { Exam } from "./exam.js";
import { Link } from "./link.js";
import { Microphone } from "./microphone.js";

const KEPT = "proctor";

const $ = (selector) => document.querySelector(selector);
const settings = JSON.parse($("#settings").textContent);
const words = JSON.parse($("#words").textContent);

const board = new Board(words);
const camera = new Camera($("#preview"));
const microphone = new Microphone();
let opening = false;

board.frame = () => window.parent;
board.over = () => {
  board.status("over", "good");
  $("#chat").hidden = true;
};

async function heard(event) {
  if (event.origin !== settings.moodle || event.source !== window.parent || opening) return;
  const { type, ticket } = event.data ?? {};
  if (type !== "proctoring.ticket") return;
  opening = true;
  try {
    await open(ticket);
  } catch {
    board.status("offline", "warn");
    opening = false; // The page sends tickets until it is answered.
  }
}

async function open(ticket) {
  const response = await fetch("/api/panel/open", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ticket }),
  });
  const answer = await response.json();
  const form = $("#prepare");
  form.hidden = answer.state !== "unprepared";
  form.elements.ticket.value = ticket;
  if (!form.hidden) {
    board.status("prepare", "warn");
    opening = false;
  } else if (["running", "paused"].includes(answer.state)) {
    await watch(answer);
  } else if (answer.state) {
    board.over();
  } else {
    throw new Error(answer.error);
  }
}

async function watch(started) {
  sessionStorage.setItem(KEPT, JSON.stringify({ session: started.session, token: started.token }));
  try {
    await camera.open();
    await microphone.open();
    await microphone.resume();
  } catch (error) {
    const word = reason(camera.running ? "microphone" : "camera", error);
    $("#status").textContent = words[word];
    $("#allow").hidden = false;
    $("#allow").onclick = () => location.reload();
    if (!camera.running) return;
  }
  window.removeEventListener("message", heard);
  const exam = new Exam(board, { ...settings, session: started.session }, { camera, microphone });
  $("#chat").hidden = false;
  board.attach(exam);
  // Two quiz pages of one browser never watch at the same time: the second waits until the first is left.
  navigator.locks.request(`proctor-${started.session}`, async () => {
    await exam.run(started);
    await new Promise(() => {});
  });
}

// A page whose questions are open already gives no ticket: there the token of the page before does.
async function resume() {
  const { session, token } = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  if (!token) return false;
  const answer = await new Link({ session, token }).send("resume", {}).catch(() => null);
  if (!["running", "paused"].includes(answer?.state)) return false;
  opening = true;
  await watch(answer);
  return true;
}

window.addEventListener("message", heard);
if (!(await resume())) window.parent.postMessage({ type: "proctoring.hello" }, settings.moodle);
