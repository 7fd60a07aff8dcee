// The GAN lab on a page: one front end, whatever engine trains behind it.

import { Chart } from "./chart.js";
import { Choice } from "./choice.js";
import { Controls } from "./controls.js";
import { coloursOf, make, makeFold, tell } from "./elements.js";
import { Guided } from "./guided.js";
import { Keys } from "./keys.js";
import { Plane } from "./plane.js";
import { Rates } from "./rates.js";
import { Readout } from "./readout.js";
import { Share } from "./share.js";
import { SlowMotion } from "./slow.js";
import { Switches } from "./switches.js";
import { Left, Timeline } from "./timeline.js";
import { Transport } from "./transport.js";
import { sentence } from "./words.js";

const WORDS_EVERY = 100; // ms between two looks of numbers and chart, which nobody reads faster
const SAID_EVERY = 5000; // ms between two descriptions of the picture
const QUIET = ["hello", "layers", "seen", "gone"]; // messages that are no actions of the reader's
const THEMES = ["data-theme", "data-jp-theme-light", "data-mode", "class"];

class Lab {
  constructor(el, engine, options) {
    Object.assign(this, { el, engine, options, parts: {}, frames: [], described: 0, written: 0, asked: 0, answered: 0 });
    this.unlisten = engine.listen((message, arrays) => this.hear(message, arrays ?? []));
    this.send({ do: "hello" });
  }

  /** What was said of the action before is taken back. */
  send(message) {
    if (this.root && !QUIET.includes(message.do)) this.say("");
    if (this.root && !QUIET.includes(message.do)) this.parts.controls.clear();
    this.engine.send(message);
  }

  /** Ask for another value of a setting. Returns: the number of the question, by which its answer is known. */
  set(name, value) {
    this.asked += 1;
    this.send({ do: "set", name, value, asked: this.asked });
    return this.asked;
  }

  /** Another run, from a text: hands are taken off this one. */
  replay(text) {
    const maker = text.match(/by=(\w+)/)?.[1] ?? this.by;
    this.parts.slow.stop();
    this.pen.end();
    this.send({ do: "replay", text });
    if (maker !== this.by && text.includes("run=")) this.sayMore(`This text was made by ${maker}: here it gives a run of the same kind, not the same digits.`);
  }

  hear(message, arrays) {
    if (message.kind === "hello" && !this.root) this.build(message);
    if (!this.root) return;
    this[message.kind]?.(message, arrays);
    if (message.kind !== "frame") this.pass(message.kind, message, arrays);
  }

  /** Let every part that has a word for it do something. */
  pass(kind, ...details) {
    for (const part of Object.values(this.parts)) part[kind]?.(...details);
  }

  build({ by, table, experiments, experiment }) {
    this.by = by;
    const chosen = this.options.experiment ?? experiment;
    this.root = make("div", { class: "inside", tabindex: "-1" });
    const { parts } = this;
    parts.slow = new SlowMotion(this);
    parts.transport = new Transport(this);
    parts.plane = new Plane(this);
    parts.switches = new Switches(this);
    parts.choice = new Choice(this, table);
    parts.controls = new Controls(this, table);
    Object.assign(parts, { readout: new Readout(), chart: new Chart(this), timeline: new Timeline(this), left: new Left(this) });
    Object.assign(parts, { rates: new Rates(this), share: new Share(this), keys: new Keys(this) });
    parts.guided = new Guided(this, experiments ?? [], chosen);
    this.arrange(Boolean(chosen));
    this.watch();
    parts.switches.ask();
    if (chosen) parts.guided.choose();
    if (this.options.text) this.replay(this.options.text);
  }

