// The lab's engine in the browser: it answers messages and trains between them, as gan_lib/lab/engine.py does in the kernel.

import { History } from "./history.js";
import { Refused, Settings } from "./recipe.js";
import { LAST_LINE, Run } from "./run.js";
import { Diverged } from "./steps.js";
import { Teller } from "./teller.js";
import { View, batchOf } from "./view.js";

const ROUND = 19; // ms from picture to picture: where it takes longer, there is less training in it
const MOST_TRAINING = 8; // ms in a round
const LEAST_TRAINING = 1;
const SLOW_ROUND = 60; // ms: where pictures come so slowly whatever is left out, a third of the time is for training
const LONGEST_TRAINING = 100; // ms, in such a round
const FLOOR_EVERY = 100; // ms between two pairs of the noise floor while something runs
const FLOOR_SLICE = 8; // ms for it in a round while nothing does
const UNSEEN = 2; // pictures that may be on their way

const MESSAGES = ["hello", "play", "pause", "gone", "step", "d", "g", "line", "set", "reset", "replay", "seek", "layers", "seen"];

// table: settings.json; schedule(callback): calls back soon, such as requestAnimationFrame.
export function browserEngine(table, experiments, pretrained, schedule) {
  const engine = new Engine(table, experiments, pretrained, schedule);
  return { send: (message) => engine.receive(message), listen: (callback) => engine.listen(callback) };
}

class Engine extends Teller {
  constructor(table, experiments, pretrained, schedule) {
    super();
    Object.assign(this, { table, experiments, pretrained, schedule, view: new View() });
    this.settings = new Settings(table.settings);
    Object.assign(this, { scheduled: false, seenLast: 0, allowed: MOST_TRAINING, roundAt: 0, floorAt: 0 });
    this.begin(this.settings.read("by=js"));
  }

  receive(message) {
    try {
      if (!MESSAGES.includes(message.do)) throw new Refused("do", `do must be one of ${MESSAGES.join(", ")}, not ${message.do}`);
      this[message.do](message);
    } catch (error) {
      this.excuse(error, message.name ?? error.setting ?? message.do);
    }
    this.wake();
  }

  // What was refused is answered by name; a run that diverged goes back to the last moment that was kept.
  excuse(error, name) {
    if (error instanceof Refused) {
      this.tell({ kind: "error", name, text: error.message });
      this.tellState();
    } else if (error instanceof Diverged) {
      this.work = null;
      this.run.goBack(this.history.lastSound());
      this.view.lookAt(this.run);
      this.tell({ kind: "error", name: "run", text: `${error.message}. The run is back at step ${this.run.step}.` });
      this.tellAll();
    } else throw error;
  }

  // What a message can ask for.

  hello() {
    this.seenLast = this.sent;
    this.tell({ kind: "hello", by: "js", table: this.table, experiments: this.experiments });
    this.tellAll();
  }

  play() {
    this.branch();
    this.work = endless(this.run);
    this.tellState();
  }

  pause() {
    const was = this.running;
    this.work = null;
    this.run.finishTurn();
    if (this.future === null) this.history.keep(this.run, true); // else this moment is kept already
    if (was) this.tellPause();
  }

  gone() {
    this.work = null;
  }

  step() {
    this.branch();
    this.trained(this.run.train());
    this.tellStep();
  }

  d() {
    this.branch();
    this.run.stepAlone("d");
    this.tellStep();
  }

  g() {
    this.branch();
    this.run.stepAlone("g");
    this.tellStep();
  }

  line() {
    this.work = null;
    this.branch();
    const { batch_size, k } = this.run.settings;
    const { index, i, real, fake } = this.run.nextLine();
    this.tell({ kind: "line", index, i: i + 1, k }, [real, fake].map((points) => batchOf(points, batch_size)));
    if (index === LAST_LINE) this.tellStep();
    else this.tellFrame();
  }

  set({ name, value, asked = 0 }) {
    this.asked = Math.max(this.asked, asked);
    const changes = name === "strokes" ? { strokes: value, data: "drawn" } : { [name]: value };
    const settings = { ...this.run.settings, ...changes };
    if (name === "seed" || name === "start" || !this.run.recipe.log.length) {
      this.renew({ settings: this.settings.checked(settings), log: [] });
      return;
    }
    this.settings.checked(settings, true);
    this.branch();
    for (const each of Object.keys(changes)) this.change(each, changes[each]);
    this.view.lookAt(this.run);
    this.tellAll();
  }

