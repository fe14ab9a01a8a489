// The wall: cards that change as the service says, in the order of risk, pictures only of those in view.

import { ORDERS, isPressing, unsure } from "./order.js";

const $ = (selector) => document.querySelector(selector);
const settings = JSON.parse($("#settings").textContent);
const words = JSON.parse($("#words").textContent);
const PICTURE_EVERY = 5000;
const SORT_EVERY = 3000;
const PATIENCE = 6000;

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

function part(name, className = "") {
  const element = document.createElement(name);
  element.className = className;
  return element;
}

function make(card) {
  const picture = Object.assign(part("img"), { alt: "", width: 200, height: 150, loading: "lazy" });
  const link = Object.assign(part("a"), { href: `/wall/session/${card.id}` });
  link.append(picture, part("strong"), part("span", "state"), part("span", "open"));
  const element = part("li");
  element.append(link);
  observer.observe(element);
  return element;
}

function update(card) {
  const element = cards.get(card.id)?.element ?? make(card);
  cards.set(card.id, { ...card, element });
  element.dataset.id = card.id;
  element.className = `${card.state}${card.online ? "" : " offline"}${card.open.length || card.asks ? " seen" : ""}`;
  element.querySelector("strong").textContent = card.name;
  const notes = [words[`state_${card.state}`], card.online || card.state === "prepared" ? "" : words.offline, `${words.score} ${card.score}`];
  if (["waiting", "away"].includes(card.phone)) notes.push(words[`phone_${card.phone}`]);
  if (unsure(card)) notes.push(words.compare);
  element.querySelector(".state").textContent = notes.filter(Boolean).join(" · ");
  element.querySelector(".open").textContent = [...(card.asks ? [words.asks] : []), ...card.open.map((type) => words[type])].join(", ");
}

// Only cards whose place has changed are moved, and none under the hand that is about to click.
function arrange() {
  const wanted = $("#find").value.toLowerCase();
  const pressing = $("#pressing").checked;
  const list = [...cards.values()].sort(ORDERS[$("#order").value]);
  const focused = document.activeElement;
  let place = $("#wall").firstElementChild;
  for (const card of list) {
    card.element.hidden = !card.name.toLowerCase().includes(wanted) || (pressing && !isPressing(card));
    if (card.element === place) place = place.nextElementSibling;
    else $("#wall").insertBefore(card.element, place);
  }
  if ($("#wall").contains(focused)) focused.focus({ preventScroll: true }); // A card that moves loses it.
  const signs = list.filter(({ open }) => open.length).length;
  const asking = list.filter(({ asks }) => asks).length;
  const told = [[words.count, list.length], ...(signs ? [[words.with_sign, signs]] : []), ...(asking ? [[words.asking, asking]] : [])];
  const text = told.map(([word, count]) => word.replace("{}", count)).join(" · ");
  if ($("#count").textContent !== text) $("#count").textContent = text;
}

function refresh(element) {
  element.querySelector("img").src = `/api/wall/session/${element.dataset.id}/picture?small&t=${Math.floor(Date.now() / PICTURE_EVERY)}`;
}

// The service ends a stream now and then and the browser opens the next: only what lasts is said.
let losing = null;
function lost(isLost) {
  clearTimeout(losing);
  losing = null;
  $("#lost").hidden = !isLost;
  $("#wall").classList.toggle("stale", isLost);
}

const source = new EventSource(settings.stream);
source.onmessage = (event) => {
  const before = cards.size;
  for (const card of JSON.parse(event.data)) update(card);
  if (cards.size !== before || !before) arrange();
};
source.onerror = () => {
  if (source.readyState === EventSource.CLOSED) lost(true);
  else losing ??= setTimeout(() => lost(true), PATIENCE);
};
source.onopen = () => lost(false);

let moved = -Infinity;
$("#wall").onpointermove = () => (moved = performance.now());
for (const field of ["#find", "#order", "#pressing"]) $(field).oninput = arrange;
setInterval(() => performance.now() - moved > SORT_EVERY && arrange(), SORT_EVERY);
setInterval(() => {
  for (const element of inView) if (element.matches(".running, .paused")) refresh(element);
}, PICTURE_EVERY);
