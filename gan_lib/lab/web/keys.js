// Keys, while the lab has the focus.

import { make, makeFold } from "./elements.js";

const KEYS = [
  ["Space", "play or pause, while neither a button nor a field has the focus"],
  ["S", "one step of Algorithm 1"],
  ["D", "D's step alone"],
  ["G", "G's step alone"],
  ["L", "slow motion, the next line"],
  ["R", "reset"],
  ["Arrow keys", "on the plane: the nearest fake and its noise; while drawing: the pen"],
];
const FIELDS = "input[type=text], input[type=number], textarea";
const ONES_OWN = "button, input, select, summary, a"; // what Space means for these, the browser knows

export class Keys {
  constructor(lab) {
    this.lab = lab;
    const rows = KEYS.map(([key, words]) => make("li", {}, make("kbd", {}, key), ` ${words}`));
    this.element = makeFold("Keys", false, make("ul", { class: "keys" }, ...rows));
    // JupyterLab takes keys at the document, for its cells; the window has them before.
    this.press = (event) => this.take(event);
    this.listen = () => window.addEventListener("keydown", this.press, true);
    this.ignore = () => window.removeEventListener("keydown", this.press, true);
    lab.root.addEventListener("focusin", this.listen);
    lab.root.addEventListener("focusout", this.ignore);
  }

  take(event) {
    const { target } = event;
    const others = event.ctrlKey || event.altKey || event.metaKey || event.key === "Tab" || event.key.startsWith("F");
    if (others || !this.lab.root.contains(target) || (event.key === "Enter" && event.shiftKey)) return;
    if (target.matches(FIELDS)) return event.stopPropagation();
    if (this.lab.parts.plane.press(event) || this.act(event)) event.preventDefault();
    return event.stopPropagation();
  }

  /** Returns: whether the key is one of the lab's. */
  act({ key, target, repeat }) {
    const { transport, slow } = this.lab.parts;
    const acts = { s: () => transport.once("step"), d: () => transport.once("d"), g: () => transport.once("g"), l: () => slow.key(), r: () => transport.reset() };
    if (!target.matches(ONES_OWN)) acts[" "] = () => transport.toggle();
    const act = target.matches("select") ? null : acts[key.toLowerCase()];
    if (!act) return false;
    if (!repeat || "sdg".includes(key.toLowerCase())) act();
    return true;
  }

  close() {
    this.ignore();
  }
}
