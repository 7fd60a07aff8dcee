// A control for each setting of the table. All of them work while it runs; one that is refused goes back, and says why.

import { freshId, make, tell } from "./elements.js";
import { nameOfChoice, settingText } from "./words.js";

const TITLES = { run: "Start", noise: "Noise", game: "The game", nets: "Nets" };
const ELSEWHERE = ["data", "strokes"]; // chosen and drawn at the plane

/** The stop of a slider that is nearest to a value. */
export function nearestStop(stops, value) {
  const far = stops.map((stop) => Math.abs(stop - value));
  return far.indexOf(Math.min(...far));
}

const inUnits = (value, units) => {
  if (!units) return "";
  return ` ${value === 1 ? units.replace(/s$/, "") : units}`;
};

class Control {
  constructor(lab, row) {
    this.lab = lab;
    this.row = row;
    const id = freshId(row.name);
    this.input = this.makeInput({ id, "aria-describedby": `${id}-error`, "data-name": row.name });
    this.error = make("span", { id: `${id}-error`, class: "error" });
    this.value = make("output", { for: id });
    const head = make("span", { class: "head" }, make("label", { for: id }, row.label), this.value);
    this.element = make("div", { class: `control ${row.kind}` }, head, this.input, this.error);
  }

  send(value) {
    this.asked = this.lab.set(this.row.name, value);
  }

  /** Until its last value is answered, it is not put back to an earlier one. */
  get held() {
    return this.asked > this.lab.answered;
  }

  refuse(text) {
    tell(this.error, text);
    this.show(this.lab.recipe[this.row.name]);
  }
}

class Select extends Control {
  makeInput(attributes) {
    const options = this.row.values.map((value) => make("option", { value }, nameOfChoice(value)));
    return make("select", { ...attributes, onchange: () => this.send(this.input.value) }, ...options);
  }

  show(value) {
    this.input.value = value;
  }
}

class Slider extends Control {
  makeInput(attributes) {
    const range = { type: "range", min: 0, max: this.row.values.length - 1, step: 1 };
    return make("input", { ...attributes, ...range, oninput: () => this.slide() });
  }

  slide() {
    const value = this.row.values[this.input.value];
    if (value === this.sent) return;
    this.sent = value;
    this.say(value);
    this.send(value);
  }

  say(value) {
    const unit = inUnits(value, this.row.unit);
    tell(this.value, `${settingText(value)}${unit}`);
    this.input.setAttribute("aria-valuetext", `${value}${unit}`);
  }

  show(value) {
    this.sent = value;
    this.input.value = nearestStop(this.row.values, value);
    this.say(value);
  }
}

class Entry extends Control {
  makeInput(attributes) {
    const limits = { type: "number", min: this.row.least, max: this.row.most, step: this.row.kind === "whole" ? 1 : "any" };
    const events = { oninput: () => (this.typing = true), onchange: () => this.enter(), onblur: () => (this.typing = false) };
    return make("input", { ...attributes, ...limits, ...events });
  }

  enter() {
    this.typing = false;
    this.send(this.input.valueAsNumber);
  }

  /** Nor while something is being typed. */
  get held() {
    return this.typing || super.held;
  }

  show(value) {
    this.input.value = value;
  }
}

const controlFor = (lab, row) => {
  if (row.kind === "choice") return new Select(lab, row);
  return row.values ? new Slider(lab, row) : new Entry(lab, row);
};

export class Controls {
  constructor(lab, table) {
    this.lab = lab;
    this.rows = table.settings.filter(({ name }) => !ELSEWHERE.includes(name));
    this.controls = Object.fromEntries(this.rows.map((row) => [row.name, controlFor(lab, row)]));
    this.element = make("div", { class: "controls" }, ...Object.keys(TITLES).map((group) => this.makeGroup(group)));
  }

  makeGroup(group) {
    const inside = this.rows.filter((row) => row.group === group).map(({ name }) => this.controls[name].element);
    return make("fieldset", { class: group }, make("legend", {}, TITLES[group]), ...inside);
  }

  state({ recipe }) {
    for (const [name, control] of Object.entries(this.controls)) {
      if (!control.held) control.show(recipe[name]);
    }
  }

  clear() {
    for (const { error } of Object.values(this.controls)) tell(error, "");
  }

  error({ name, text }) {
    this.controls[name]?.refuse(text);
  }
}
