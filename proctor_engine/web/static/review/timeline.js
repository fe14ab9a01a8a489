// Incidents and measured tracks over the session's time, as one zoomable SVG.

import { clock } from "./show.js";

const NS = "http://www.w3.org/2000/svg";
const WIDTH = 1000;
const LANE = 22;
const TRACK = 36;
const LEFT = 200;
const MARGIN = 24; // For the last time on the ruler.
const STEPS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

function make(name, attributes, text) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

export class Timeline {
  #box;
  #words;
  #pick;
  #choose;
  #facts;
  #chosen;
  #from = 0;
  #to = 1;
  #at = -1; // Nowhere yet.
  #isWhole = true; // It grows with the session until somebody zooms.
  #svg;

  // `pick(time)` is called for a click, `choose(number)` for one on an incident.
  constructor(box, { words, pick, choose }) {
    this.#box = box;
    this.#words = words;
    this.#pick = pick;
    this.#choose = choose;
  }

  draw(facts, chosen) {
    this.#facts = facts;
    this.#chosen = chosen;
    if (this.#isWhole) this.whole();
    else this.#paint();
  }

  whole() {
    this.#window(0, this.#length);
  }

  // Moves the window by a share of what it shows.
  pan(share) {
    const by = (this.#to - this.#from) * share;
    this.#window(this.#from + by, this.#to + by);
  }

  zoom(factor) {
    const middle = this.#at >= this.#from && this.#at <= this.#to ? this.#at : (this.#from + this.#to) / 2;
    const half = Math.max(5, ((this.#to - this.#from) * factor) / 2);
    this.#window(middle - half, middle + half);
  }

  // Moves the window so that an interval can be seen; zooms only if it must.
  show(start, end) {
    if (start >= this.#from && end <= this.#to) return this.#paint();
    const half = Math.max((this.#to - this.#from) / 2, (end - start) * 0.75);
    const middle = (start + end) / 2;
    this.#window(middle - half, middle + half);
  }

  mark(time) {
    this.#at = time;
    if (this.#facts) this.#paint();
  }

  get #length() {
    const ends = this.#facts.incidents.map((incident) => incident.end);
    return Math.max(10, this.#facts.duration, ...ends);
  }

  #window(from, to) {
    const span = Math.min(to - from, this.#length);
    this.#from = Math.max(0, Math.min(from, this.#length - span));
    this.#to = this.#from + span;
    this.#isWhole = span >= this.#length;
    this.#paint();
  }

  #x(time) {
    return LEFT + ((time - this.#from) / (this.#to - this.#from)) * (WIDTH - LEFT);
  }

  #paint() {
    const types = [...new Set(this.#facts.incidents.map((incident) => incident.type))];
    const tracks = this.#tracks();
    const noticed = this.#facts.messages.filter(({ kind, time }) => kind === "event" && time >= 0);
    const lanes = types.length + (noticed.length ? 1 : 0);
    const height = 24 + lanes * LANE + tracks.length * TRACK + 8;
    this.#svg = make("svg", { viewBox: `0 0 ${WIDTH + MARGIN} ${height}`, class: "timeline", role: "img", "aria-label": this.#words.timeline });
    const clip = make("clipPath", { id: "window" });
    clip.append(make("rect", { x: LEFT, y: 0, width: WIDTH - LEFT, height }));
    this.#svg.append(clip);
    this.#ruler(height);
    types.forEach((type, index) => this.#lane(type, 24 + index * LANE));
    if (noticed.length) this.#notices(noticed, 24 + types.length * LANE);
    tracks.forEach((track, index) => this.#track(track, 24 + lanes * LANE + index * TRACK));
    if (this.#at >= this.#from && this.#at <= this.#to) {
      this.#svg.append(make("line", { x1: this.#x(this.#at), x2: this.#x(this.#at), y1: 0, y2: height, class: "now" }));
    }
    this.#svg.onclick = (event) => this.#clicked(event);
    this.#svg.onwheel = (event) => this.#wheeled(event);
    this.#box.replaceChildren(this.#svg);
  }

  #ruler(height) {
    const step = STEPS.find((seconds) => (this.#to - this.#from) / seconds <= 10) ?? 7200;
    for (let time = Math.ceil(this.#from / step) * step; time <= this.#to; time += step) {
      this.#svg.append(make("line", { x1: this.#x(time), x2: this.#x(time), y1: 18, y2: height, class: "grid" }));
      this.#svg.append(make("text", { x: this.#x(time), y: 13, class: "tick" }, clock(time)));
    }
  }

  #lane(type, y) {
    const incidents = this.#facts.incidents.filter((incident) => incident.type === type);
    this.#svg.append(make("text", { x: 0, y: y + 15, class: "label" }, incidents[0].title));
    const group = make("g", { "clip-path": "url(#window)" });
    for (const incident of incidents) {
      const width = Math.max(4, this.#x(incident.end) - this.#x(incident.start));
      const kind = `incident ${incident.decision}${incident.scored ? "" : " technical"}${incident.number === this.#chosen ? " chosen" : ""}`;
      const bar = make("rect", { x: this.#x(incident.start), y: y + 3, width, height: LANE - 6, rx: 3, class: kind });
      bar.append(make("title", {}, `${incident.title} ${clock(incident.start)}–${clock(incident.end)}`));
      bar.onclick = (event) => {
        event.stopPropagation();
        this.#choose(incident.number);
      };
      group.append(bar);
    }
    this.#svg.append(group);
  }

  #notices(noticed, y) {
    this.#svg.append(make("text", { x: 0, y: y + 15, class: "label" }, this.#words.notices));
    const group = make("g", { "clip-path": "url(#window)" });
    for (const { time, text } of noticed) {
      const mark = make("circle", { cx: this.#x(time), cy: y + LANE / 2, r: 5, class: "notice" });
      mark.append(make("title", {}, `${clock(time)} ${text}`));
      group.append(mark);
    }
    this.#svg.append(group);
  }

  #tracks() {
    const of = (key, low, high) => ({
      title: this.#words[`track_${key}`], low, high,
      points: this.#facts.tracks.filter((moment) => moment[key] !== undefined).map((moment) => [moment.time, moment[key]]),
    });
    return [of("faces", 0, 3), of("yaw", -60, 60), of("gaze", -1, 1), of("voice", 0, 1), of("focus", -0.5, 1.5)].filter((track) => track.points.length);
  }

  #track({ title, low, high, points }, y) {
    this.#svg.append(make("text", { x: 0, y: y + TRACK / 2 + 4, class: "label" }, title));
    const group = make("g", { "clip-path": "url(#window)" });
    let last = -Infinity;
    const path = points.map(([time, value]) => {
      const share = Math.max(0, Math.min(1, (value - low) / (high - low)));
      const command = time - last > 5 ? "M" : "L"; // Where nothing was measured, nothing is drawn.
      last = time;
      return `${command}${this.#x(time).toFixed(1)} ${(y + TRACK - 4 - share * (TRACK - 8)).toFixed(1)}`;
    });
    group.append(make("path", { d: path.join(""), class: "track" }));
    this.#svg.append(group);
  }

  // As maps do it: the wheel alone scrolls the page, with Ctrl, or two fingers, it zooms; sideways it moves.
  #wheeled(event) {
    if (event.ctrlKey) this.zoom(event.deltaY > 0 ? 1.25 : 0.8);
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.pan((event.deltaX || event.deltaY) / 1000);
    else return;
    event.preventDefault();
  }

  #clicked(event) {
    const box = this.#svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * (WIDTH + MARGIN);
    if (x >= LEFT) this.#pick(this.#from + ((x - LEFT) / (WIDTH - LEFT)) * (this.#to - this.#from));
  }
}
