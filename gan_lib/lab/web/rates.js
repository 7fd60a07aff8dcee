// Pictures and steps a second, small.

import { make, tell } from "./elements.js";
import { plural } from "./words.js";

const EVERY = 1000; // ms

export class Rates {
  constructor(lab) {
    this.lab = lab;
    this.element = make("p", { class: "rates" });
    this.begin(0);
  }

  begin(step) {
    this.began = performance.now();
    this.first = step;
    this.drawn = 0;
  }

  frame({ step }) {
    this.drawn += 1;
    const passed = performance.now() - this.began;
    if (passed < EVERY && step >= this.first) return;
    if (this.lab.running && step > this.first && passed < 3 * EVERY) this.show(step, passed / 1000);
    this.begin(step);
  }

  show(step, seconds) {
    const [pictures, steps] = [this.drawn / seconds, (step - this.first) / seconds].map(Math.round);
    tell(this.element, `${plural(pictures, "picture")} and ${plural(steps, "step")} a second`);
  }
}
