// Slow motion: Algorithm 1 line by line.

import { freshId, make, makeButton, tell } from "./elements.js";
import { ALGORITHM } from "./words.js";

const PACE = 900; // ms between two lines
const OF_D = 4; // the first lines are D's, k times
const IN_FRONT = [["fake"], ["real", "fake"], ["field", "real", "fake"], ["field", "real", "fake"], ["field", "fake"], ["arrows", "fake"], ["fake"]];

export class SlowMotion {
  constructor(lab) {
    this.lab = lab;
    this.open = false;
    this.repeat = make("span", { class: "repeat" });
    this.lines = ALGORITHM.map(([line]) => make("li", {}, line));
    this.now = make("p", { class: "now" }, "Press “Next line”.");
    const id = freshId("pace");
    this.alone = make("input", { type: "checkbox", id, checked: true, onchange: () => this.go() });
    const next = makeButton("Next line", () => this.next(), { class: "first next-line" });
    const row = make("div", { class: "together" }, next, make("label", { for: id }, this.alone, "go on by itself"));
    this.element = make("section", { class: "slow", hidden: true, "aria-label": "Algorithm 1 in slow motion" }, ...this.program(), this.now, row);
  }

  program() {
    const ofD = make("ol", {}, ...this.lines.slice(0, OF_D));
    const ofG = make("ol", { start: OF_D + 1 }, ...this.lines.slice(OF_D));
    return [make("p", { class: "title" }, "Algorithm 1, one step. ", this.repeat), ofD, ofG];
  }

  toggle() {
    if (this.open) this.stop();
    else this.start();
  }

  start() {
    this.show(true);
    if (this.lab.running) this.lab.send({ do: "pause" });
    this.next();
  }

  stop() {
    if (!this.open) return;
    this.show(false);
    this.lab.inFront = null;
    this.lab.batch = null;
    this.lab.parts.switches.ask();
    this.lab.redraw();
  }

  show(open) {
    this.open = open;
    this.element.hidden = !open;
    this.lab.parts.transport.slow.setAttribute("aria-pressed", open);
    clearTimeout(this.timer);
  }

  next() {
    clearTimeout(this.timer);
    this.lab.send({ do: "line" });
  }

  /** By a key, from anywhere in the lab. */
  key() {
    this.alone.checked = false;
    if (this.open) this.next();
    else this.start();
  }

  go() {
    clearTimeout(this.timer);
    if (this.open && this.alone.checked) this.timer = setTimeout(() => this.next(), PACE);
  }

  line({ index, i, k }, [real, fake]) {
    if (!this.open) return;
    this.lines.forEach((line, at) => line.classList.toggle("current", at === index));
    this.lines.forEach((line, at) => (at === index ? line.setAttribute("aria-current", "step") : line.removeAttribute("aria-current")));
    tell(this.now, ALGORITHM[index][1]);
    tell(this.repeat, k > 1 ? `Lines 1 to 4 come ${k} times; this is time ${i}.` : "");
    this.lab.inFront = IN_FRONT[index];
    this.lab.batch = { real: real ?? [], fake: fake ?? [] };
    this.lab.parts.switches.ask();
    this.lab.redraw();
    if (!this.alone.checked) this.lab.say(`${index + 1}. ${ALGORITHM[index].join(" ")}`);
    this.go();
  }

  close() {
    clearTimeout(this.timer);
  }
}
