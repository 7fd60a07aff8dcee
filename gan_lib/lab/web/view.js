// What the page is told of a run: messages with their arrays, as gan_lib/lab/view.py says them.

import { discriminatorLoss, valueFunction } from "./games.js";
import { NoiseFloor, scores } from "./measures.js";
import { ARROWS, Lens, arrowsOf, bestDiscriminator, dataMasses, packedCentres, sheetOf, shownData } from "./picture.js";
import { SHOWN, drawNoise, equalNoise, sheetNoise, shownNoise } from "./noise.js";
import { Tape } from "./perceptron.js";
import { Random } from "./random.js";
import { answer, lossOfFakes, pullOfFakes, rowsOf } from "./steps.js";

const FRESH = 1000; // samples for the measures

export class View {
  constructor() {
    this.random = new Random(0, 8); // of fresh samples
  }

  // Show this run. Returns: whether its data or its noise are others than were shown.
  lookAt(run) {
    Object.assign(this, { run, window: run.table.window });
    const data = valuesOf(run, "data", "strokes");
    const noise = valuesOf(run, "noise", "noise_dim");
    const others = data !== this.dataShown || noise !== this.noiseShown;
    if (data !== this.dataShown) this.takeData();
    if (noise !== this.noiseShown) Object.assign(this, { z: shownNoise(run.settings), equal: null, sheet: null });
    Object.assign(this, { dataShown: data, noiseShown: noise });
    return others;
  }

  takeData() {
    const { run, window } = this;
    this.real = shownData(run.data);
    this.masses = null;
    this.floor = new NoiseFloor(run.data, window, run.table.floors[run.settings.data] ?? null);
  }

  data() {
    const message = { kind: "data", n: SHOWN, dim: this.run.settings.noise_dim };
    return [message, [this.real, this.z].map(single)];
  }

  frame(show, trace) {
    this.look();
    const fake = this.lensG.answers(this.z);
    const said = this.losses(fake);
    const layers = { fake, ...this.layers(show) };
    if (show.has("arrows")) layers.arrows = this.arrows(fake);
    if (layers.field) said.range = rangeOf(layers.field, this.run.game);
    const arrays = Object.keys(layers);
    const message = { kind: "frame", step: this.run.step, ...said, trace, arrays };
    return [message, Object.values(layers).map(single)];
  }

  numbers() {
    this.look();
    const { run } = this;
    const z = new Float64Array(FRESH * run.settings.noise_dim);
    const fake = this.lensG.answers(drawNoise(z, run.settings.noise, this.random));
    const real = run.data.sample(FRESH, this.random);
    return [{ kind: "numbers", step: run.step, ...scores(run.data, this.floor, real, fake, this.window) }, []];
  }

  look() { // nets may be others than a moment ago
    const { generator, discriminator } = this.run;
    if (this.lensG?.net !== generator.net) this.lensG = new Lens(generator.net);
    if (this.lensD?.net === discriminator.net) return;
    this.lensD = new Lens(discriminator.net);
    this.cells = packedCentres(this.run.settings.packing, this.window);
    this.judge = { net: discriminator.net, tape: new Tape(discriminator.net, Math.ceil(rowsOf(discriminator.net, 2 * SHOWN))) };
  }

  layers(show) {
    const { run, window } = this;
    const found = {};
    if (show.has("field")) found.field = this.lensD.answers(this.cells).map(run.game.answer);
    if (show.has("best")) {
      this.masses ??= dataMasses(run.data, window);
      this.equal ??= equalNoise(run.settings);
      found.best = bestDiscriminator(this.masses, this.lensG.answers(this.equal), window);
    }
    if (show.has("sheet")) {
      this.sheet ??= sheetNoise(run.settings);
      Object.assign(found, sheetOf(this.lensG, this.sheet, run.settings.noise));
    }
    return found;
  }

  // Of the points shown: both losses, V in nats, and D's answers.
  losses(fake) {
    const { game } = this.run;
    const { net, tape } = this.judge;
    const rows = answer(net, tape, this.real, fake, this.judged);
    const logits = tape.outputs.slice(0, 2 * rows);
    const [realLogits, fakeLogits] = [logits.subarray(0, rows), logits.subarray(rows)];
    return {
      d_loss: discriminatorLoss(game, logits, rows, tape.outputDeltas),
      g_loss: lossOfFakes(net, tape, game, rows, rows),
      v: game.label === "D" ? valueFunction(realLogits, fakeLogits) : null,
      d_real: mean(realLogits.map(game.answer)),
      d_fake: mean(fakeLogits.map(game.answer)),
      unit: game.unit,
      label: game.label,
      undecided: game.undecided,
    };
  }

  // After the losses: where that of G pulls the first fakes.
  arrows(fake) {
    const { net, tape } = this.judge;
    const pull = pullOfFakes(net, tape, this.run.game, rowsOf(net, this.judged), Math.ceil(rowsOf(net, ARROWS)));
    return arrowsOf(fake, pull, this.judged);
  }

  get judged() { // points of each kind: whole packs
    return SHOWN - (SHOWN % this.run.settings.packing);
  }
}

const valuesOf = ({ settings }, ...names) => names.map((name) => settings[name]).join();

const mean = (numbers) => numbers.reduce((a, b) => a + b) / numbers.length;

const single = (numbers) => Float32Array.from(numbers);

export const batchOf = (points, n) => (points ? Float32Array.from(points.subarray(0, 2 * n)) : new Float32Array(0));

function rangeOf(field, { label }) {
  if (label === "D") return [0, 1];
  return [field.reduce((a, b) => Math.min(a, b)), field.reduce((a, b) => Math.max(a, b))];
}
