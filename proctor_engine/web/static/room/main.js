// The room: system check, identification, exam, in this order and on one page, so that a camera that is on stays on.

import { Camera } from "./camera.js";
import { Check, browser } from "./check.js";
import { Exam } from "./exam.js";
import { alone, holder } from "./holder.js";
import { Invitation } from "./invitation.js";
import { Link, Refused } from "./link.js";
import { Microphone } from "./microphone.js";
import { Board } from "./board.js";

const $ = (selector) => document.querySelector(selector);
const settings = JSON.parse($("#settings").textContent);
const words = JSON.parse($("#words").textContent);

const camera = new Camera($("#preview"));
const microphone = new Microphone();
const link = new Link(settings);
const check = new Check(camera, microphone, link, showCheck);
const invitation = new Invitation(link, showCheck);
let exam = null;
let left = false; // The face, to a person.

function showCheck(item, state, word) {
  const line = $(`#check-${item}`);
  line.dataset.state = state;
  const text = [words[word], words[`${word}_${browser()}`]].filter(Boolean).join(" ");
  const said = line.querySelector(".said");
  if (said.textContent !== text) said.textContent = text;
  const { camera, face } = check.passed;
  $("#go-on").disabled = !camera;
  $("#hint-camera").hidden = $("#check-camera").dataset.state !== "bad";
  $("#hint-face").hidden = !camera || face;
  $("#again").hidden = !check.refused;
}

function step(name) {
  for (const section of document.querySelectorAll("[data-step]")) section.hidden = section.dataset.step !== name;
  for (const mark of document.querySelectorAll("[data-mark]")) {
    mark.toggleAttribute("aria-current", mark.dataset.mark === name);
    if (mark.dataset.mark === name) mark.setAttribute("aria-current", "step");
  }
  document.body.dataset.phase = name;
  const section = $(`[data-step="${name}"]`);
  (section.querySelector("h1, h2, iframe") ?? section).focus();
}

async function identify(needs) {
  if (!needs.length) return start();
  step("identity");
  const need = needs[0];
  $("#identity-title").textContent = words[`${need}_title`];
  $("#identity-text").textContent = words[`${need}_text`];
  $("#shot").onclick = () => shoot(need);
}

async function shoot(need) {
  const button = $("#shot");
  button.disabled = true;
  $("#identity-answer").textContent = words.looking;
  try {
    const answer = await link.prepare(need, await camera.frame());
    if (answer.state === "identified") return await start();
    if (need === "document" && left) return await leaveToPerson();
    if (need === "document" || answer.decision === "same") return await identify(answer.missing);
    $("#identity-answer").textContent = words[`reason_${answer.reason}`];
    $("#person").hidden = !answer.person_offered;
  } catch (error) {
    // An earlier picture was taken though its answer never came: the session is further than this page.
    if (error instanceof Refused && error.status === 409) return location.reload();
    $("#identity-answer").textContent = said(error);
  } finally {
    button.disabled = false;
  }
}

// The face is left to a person, who needs the document for it where one is asked for.
async function leaveToPerson() {
  try {
    const { state, missing } = await link.prepare("person", {});
    if (state === "identified") return start();
    left = true;
    $("#person").hidden = true;
    $("#identity-answer").textContent = "";
    identify(missing.filter((need) => need !== "face"));
  } catch (error) {
    $("#identity-answer").textContent = said(error);
  }
}

function said(error) {
  return error instanceof Refused ? error.message : words.no_answer;
}

async function start() {
  step("ready");
  $("#begin").disabled = false;
}

async function begin() {
  $("#begin").disabled = true;
  microphone.resume();
  const board = new Board(words);
  exam = new Exam(board, settings, { camera, microphone });
  if (settings.screenShare) await exam.shareScreen().catch(() => {});
  if (settings.fullScreen && document.fullscreenEnabled) offerFullScreen();
  await enter(board, {});
}

// Moodle's own pages carry the panel, which goes on from here; otherwise this page frames Moodle.
async function enter(board, { takeOver = false }) {
  const asked = settings.framed ? { holder: holder(), take_over: takeOver } : {};
  let started;
  try {
    started = await link.prepare("start", asked);
  } catch (error) {
    if (!(error instanceof Refused && error.elsewhere)) {
      $("#begin").disabled = false;
      $("#begin-answer").textContent = said(error);
      return;
    }
    elsewhere(() => {
      step("exam");
      return enter(board, { takeOver: true });
    });
    return;
  }
  check.end();
  invitation.end();
  if (!settings.framed) {
    location.assign(started.entry_url);
    return;
  }
  step("exam");
  board.attach(exam);
  await exam.run(started);
  board.open(started.entry_url);
}

// Browsers want a click for it, and the one that began the exam may be spent on the shared screen.
function offerFullScreen() {
  const button = $("#full-screen");
  const fill = () => document.documentElement.requestFullscreen().catch(() => {});
  const look = () => (button.hidden = Boolean(document.fullscreenElement));
  button.onclick = fill;
  document.addEventListener("fullscreenchange", look);
  look();
  fill();
}

function elsewhere(takeOver) {
  step("elsewhere");
  $("#take-over").onclick = takeOver;
}

async function watch() {
  $("#go-on").onclick = () => identify(settings.needs);
  $("#again").onclick = () => {
    $("#again").hidden = true;
    check.again();
  };
  $("#person button").onclick = leaveToPerson;
  $("#begin").onclick = begin;
  step("check");
  if (settings.phone) invitation.begin();
  await check.begin();
}

// Two tabs with one session would send everything twice.
await alone(settings.session, { watch, taken: elsewhere, lost: () => (exam ? exam.leave() : location.reload()) });
