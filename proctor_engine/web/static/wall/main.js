// The wall: cards that change as the service says, in the order of risk, pictures only of those in view.

import { ORDERS } from "./order.js";

const $ = (selector) => document.querySelector(selector);
const settings = JSON.parse($("#settings").textContent);
const words = JSON.parse($("#words").textContent);
const PICTURE_EVERY = 5000;
const SORT_EVERY = 3000;

const cards = new Map();
const inView = new Set();
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) {
      inView.add(target);
      refresh(target);
    } else inView.delete(target);
  }
}, { rootMargin: "200px" });

function make(card) {
  const element = document.createElement("li");
  element.innerHTML = `<a><img alt="" width="200" height="150" loading="lazy"><strong></strong><span class="state"></span><span class="open"></span></a>`;
  element.querySelector("a").href = `/wall/session/${card.id}`;
  observer.observe(element);
  return element;
}

function update(card) {
  const known = cards.get(card.id);
  const element = known?.element ?? make(card);
  cards.set(card.id, { ...card, element });
  element.dataset.id = card.id;
  element.className = `${card.state}${card.online ? "" : " offline"}${card.open.length ? " seen" : ""}`;
  element.querySelector("strong").textContent = card.name;
  const notes = [words[`state_${card.state}`], card.online || card.state === "prepared" ? "" : words.offline, `${words.score} ${card.score}`];
  if (["waiting", "away"].includes(card.phone)) notes.push(words[`phone_${card.phone}`]);
  if (card.identity === "unsure" || card.identity === "different") notes.push(words.compare);
  if (card.last_message > (known?.last_message ?? 0)) notes.push(words.has_written);
  element.querySelector(".state").textContent = notes.filter(Boolean).join(" · ");
  element.querySelector(".open").textContent = card.open.map((type) => words[type]).join(", ");
}

// Only cards whose place has changed are moved.
function arrange() {
  const wanted = $("#find").value.toLowerCase();
  const list = [...cards.values()];
  list.sort(ORDERS[$("#order").value]);
  let place = $("#wall").firstElementChild;
  for (const { element, name } of list) {
    element.hidden = !name.toLowerCase().includes(wanted);
    if (element === place) place = place.nextElementSibling;
    else $("#wall").insertBefore(element, place);
  }
  $("#count").textContent = words.count.replace("{}", list.length);
}

function refresh(element) {
  element.querySelector("img").src = `/api/wall/session/${element.dataset.id}/picture?small&t=${Math.floor(Date.now() / PICTURE_EVERY)}`;
}

const source = new EventSource(settings.stream);
source.onmessage = (event) => {
  const before = cards.size;
  for (const card of JSON.parse(event.data)) update(card);
  if (cards.size !== before) arrange();
};
source.onerror = () => document.body.classList.add("stale");
source.onopen = () => document.body.classList.remove("stale");
$("#find").oninput = arrange;
$("#order").onchange = arrange;
setInterval(arrange, SORT_EVERY);
setInterval(() => {
  for (const element of inView) if (element.matches(".running, .paused")) refresh(element);
}, PICTURE_EVERY);
