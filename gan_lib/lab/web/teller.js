// What the engine tells the page: messages, and who hears them.

const NUMBERS_EVERY = 500; // ms
const STATE_EVERY = 500;

// Of an engine with a run, its view and its history.
export class Teller {
  constructor() {
    this.listeners = new Set();
    this.show = new Set(["field"]); // layers, beside the fakes
    this.trace = []; // losses of the steps since the last picture
    this.sent = 0; // pictures
    this.asked = 0; // the last question about a setting
    this.numbersAt = 0; // ms
    this.stateAt = 0;
  }

  listen(callback) {
    this.listeners.add(callback);
    return () => this.listeners.delete(callback);
  }

  tell(message, arrays = []) {
    for (const callback of this.listeners) callback(message, arrays);
  }

  tellProgress(now) {
    this.tellFrame();
    if (now - this.numbersAt > NUMBERS_EVERY) {
      this.numbersAt = now;
      this.tell(...this.view.numbers());
    }
    if (now - this.stateAt > STATE_EVERY) {
      this.stateAt = now;
      this.tellState();
    }
  }

  tellAll() {
    this.tellState();
    this.tell(...this.view.data());
    this.tellFrame();
    this.tell(...this.view.numbers());
  }

  tellPause() {
    this.tellFrame();
    this.tellState();
    this.tell(...this.view.numbers());
  }

  tellStep() { // after a step that was asked for by itself
    this.history.keep(this.run);
    this.tellFrame();
    this.tellState();
    if (!this.running) this.tell(...this.view.numbers());
  }

  tellState() {
    const { run, history, at, running, seconds, text, asked } = this;
    const steps = history.moments.map((moment) => moment.step);
    this.tell({ kind: "state", recipe: run.settings, text, step: run.step, steps, at, running, seconds, asked });
  }

  tellFrame() {
    this.sent += 1;
    const [message, arrays] = this.view.frame(this.show, meanOf(this.trace));
    this.trace = [];
    this.tell({ ...message, number: this.sent }, arrays);
  }
}

// One row of the losses' history: the last step, and the mean losses since the last row.
function meanOf(trace) {
  if (!trace.length) return [];
  const mean = (name) => trace.reduce((sum, losses) => sum + losses[name], 0) / trace.length;
  return [[trace[trace.length - 1].step, mean("dLoss"), mean("gLoss")]];
}
