// The buttons that let it run.

import { make, makeButton, tell } from "./elements.js";
import { count } from "./words.js";

const SEEDS = 1000;
const ALONE = {
  d: "D moved once; G did not. The count goes up after both.",
  g: "G moved once; D did not. The count goes up after both.",
};

export class Transport {
  constructor(lab) {
    this.lab = lab;
    this.play = makeButton("Play", () => this.toggle(), { class: "play first", title: "Space" });
    this.slow = makeButton("Slow motion", () => lab.parts.slow.toggle(), { "aria-pressed": "false", title: "L: the next line" });
    const main = make("div", { class: "together" }, this.play, ...this.steps(), this.slow);
    this.step = make("span", { class: "count" });
    const again = makeButton("Reset", () => this.reset(), { title: "R" });
    const other = makeButton("Another seed", () => this.reseed());
    const back = make("div", { class: "together" }, this.step, again, other);
    this.status = make("p", { class: "status", role: "status" });
    this.element = make("div", { class: "transport" }, main, back, this.status);
  }

  steps() {
    const kinds = [
      ["step", "Step", "S: one step of Algorithm 1, k of D's and one of G's"],
      ["d", "D's step", "D"],
      ["g", "G's step", "G"],
    ];
    return kinds.map(([name, words, title]) => makeButton(words, () => this.once(name), { class: `step-${name}`, title }));
  }

  once(name) {
    this.lab.parts.slow.stop();
    this.lab.send({ do: name });
    if (ALONE[name]) this.lab.say(ALONE[name]);
  }

  toggle() {
    this.lab.parts.slow.stop();
    this.lab.send({ do: this.lab.running ? "pause" : "play" });
  }

  reset() {
    this.lab.parts.slow.stop();
    this.lab.send({ do: "reset" });
    this.lab.sayMore("Back at step 0, with the same seed.");
  }

  reseed() {
    const seed = (this.lab.recipe.seed + 1) % SEEDS;
    this.lab.parts.slow.stop();
    this.lab.send({ do: "set", name: "seed", value: seed });
    this.lab.sayMore(`Back at step 0, with seed ${seed}.`);
  }

  state({ step, running }) {
    if (this.running && !running && step >= this.last) this.lab.say(`Paused at step ${count(step)}.`);
    this.running = running;
    this.last = step;
    tell(this.play, running ? "Pause" : "Play");
    this.play.classList.toggle("running", running);
    this.show(step);
  }

  write({ step }) {
    this.show(step);
  }

  show(step) {
    tell(this.step, `Step ${count(step)}`);
  }

  error({ text }) {
    this.lab.say(text, "wrong");
  }
}
