// The numbers, with their units, and the two distances on scales that show what two real batches score.

import { make, tell } from "./elements.js";
import { figure, floorText, modesText } from "./words.js";

const UNITS = { js: "nats", w1: "units of the plane" };
const NAMES = { js: "JS(data, fakes)", w1: "W₁(data, fakes)" };
const MARKS = { js: [[0, "0"], [0.05, "0.05"], [0.2, "0.2"], [Math.log(2), "log 2"]], w1: [[0, "0"], [0.25, "0.25"], [1, "1"], [2, "2"], [4, "4"]] };
const BEST_V = -Math.log(4);

class Distance {
  constructor(name) {
    this.name = name;
    this.most = MARKS[name].at(-1)[0];
    this.value = make("b");
    this.floor = make("small");
    this.band = make("i", { class: "band" });
    this.mark = make("i", { class: "mark" });
    const scale = make("div", { class: "gauge", "aria-hidden": "true" }, this.band, this.mark);
    const marks = make("div", { class: "marks", "aria-hidden": "true" }, ...MARKS[name].map((mark) => this.makeMark(...mark)));
    const head = make("span", {}, NAMES[name], " ");
    this.element = make("div", { class: `tile wide ${name}` }, head, this.value, ` ${UNITS[name]}`, scale, marks, this.floor);
  }

  makeMark(value, words) {
    return make("span", { style: `left: ${this.share(value)}` }, words);
  }

  /** A place on the scale: square roots, so that what is small is seen, too. */
  share(value) {
    return `${100 * Math.sqrt(Math.min(Math.max(value / this.most, 0), 1))}%`;
  }

  show(found) {
    tell(this.value, figure(found.value));
    tell(this.floor, floorText(found));
    this.mark.style.left = this.share(found.value);
    this.band.hidden = found.low === null;
    this.band.style.left = this.share(found.low ?? 0);
    this.band.style.right = `calc(100% - ${this.share(found.high ?? 0)})`;
  }
}

class Tile {
  constructor(kind, name, note) {
    this.value = make("b", {}, "–");
    this.unit = make("span");
    this.element = make("div", { class: `tile ${kind}` }, make("span", {}, name), this.value, " ", this.unit, make("small", {}, note));
  }

  show(value, unit) {
    tell(this.value, value);
    tell(this.unit, unit);
  }
}

export class Readout {
  constructor() {
    this.d = new Tile("d", "D's loss", "");
    this.g = new Tile("g", "G's loss", "");
    this.v = new Tile("v", "V(D, G)", `−log 4 = ${figure(BEST_V)} where D can only guess`);
    this.modes = new Tile("modes", "Modes (heaps) covered", "");
    this.js = new Distance("js");
    this.w1 = new Distance("w1");
    const tiles = [this.d, this.g, this.v, this.js, this.w1, this.modes];
    this.element = make("div", { class: "readout" }, ...tiles.map(({ element }) => element));
  }

  write({ d_loss, g_loss, v, unit }) {
    this.d.show(figure(d_loss), d_loss === null ? "" : unit);
    this.g.show(figure(g_loss), g_loss === null ? "" : unit);
    this.v.show(figure(v), v === null ? "" : "nats");
  }

  numbers({ js, w1, modes }) {
    this.js.show(js);
    this.w1.show(w1);
    this.modes.show(modesText(modes), "");
  }
}
