import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const { form: file, component } = JSON.parse(process.env.PLUGIN_SCRIPTS);

/** As much of a document as the form uses. Markup in a text stays text here, as it does in a browser. */
class Element {
  constructor(tag) {
    Object.assign(this, { tagName: tag.toUpperCase(), attributes: {}, children: [], textContent: "", kept: "" });
  }
  setAttribute(name, value) {
    this.attributes[name] = String(value);
  }
  appendChild(child) {
    this.children.push(child);
  }
  addEventListener() {}
  get id() {
    return this.attributes.id;
  }
  set id(value) {
    this.setAttribute("id", value);
  }
  get name() {
    return this.attributes.name;
  }
  get value() {
    return this.kept;
  }
  set value(value) {
    const possible = this.tagName !== "SELECT" || this.children.some((option) => option.value === value);
    this.kept = possible ? String(value) : "";
  }
  get all() {
    return this.children.flatMap((child) => [child, ...child.all]);
  }
  querySelectorAll(selector) {
    const [, name, value] = selector.match(/^\[([\w-]+)="?([^"]*?)"?\]$/);
    return this.all.filter((element) => element.attributes[name] === value);
  }
  querySelector(selector) {
    return this.querySelectorAll(selector)[0] ?? null;
  }
}

const GROUPS = [
  { id: 7, name: "<img src=x onerror=alert(1)>" },
  { id: 8, name: "Night & \"owls\"" },
];

/** The fields of the quiz's own time limit, as Moodle's form has them. */
function timeLimit(number, unit, enabled) {
  const form = { addEventListener() {} };
  return {
    '[name="timelimit[number]"]': { value: String(number), form },
    '[name="timelimit[timeunit]"]': { value: String(unit) },
    'input[type=checkbox][name="timelimit[enabled]"]': { checked: enabled },
  };
}

function open(groups = GROUPS, fields = {}) {
  const base = { core_availability: { plugin: {}, form: { update() {} } }, util: { get_string: (name, _, a) => (a === undefined ? name : `${name} ${a}`) } };
  const Y = { Object: Object.create, one: (node) => ({ getDOMNode: () => node }) };
  const document = { createElement: (tag) => new Element(tag), querySelector: (selector) => fields[selector] ?? null };
  new Function("M", "Y", "document", readFileSync(file, "utf8"))(base, Y, document);
  const form = base[component].form;
  form.initInner({
    modes: [{ value: "normal", string: "normal_mode" }],
    scheduledmodes: ["normal"],
    identifications: [{ value: "face", string: "identification_face" }],
    ways: [],
    rules: { allow_to_use_paper: true },
    warnings: { warning_phone: true },
    scoring: { voice: { min: 0, max: 10 }, phone: { min: 0, max: 10 } },
    durationstep: 30,
    customruleslength: 100,
    groups,
    defaults: { mode: "normal", duration: 60, scoring: { voice: null, phone: null } },
  });
  return form;
}

function show(form, stored) {
  const node = form.getNode(stored);
  return { main: node.getDOMNode(), read: () => (form.fillValue((stored = {}), node), stored) };
}

const STORED = { type: "examus", duration: 90, mode: "normal", scoring: { voice: 0, phone: null }, groups: ["8"] };

test("what is stored comes back, a score of nought and an empty choice too", () => {
  const value = show(open(), { ...STORED, identification: null }).read();
  assert.equal(value.identification, null);
  assert.deepEqual(value.scoring, { voice: 0, phone: null });
  assert.deepEqual([value.duration, value.groups], [90, [8]]);
});

test("what the form does not know is kept", () => {
  const value = show(open(), { ...STORED, mode: "novelty", identification: "shoe" }).read();
  assert.deepEqual([value.mode, value.identification], ["novelty", "shoe"]);
});

test("a group's name is text", () => {
  const { main } = show(open(), STORED);
  const labels = main.all.filter((element) => element.tagName === "LABEL").map((label) => label.textContent);
  for (const group of GROUPS) {
    assert.ok(labels.includes(group.name), group.name);
  }
  assert.equal(show(open([]), STORED).main.all.some((element) => element.textContent === "select_groups"), false);
});

test("each label has a field of its own, in however many restrictions", () => {
  const form = open();
  const elements = [STORED, { creating: true }].flatMap((stored) => show(form, stored).main.all);
  const ids = elements.map((element) => element.id).filter(Boolean);
  assert.equal(new Set(ids).size, ids.length);
  const labelled = elements.filter((element) => element.tagName === "LABEL").map((label) => label.attributes.for);
  const fields = elements.filter((element) => ["INPUT", "SELECT", "TEXTAREA"].includes(element.tagName));
  assert.deepEqual(labelled.sort(), fields.map((field) => field.id).sort());
});

test("each part stands under its own heading", () => {
  const part = show(open(), STORED).main.all.find((element) => element.children[0]?.textContent === "scoring_params_header");
  assert.ok(part.querySelector("[name=voice]"));
  assert.equal(part.querySelector("[name=warning_phone]"), null);
});

test("a change of one restriction is no default of the next", () => {
  const form = open();
  const first = show(form, { creating: true });
  first.main.querySelector("[name=voice]").value = "9";
  first.main.querySelector("[name=warning_phone]").checked = false;
  assert.deepEqual(first.read().warnings, { warning_phone: false });
  const second = show(form, { creating: true }).read();
  assert.deepEqual([second.scoring.voice, second.warnings.warning_phone], [null, true]);
});

for (const [duration, wrong] of [["60", false], ["0", true], ["", true], ["45", true], ["-30", true]]) {
  test(`a duration of "${duration}" is ${wrong ? "refused" : "taken"}`, () => {
    const form = open();
    const shown = show(form, { creating: true });
    shown.main.querySelector("[name=duration]").value = duration;
    assert.equal(form.problems(shown.read()).duration, wrong ? "error_setduration" : undefined);
  });
}

for (const [name, fields, shown] of [
  ["no limit", timeLimit(1, 3600, false), null],
  ["the same limit", timeLimit(90, 60, true), ["duration_quiz 90", false]],
  ["another limit", timeLimit(2, 3600, true), ["duration_differs 120", true]],
]) {
  test(`of a quiz with ${name} the form shows ${shown ? "it" : "nothing"}`, () => {
    const { main } = show(open(GROUPS, fields), STORED);
    const region = main.querySelector("[data-region=timelimit]");
    assert.equal(region.hidden, !shown);
    assert.deepEqual([region.textContent, /warning/.test(region.className)], shown ?? ["", /warning/.test(region.className)]);
  });
}