  arrange(guidedFirst) {
    const { parts } = this;
    const below = [parts.plane, parts.pen.bar, parts.plane.pointer.words, parts.switches, parts.rates];
    const beside = [parts.readout, parts.chart, parts.timeline];
    const elements = (list) => list.map((part) => part.element ?? part);
    const left = make("div", { class: "left" }, ...elements(below));
    const right = make("div", { class: "right" }, ...elements(beside));
    const columns = make("div", { class: "columns" }, parts.transport.element, parts.slow.element, left, right);
    const settings = makeFold("Settings: all of them may be changed while it runs", true, parts.controls.element);
    const folds = [settings, parts.guided.element, parts.share.element, parts.left.element, parts.keys.element];
    if (guidedFirst) folds.unshift(...folds.splice(1, 1));
    const top = guidedFirst ? folds.splice(0, 1) : [];
    this.root.append(...top, parts.choice.element, columns, ...folds);
    this.el.classList.add("gan-lab");
  }

  watch() {
    this.sizes = new ResizeObserver(() => this.redraw());
    this.sizes.observe(this.root);
    this.themes = new MutationObserver(() => this.dress());
    for (const node of [document.documentElement, document.body]) this.themes.observe(node, { attributeFilter: THEMES });
  }

  appear() {
    this.el.replaceChildren(this.root);
    this.dress();
  }

  /** The theme may have changed. */
  dress() {
    this.colours = coloursOf(this.el);
    this.pass("theme", this.colours);
    this.redraw();
  }

  get pen() {
    return this.parts.pen;
  }

  set pen(pen) {
    this.parts.pen = pen;
  }

  get visible() {
    return this.parts.switches.visible;
  }

  /** A sentence for all: seen, and heard by those who listen. */
  say(words, kind = "") {
    const { status } = this.parts.transport;
    status.className = `status ${kind}`;
    tell(status, words);
  }

  sayMore(words) {
    this.say(`${this.parts.transport.status.textContent} ${words}`.trim());
  }

  state(message) {
    this.recipe = message.recipe;
    this.running = message.running;
    this.answered = message.asked;
    this.asked = Math.max(this.asked, message.asked); // another page may have asked for some
    this.root.dataset.running = message.running;
    if (!message.running) this.described = 0;
    this.redraw(); // the chart's cursor, and the words
  }

  data({ dim }, [real, z]) {
    this.points = { real, z, dim };
  }

  numbers(message) {
    this.measured = message;
  }

  frame(message, arrays) {
    this.frames.push({ message, arrays: Object.fromEntries(message.arrays.map((name, i) => [name, arrays[i]])) });
    this.redraw();
  }

  redraw() {
    this.waiting ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.waiting = null;
    const frames = this.frames.splice(0);
    if (frames.length) this.take(frames);
    if (!this.shown || !this.points) return;
    this.parts.plane.draw();
    for (const { message } of frames) this.send({ do: "seen", frame: message.number });
    if (this.running && performance.now() - this.written < WORDS_EVERY) return;
    this.written = performance.now();
    this.pass("write", this.shown.message, this.shown.arrays);
    this.describe();
  }

  /** Of frames that came together the last is drawn; of none is the trace lost. */
  take(frames) {
    this.shown = frames.at(-1);
    const trace = frames.flatMap(({ message }) => message.trace ?? []);
    this.root.dataset.step = this.shown.message.step;
    if (this.root.parentElement !== this.el) this.appear();
    this.pass("frame", { ...this.shown.message, trace });
  }

  describe() {
    const now = performance.now();
    if (!this.recipe || now - this.described < SAID_EVERY) return;
    this.described = now;
    this.parts.plane.describe(sentence(this.recipe, this.shown.message, this.measured));
  }

  close() {
    this.send({ do: "gone" });
    this.unlisten();
    if (!this.root) return;
    this.pass("close");
    cancelAnimationFrame(this.waiting);
    this.sizes.disconnect();
    this.themes.disconnect();
    this.root.remove();
  }
}

/** Put the lab into an element. What stands there stays until the first picture. Returns: a function that ends it. */
export function mountLab(el, engine, options = {}) {
  const lab = new Lab(el, engine, options);
  return () => lab.close();
}
