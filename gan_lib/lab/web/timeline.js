// Back in time: a slider over the moments that the engine has kept, and the runs that were left.

import { freshId, make, makeButton, tell } from "./elements.js";
import { count } from "./words.js";

export class Timeline {
  constructor(lab) {
    this.lab = lab;
    const id = freshId("moment");
    this.input = make("input", { id, type: "range", min: 0, max: 0, step: 1, value: 0, oninput: () => this.seek() });
    this.words = make("output", { for: id });
    const head = make("span", { class: "head" }, make("label", { for: id }, "Back in time"), this.words);
    this.element = make("div", { class: "timeline control" }, head, this.input);
  }

  seek() {
    this.lab.parts.slow.stop();
    this.lab.send({ do: "seek", index: Number(this.input.value) });
  }

  state({ steps, at, step }) {
    const last = Math.max(steps.length - 1, 0);
    this.input.max = last;
    this.input.disabled = last === 0;
    this.input.value = at ?? last;
    const back = at !== null && at < last;
    const words = back ? `step ${count(step)} of ${count(steps.at(-1))}: change something, then play, to go another way` : `step ${count(step)}`;
    tell(this.words, words);
    this.input.setAttribute("aria-valuetext", words);
  }
}

/** Runs that were left by going another way, by a reset or by another run: none is lost. */
export class Left {
  constructor(lab) {
    this.lab = lab;
    this.list = make("ul");
    this.title = make("summary");
    this.element = make("details", { class: "fold left", hidden: true }, this.title, this.list);
  }

  left({ text }) {
    const again = makeButton("Replay", () => this.lab.replay(text));
    this.list.prepend(make("li", {}, make("code", {}, text), again));
    const runs = this.list.children.length;
    tell(this.title, `Runs you left (${runs})`);
    this.element.hidden = false;
    this.lab.sayMore("The run before is kept under “Runs you left”.");
  }
}
