// The phone as the second camera: consent, then a picture every few seconds until the exam is over.

import { Backoff } from "../room/backoff.js";

const WIDTH = 1280;
const HEIGHT = 720;
const $ = (selector) => document.querySelector(selector);
const settings = JSON.parse($("#settings").textContent);
const words = JSON.parse($("#words").textContent);
const KEPT = "proctor-phone";
const canvas = document.createElement("canvas");
const backoff = new Backoff();

function say(word, kind) {
  $("#status").hidden = false;
  $("#status").textContent = words[word];
  $("#status").dataset.kind = kind;
}

async function ask(path, headers, body) {
  const response = await fetch(path, { method: "POST", headers, body, signal: AbortSignal.timeout(20000) });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw Object.assign(new Error(answer.error), { status: response.status });
  return answer;
}

async function open() {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: { ideal: "environment" }, width: { ideal: WIDTH }, height: { ideal: HEIGHT } },
  });
  $("#preview").srcObject = stream;
  await $("#preview").play();
  return stream;
}

function picture() {
  canvas.width = $("#preview").videoWidth;
  canvas.height = $("#preview").videoHeight;
  canvas.getContext("2d").drawImage($("#preview"), 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.7));
}

const rest = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// A dark screen would stop the camera of most phones.
function stayAwake() {
  const hold = () => document.visibilityState === "visible" && navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", hold);
  hold();
}

async function watch(token) {
  let stream = await open();
  stayAwake();
  for (;;) {
    let pause;
    try {
      if (stream.getVideoTracks()[0].readyState !== "live") stream = await open();
      const { state, interval } = await ask("/api/phone/pictures", { Authorization: `Bearer ${token}` }, await picture());
      backoff.reset();
      pause = interval * 1000;
      if (state === "running" || state === "paused") say("watching", "good");
      else if (state === "prepared" || state === "identified") say("waiting", "good");
      else return end(stream, "over");
    } catch (error) {
      if ([401, 403, 404].includes(error.status)) return end(stream, "old");
      say("offline", "warn");
      pause = backoff.next();
    }
    await rest(pause);
  }
}

function end(stream, word) {
  for (const track of stream.getTracks()) track.stop();
  sessionStorage.removeItem(KEPT);
  $("#preview").hidden = true;
  say(word, "good");
}

async function begin(token) {
  $("#consent").hidden = true;
  $("#preview").hidden = false;
  try {
    await watch(token);
  } catch {
    $("#preview").hidden = true;
    say("denied", "bad");
  }
}

$("#consent").onsubmit = async (event) => {
  event.preventDefault();
  try {
    const body = JSON.stringify({ link: settings.link, consent: true });
    const { token } = await ask("/api/phone/join", { "Content-Type": "application/json" }, body);
    sessionStorage.setItem(KEPT, token);
    history.replaceState(null, "", "/phone"); // The link is spent; a reload asks for no other.
    await begin(token);
  } catch (error) {
    say(error.status ? "old" : "offline", "warn");
  }
};

const kept = sessionStorage.getItem(KEPT);
if (!settings.link) kept ? begin(kept) : say("old", "warn");
