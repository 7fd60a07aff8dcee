// Guided experiments: a question, a prediction, a run of one's own, and the measured answer.

import { freshId, make, makeButton, makeFold, tell } from "./elements.js";
import { pullsOf } from "./layers.js";
import { count, figure, floorText, modesText } from "./words.js";

const meanOf = (points, axis) => points.reduce((sum, value, i) => sum + (i % 2 === axis ? value : 0), 0) / (points.length / 2);

/** How far the middle of the fakes is from that of the data. */
const apart = (lab) => {
  const [x, y] = [0, 1].map((axis) => meanOf(lab.shown.arrays.fake, axis) - meanOf(lab.points.real, axis));
  return `the fakes' middle is ${figure(Math.hypot(x, y), 2)} from the data's`;
};

const pulls = ({ shown: { message, arrays } }) => {
  const { median, strongest } = pullsOf(arrays.arrows);
  return `median arrow ${figure(median)}, longest ${figure(strongest)}; D's loss ${figure(message.d_loss)}, G's ${figure(message.g_loss)}`;
};

const distances = ({ modes, js, w1 }) => {
  const floor = js.low === null ? "" : ` (${floorText(js)})`;
  return `modes covered ${modesText(modes)}; JS ${figure(js.value)} nats${floor}; W₁ ${figure(w1.value, 2)}`;
};

/** Of a run what its experiment asks about. */
const measured = (lab, { show }, numbers) => {
  if (show?.includes("arrows") && lab.shown.arrays.arrows) return pulls(lab);
  return numbers.modes && lab.recipe.data !== "gaussian" ? distances(numbers) : apart(lab);
};

/** One experiment on the page, from the question to the answer. */
class Experiment {
  constructor(lab, about) {
    this.lab = lab;
    this.about = about;
    this.group = freshId("prediction");
    this.arms = make("div", { class: "arms", hidden: true }, make("p", { class: "watch" }, about.watch), ...about.arms.map((arm) => this.makeArm(arm)));
    this.results = make("ul", { class: "results" });
    this.reveal = makeButton("Show the answer", () => this.answer(), { class: "plain" });
    this.said = make("div", { class: "answer", hidden: true, role: "status" });
    this.done = new Set();
    const question = make("p", { class: "question" }, about.question);
    const choices = make("div", { class: "predictions", role: "radiogroup", "aria-label": "Your prediction" }, ...about.choices.map((words, i) => this.makeChoice(words, i)));
    this.hint = make("p", { class: "hint" }, "Choose; then it can be tried.");
    this.element = make("div", { class: "experiment" }, question, choices, this.arms, this.results, this.hint, this.reveal, this.said);
  }

  makeChoice(words, i) {
    const input = make("input", { type: "radio", name: this.group, onchange: () => this.predict(i) });
    return make("label", {}, input, words);
  }

  makeArm(arm) {
    const button = makeButton(arm.label, () => this.run(arm, button), { class: "arm" });
    return button;
  }

  predict(i) {
    this.predicted = i;
    this.arms.hidden = false;
    this.ask("");
    if (!this.said.hidden) this.answer();
  }

  ask(words) {
    tell(this.hint, words);
  }

  run(arm, button) {
    this.active = { arm, button, started: false };
    this.lab.parts.plane.element.scrollIntoView({ block: "center" });
    this.lab.parts.switches.show(this.about.show ?? []);
    this.lab.replay(arm.text);
    this.lab.send({ do: "play" });
    this.lab.sayMore(`${this.about.title}, ${arm.label}: runs to step ${count(this.about.steps)}.`);
  }

  state({ running }) {
    if (this.active && running) this.active.started = true;
  }

  frame({ step }) {
    if (!this.active?.started || this.active.paused || step < this.about.steps) return;
    this.active.paused = true;
    this.lab.send({ do: "pause" });
  }

  numbers(message) {
    if (!this.active?.paused || message.step < this.about.steps) return;
    const { arm, button } = this.active;
    const words = `step ${count(message.step)}: ${measured(this.lab, this.about, message)}`;
    button.classList.add("done");
    this.results.append(make("li", {}, make("b", {}, `${arm.label}, `), words));
    this.active = null;
    this.done.add(arm.label);
    if (this.done.size === this.about.arms.length) this.answer();
    else this.ask("Now the other one.");
  }

  left() {
    if (this.active?.started) this.active = null;
  }

  error() {
    this.active = null;
  }

  verdict() {
    const { choices, right } = this.about;
    if (this.predicted === undefined) return "";
    const words = `Your prediction: “${choices[this.predicted]}”.`;
    return this.predicted === right ? `${words} That is what was measured. ` : `${words} Measured was: “${choices[right]}”. `;
  }

  answer() {
    this.said.replaceChildren(make("p", {}, make("b", {}, this.verdict()), this.about.answer));
    this.ask("");
    this.said.hidden = false;
    this.reveal.hidden = true;
  }
}

export class Guided {
  constructor(lab, experiments, chosen) {
    this.lab = lab;
    this.experiments = experiments.map((about) => new Experiment(lab, about));
    this.place = make("div");
    const options = experiments.map(({ title, id }) => make("option", { value: id, selected: id === chosen }, title));
    const id = freshId("experiment");
    this.select = make("select", { id, onchange: () => this.choose() }, ...options);
    const row = make("div", { class: "together" }, make("label", { for: id }, "Experiment"), this.select);
    this.element = makeFold("Guided experiments", Boolean(chosen), row, this.place);
    this.element.hidden = experiments.length === 0;
    if (experiments.length) this.show();
  }

  get shown() {
    return this.experiments[Math.max(this.select.selectedIndex, 0)];
  }

  show() {
    for (const experiment of this.experiments) experiment.active = null;
    this.place.replaceChildren(this.shown.element);
  }

  /** With the layers that it speaks of. */
  choose() {
    this.show();
    this.lab.parts.switches.show(this.shown.about.show ?? []);
  }

  state(message) {
    this.shown?.state(message);
  }

  frame(message) {
    this.shown?.frame(message);
  }

  numbers(message) {
    this.shown?.numbers(message);
  }

  left() {
    this.shown?.left();
  }

  error() {
    this.shown?.error();
  }
}
