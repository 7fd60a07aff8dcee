// What the page is told of a run: messages with their arrays, as gan_lib/lab/view.py says them.

import { discriminatorLoss, valueFunction } from "./games.js";
import { NoiseFloor, scores } from "./measures.js";
import { Lens, SHOWN, bestDiscriminator, dataMasses, equalNoise, fieldOf, pulled, sheetNoise, sheetOf, shownData, shownNoise } from "./picture.js";
import { Random } from "./random.js";
import { drawNoise } from "./run.js";
import { Player } from "./steps.js";

const FRESH = 1000; // samples for the measures

export class View {
  constructor(run) {
    this.random = new Random(0, 8); // of fresh samples
    this.renew(run);
  }

  // Look at this run, or at the same one once its data or its noise are others.
  renew(run) {
    const { window } = run.table;
    Object.assign(this, { run, window, masses: null, equal: null, sheet: null });
    this.z = shownNoise(run.settings);
    this.real = shownData(run.data);
    this.floor = new NoiseFloor(run.data, window);
  }

  data() {
    const message = { kind: "data", n: SHOWN, dim: this.run.settings.noise_dim };
    return [message, [this.real, this.z].map(single)];
  }

  frame(show, trace) {
    this.look();
    const fake = this.lensG.answers(this.z);
    const { said, arrows } = this.losses(fake);
    const layers = { fake, ...this.layers(show), ...(show.has("arrows") ? { arrows } : {}) };
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
    this.judge = new Player(discriminator.net, null);
  }

  layers(show) {
    const { run, window } = this;
    const found = {};
    if (show.has("field")) found.field = fieldOf(this.lensD, run.game, run.settings.packing, window);
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

  // Of the points shown: both losses, V in nats, D's answers, and where G's loss pulls.
  losses(fake) {
    const { settings, game } = this.run;
    const n = SHOWN - (SHOWN % settings.packing);
    const { loss, arrows } = pulled(this.judge, game, this.real, fake, n);
    const [realLogits, fakeLogits] = [this.real, fake].map((points) => this.lensD.answers(points.subarray(0, 2 * n)));
    const logits = Float64Array.of(...realLogits, ...fakeLogits);
    const said = {
      d_loss: discriminatorLoss(game, logits, realLogits.length, new Float64Array(logits.length)),
      g_loss: loss,
      v: valueFunction(realLogits, fakeLogits),
      d_real: mean(realLogits.map(game.answer)),
      d_fake: mean(fakeLogits.map(game.answer)),
    };
    const { unit, label, undecided } = game;
    return { said: { ...said, unit, label, undecided }, arrows };
  }
}

const mean = (numbers) => numbers.reduce((a, b) => a + b) / numbers.length;

const single = (numbers) => Float32Array.from(numbers);

export const batchOf = (points, n) => (points ? Float32Array.from(points.subarray(0, 2 * n)) : new Float32Array(0));

function rangeOf(field, { label }) {
  if (label === "D") return [0, 1];
  return [field.reduce((a, b) => Math.min(a, b)), field.reduce((a, b) => Math.max(a, b))];
}