  reset() {
    this.renew({ settings: this.settings.checked(this.run.settings), log: [] });
  }

  replay({ text }) {
    const recipe = this.settings.read(text);
    this.renew(recipe);
    if (recipe.log.length) this.work = this.replayed(recipe.log);
    this.tellState();
  }

  seek({ index }) {
    const { moments } = this.history;
    if (!(index in moments)) throw new Refused("index", `index must be below ${moments.length}, not ${index}`);
    this.work = null;
    if (this.future === null) {
      this.run.finishTurn();
      this.history.keep(this.run, true);
      this.future = this.text;
    }
    this.at = index;
    this.run.goBack(this.history.moments[index]);
    this.view.lookAt(this.run);
    this.tellAll();
  }

  layers({ show }) {
    this.show = new Set(show);
    this.tellFrame();
  }

  seen({ frame }) {
    this.seenLast = Math.max(this.seenLast, frame);
  }

  // Runs: one begins, or leaves a former one behind.

  begin(recipe) {
    this.run = new Run(recipe, this.table, this.pretrained);
    this.view.lookAt(this.run);
    this.history = new History();
    Object.assign(this, { work: null, trace: [], seconds: 0, future: null, at: null });
    this.history.keep(this.run);
  }

  renew(recipe) {
    const left = this.future ?? (this.run.recipe.log.length ? this.text : null);
    this.begin(recipe);
    if (left) this.tell({ kind: "left", text: left });
    this.tellAll();
  }

  // After going back: what was done later is left, and said in a message.
  branch() {
    if (this.future !== null && this.at < this.history.moments.length - 1) {
      this.tell({ kind: "left", text: this.future });
      this.history.cut(this.at);
    }
    Object.assign(this, { future: null, at: null });
  }

  change(name, value) {
    this.run.change(this.settings.checked({ ...this.run.settings, [name]: value }, true), name);
  }

  // The actions of a log, a step at a time.
  *replayed(log) {
    for (const [what, amount] of log) {
      const steps = what === "run" || what === "d" || what === "g";
      if (!steps) {
        this.change(what, amount);
        if (this.view.lookAt(this.run)) this.tell(...this.view.data());
      }
      for (let i = 0; steps && i < amount; i++) {
        if (what === "run") yield this.run.train();
        else yield this.run.stepAlone(what);
      }
    }
  }

  // Training, in slices.

  get running() {
    return this.work !== null;
  }

  get text() {
    return this.settings.write(this.run.recipe);
  }

  wake() { // while there is something to do, there will be another slice
    if (this.scheduled || !(this.running || !this.view.floor.complete)) return;
    this.scheduled = true;
    this.schedule(() => {
      this.scheduled = false;
      this.slice();
      this.wake();
    });
  }

  slice() {
    try {
      if (!this.running) this.collect();
      else if (this.sent - this.seenLast < UNSEEN) this.trainAndTell();
    } catch (error) {
      this.excuse(error, "run");
    }
  }

  collect() {
    const { floor } = this.view;
    const ends = performance.now() + FLOOR_SLICE;
    while (!floor.complete && performance.now() < ends) floor.collect();
    if (floor.complete) this.tell(...this.view.numbers());
  }

  trainAndTell() {
    const begun = performance.now();
    this.pace(begun);
    do this.advance(); while (this.running && performance.now() < begun + this.allowed);
    this.seconds += (performance.now() - begun) / 1000;
    if (this.running) this.tellProgress(performance.now());
    else this.endPlay();
  }

  pace(now) { // more training in a round, or less, as pictures come in time or late; and now and then a pair of the noise floor
    const round = now - this.roundAt;
    this.roundAt = now;
    if (round > SLOW_ROUND) this.allowed = Math.min(LONGEST_TRAINING, round / 3);
    else this.allowed = Math.max(LEAST_TRAINING, Math.min(MOST_TRAINING, this.allowed * (round > ROUND ? 0.8 : 1.1)));
    if (this.view.floor.complete || now - this.floorAt < FLOOR_EVERY) return;
    this.floorAt = now;
    this.view.floor.collect();
  }

  advance() {
    const { value, done } = this.work.next();
    if (done) this.work = null;
    else this.trained(value);
  }

  trained(losses) { // of a step of the algorithm; those of a step of D or of G alone are not in the trace
    if (losses) this.trace.push(losses);
    this.history.keep(this.run);
  }

  endPlay() { // a replay has come to its end
    this.history.keep(this.run, true);
    this.tellPause();
  }
}

function* endless(run) {
  for (;;) yield run.train();
}
