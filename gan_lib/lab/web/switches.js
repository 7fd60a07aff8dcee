// The layers of the plane: switches that are also the picture's legend, and the scale of D's colours.

import { make, tell } from "./elements.js";
import { middleOf, pullsOf } from "./layers.js";
import { figure } from "./words.js";

const LAYERS = [
  ["real", "real points, x"],
  ["fake", "fakes, G(z)"],
  ["field", "D's answers"],
  ["best", "the best D, D*"],
  ["sheet", "G's sheet of noise"],
  ["arrows", "G's gradient"],
];
const SENT = ["field", "best", "sheet", "arrows"]; // the engine computes these only where they are asked for
const AT_FIRST = ["real", "fake", "field"];

const aboutPulls = (arrows) => {
  const { median, strongest } = pullsOf(arrows);
  return `Arrows: median pull ${figure(median)}, strongest ${figure(strongest)}; a pull of 1 is drawn half a unit long.`;
};

export class Switches {
  constructor(lab) {
    this.lab = lab;
    this.on = new Set(AT_FIRST);
    this.asked = "";
    this.boxes = {};
    const scale = make("div", { class: "scale", "aria-hidden": "true" });
    this.low = make("span");
    this.middle = make("span");
    this.high = make("span");
    scale.append(this.low, make("i"), this.middle, make("i", { class: "blue" }), this.high);
    this.scale = scale;
    this.note = make("p", { class: "note" });
    const switches = LAYERS.map((layer) => this.makeSwitch(...layer));
    const box = make("fieldset", { class: "layers" }, make("legend", {}, "Layers"), ...switches);
    this.element = make("div", {}, scale, box, this.note);
  }

  makeSwitch(name, words) {
    const box = make("input", { type: "checkbox", checked: this.on.has(name), onchange: () => this.turn(name, box.checked) });
    this.boxes[name] = box;
    return make("label", { class: `layer ${name}` }, box, make("i", { "aria-hidden": "true" }), words);
  }

  turn(name, on) {
    if (on) this.on.add(name);
    else this.on.delete(name);
    this.ask();
    this.lab.redraw();
  }

  /** Switch these on, as an experiment needs them. */
  show(names) {
    for (const name of names) {
      this.boxes[name].checked = true;
      this.turn(name, true);
    }
  }

  /** What is seen: what is switched on, and that of which slow motion speaks. */
  get visible() {
    return new Set([...this.on, ...(this.lab.inFront ?? [])]);
  }

  ask() {
    const show = SENT.filter((name) => this.visible.has(name));
    if (this.asked === show.join()) return;
    this.asked = show.join();
    this.lab.send({ do: "layers", show });
  }

  write(message, arrays) {
    const { visible } = this;
    this.scale.hidden = !visible.has("field") && !visible.has("best");
    if (visible.has("field") && message.range) this.writeScale(message);
    else if (visible.has("best")) this.writeScale({ label: "D*", range: [0, 1], undecided: 0.5 });
    tell(this.note, this.notes(arrays).join(" "));
  }

  writeScale({ label, range, undecided }) {
    const chance = range[0] === 0 && range[1] === 1;
    const ends = chance ? ["fake", "real"] : [`${figure(range[0], 1)} fake`, `real ${figure(range[1], 1)}`];
    tell(this.low, `${label}: ${ends[0]}`);
    tell(this.middle, figure(middleOf({ range, undecided }), chance ? 1 : 2));
    tell(this.high, ends[1]);
  }

  notes(arrays) {
    const words = [];
    if (this.on.has("best") && this.on.has("field")) words.push("The squares show D*, where data or fakes are.");
    if (this.on.has("sheet")) words.push("The stronger the colour of the sheet, the denser the fakes (log scale).");
    if (this.visible.has("arrows") && arrays.arrows) words.push(aboutPulls(arrays.arrows));
    return words;
  }
}
