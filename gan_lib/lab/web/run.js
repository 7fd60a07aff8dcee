// A run of the lab: Algorithm 1 turn by turn, its log, and what may be changed on the way, as gan_lib/lab/run.py.

import { GAMES } from "./games.js";
import { drawNoise } from "./noise.js";
import { Optimizer } from "./optimizers.js";
import { pointsBetween } from "./penalties.js";
import { Perceptron, initialise } from "./perceptron.js";
import { Random } from "./random.js";
import { Refused, loggedAfter } from "./recipe.js";
import { Player, discriminatorStep, generatorStep, makeFakes } from "./steps.js";
import { dataOf } from "./toys.js";

export const LAST_LINE = 6;
const STREAMS = { generator: 0, discriminator: 1, run: 2 }; // of the seed's random numbers
const REBUILDS = { // what makes a net begin anew
  generator: ["noise_dim", "g_width", "g_layers", "activation"],
  discriminator: ["d_width", "d_layers", "activation", "packing"],
};
const WIDTHS = {
  generator: ({ noise_dim, g_width, g_layers }) => [noise_dim, ...Array(g_layers).fill(g_width), 2],
  discriminator: ({ packing, d_width, d_layers }) => [2 * packing, ...Array(d_layers).fill(d_width), 1],
};
const PLAYERS = ["generator", "discriminator"];

// table: all of settings.json; pretrained: weights of both nets for each of the data.
export class Run {
  constructor({ settings }, table, pretrained) {
    Object.assign(this, { table, settings, first: settings, log: [], unlogged: 0, step: 0, pending: null });
    this.random = new Random(settings.seed, STREAMS.run);
    for (const who of PLAYERS) this[who] = this.newPlayer(who);
    if (settings.start === "pretrained") loadWeights(this, pretrained?.[settings.data]);
    this.settle();
  }

  // How to come here again, bit for bit: the settings at first, and what was done.
  get recipe() {
    const log = this.unlogged ? loggedAfter(this.log, "run", this.unlogged) : this.log;
    return { settings: this.first, log, by: "js" };
  }

  get game() {
    return GAMES[this.settings.objective];
  }

  newPlayer(who) {
    const net = new Perceptron(WIDTHS[who](this.settings), this.settings.activation);
    initialise(net, new Random(this.settings.seed, STREAMS[who]));
    return new Player(net, new Optimizer(this.settings.optimizer, net.weights.length));
  }

  settle() { // what depends on the settings
    const { k, batch_size, noise_dim } = this.settings;
    this.data = dataOf(this.settings, this.table);
    const arrays = (numbers) => Array.from({ length: k }, () => new Float64Array(batch_size * numbers));
    this.noise = arrays(noise_dim);
    this.real = arrays(2);
    this.between = new Float64Array(2 * batch_size);
    this.shares = new Float64Array(batch_size);
  }

  // One step of Algorithm 1. Returns both losses on its last minibatches.
  train() {
    this.finishTurn();
    const { k } = this.settings;
    for (let i = 0; i < k; i++) this.draw(i);
    let dLoss;
    for (let i = 0; i < k; i++) dLoss = this.moveD(i, this.fakes(i));
    const gLoss = this.moveG(k - 1);
    this.turnDone();
    return { step: this.step, dLoss, gLoss };
  }

  // The same step, to the bit, line by line.
  *lines() {
    const { k } = this.settings;
    for (let i = 0; i < k; i++) this.draw(i);
    for (let i = 0; i < k; i++) {
      const fake = this.fakes(i);
      const real = this.real[i];
      yield { index: 0, i, real: null, fake };
      yield { index: 1, i, real, fake };
      yield { index: 2, i, real, fake };
      this.moveD(i, fake);
      yield { index: 3, i, real, fake };
    }
    const fake = this.generator.tape.outputs;
    yield { index: 4, i: k - 1, real: null, fake };
    yield { index: 5, i: k - 1, real: null, fake };
    this.moveG(k - 1);
    this.turnDone();
    yield { index: LAST_LINE, i: k - 1, real: null, fake: null };
  }

  nextLine() {
    this.pending ??= this.lines();
    const { value } = this.pending.next();
    if (value.index === LAST_LINE) this.pending = null;
    return value;
  }

  finishTurn() {
    while (this.pending) this.nextLine();
  }

  // A step of D ("d") or of G ("g") alone, on a minibatch of its own.
  stepAlone(player) {
    this.finishTurn();
    this.draw(0);
    const fake = this.fakes(0);
    if (player === "d") this.moveD(0, fake);
    else this.moveG(0);
    this.log = loggedAfter(this.recipe.log, player, 1);
    this.unlogged = 0;
  }

  draw(i) {
    drawNoise(this.noise[i], this.settings.noise, this.random);
    this.data.sample(this.settings.batch_size, this.random, this.real[i]);
  }

  fakes(i) {
    return makeFakes(this.generator, this.noise[i], this.settings.batch_size);
  }

  moveD(i, fake) {
    const { discriminator, game, settings, between, shares } = this;
    if (game.penalties.between) {
      for (let j = 0; j < shares.length; j++) shares[j] = this.random.uniform();
      pointsBetween(between, this.real[i], fake, shares);
    }
    return discriminatorStep(discriminator, game, this.real[i], fake, settings.batch_size, settings, between);
  }

  moveG(i) {
    const { generator, discriminator, game, settings } = this;
    return generatorStep(generator, discriminator, game, this.real[i], settings.batch_size, settings);
  }

  turnDone() {
    this.step += 1;
    this.unlogged += 1;
  }

  // Goes on under other settings, which were checked. A net whose layers change begins anew, its optimiser with it.
  change(settings, name) {
    this.finishTurn();
    this.settings = settings;
    for (const who of PLAYERS) {
      if (REBUILDS[who].includes(name)) this[who] = this.newPlayer(who);
      if (name === "optimizer") this[who].optimizer = new Optimizer(settings.optimizer, this[who].net.weights.length);
    }
    this.settle();
    this.log = loggedAfter(this.recipe.log, name, settings[name]);
    this.unlogged = 0;
  }

  // All that is needed to go on from here.
  moment() {
    this.finishTurn();
    const { first, settings, step } = this;
    const players = PLAYERS.map((who) => ({ weights: this[who].net.weights.slice(), optimizer: this[who].optimizer.save() }));
    return { first, settings, step, log: this.recipe.log, random: this.random.save(), players };
  }

  goBack({ first, settings, step, log, random, players }) {
    Object.assign(this, { first, settings, step, log, unlogged: 0, pending: null });
    this.random.restore(random);
    PLAYERS.forEach((who, i) => {
      this[who] = this.newPlayer(who);
      this[who].net.weights.set(players[i].weights);
      this[who].optimizer.restore(players[i].optimizer);
    });
    this.settle();
  }
}

function loadWeights(run, weights) {
  if (!weights) throw new Refused("start", `start: there are no pretrained weights for ${run.settings.data}`);
  for (const who of PLAYERS) run[who].net.weights.set(weights[who].flat());
}
