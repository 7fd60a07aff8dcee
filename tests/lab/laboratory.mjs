// What the tests of the lab's JavaScript share: runs, and an engine whose page answers at once.

import { readFileSync } from "node:fs";
import { browserEngine } from "../../gan_lib/lab/web/engine.js";
import { Settings } from "../../gan_lib/lab/web/recipe.js";
import { Run } from "../../gan_lib/lab/web/run.js";

export const TABLE = JSON.parse(readFileSync(new URL("../../gan_lib/lab/settings.json", import.meta.url), "utf8"));
export const SETTINGS = new Settings(TABLE.settings);

export const newRun = (text = "by=js") => new Run(SETTINGS.read(text), TABLE, {});

// Everything that decides how a run goes on.
export const stateOf = (run) => JSON.stringify(run.moment(), (_, value) => (ArrayBuffer.isView(value) ? [...value] : value));

export function train(run, steps) {
  for (let i = 0; i < steps; i++) run.train();
  return run;
}

// Carries out a text as the engine does, without a page.
export function replayed(text) {
  const lab = new Laboratory();
  lab.send({ do: "replay", text });
  lab.finish();
  return lab;
}

export class Laboratory {
  constructor({ pretrained = {}, answering = true } = {}) {
    this.heard = [];
    this.slices = [];
    this.engine = browserEngine(TABLE, [], pretrained, (slice) => this.slices.push(slice));
    this.engine.listen((message, arrays) => {
      this.heard.push({ ...message, arrays: message.arrays ?? [], sent: arrays });
      if (message.kind === "frame" && answering) this.send({ do: "seen", frame: message.number });
    });
  }

  send(message) {
    this.engine.send(message);
    return this;
  }

  go(slices) { // as many pictures
    for (let i = 0; i < slices && this.slices.length; i++) this.slices.shift()();
    return this;
  }

  finish() { // until nothing runs
    while (this.last("state").running) this.go(1);
    return this;
  }

  all(kind) {
    return this.heard.filter((message) => message.kind === kind);
  }

  last(kind) {
    return this.all(kind).at(-1);
  }

  array(name) { // of the last picture
    const { arrays, sent } = this.last("frame");
    return sent[arrays.indexOf(name)];
  }

  get text() {
    return this.last("state").text;
  }

  get fakes() {
    this.send({ do: "layers", show: [] });
    return this.array("fake").join();
  }
}
