// The two steps of Algorithm 1, as gan_lib/training/loop.py has them: D descends its loss, G descends its own through D.

import { Tape, backward, backwardFromFeatures, forward } from "./perceptron.js";
import { discriminatorLoss, featureLoss, generatorLoss } from "./games.js";
import { addNormPenalty, addSquarePenalties, clipWeights } from "./penalties.js";

export class Diverged extends Error {}

// A net, its optimiser, and the arrays that its passes write to.
export class Player {
  constructor(net, optimizer) {
    this.net = net;
    this.optimizer = optimizer;
    this.tape = new Tape(net, 0);
  }

  room(rows) { // the tape, with room for so many rows
    if (this.tape.rows < rows) this.tape = new Tape(this.net, rows);
    return this.tape;
  }

  descend(rate, momentum) {
    this.optimizer.step(this.net.weights, this.tape.gradient, rate, momentum);
  }
}

export function makeFakes(generator, z, n) {
  const tape = generator.room(n);
  tape.values[0].set(z);
  return forward(generator.net, tape, n);
}

// What D says of n real samples and n fakes; the loss, and in the tape its gradient, without or with penalties.
// between: n points between real and fake, for the games that want them.
export function judge(discriminator, game, real, fake, n, { r1 = 0, between = null } = {}) {
  const { net } = discriminator;
  const tape = discriminator.room(rowsOf(net, 2 * n));
  const half = answer(net, tape, real, fake, n);
  tape.gradient.fill(0);
  const loss = discriminatorLoss(game, tape.outputs, half, tape.outputDeltas);
  backward(net, tape, 2 * half, { gradient: true });
  addPenalties(net, tape, game.penalties, r1, between, n);
  return loss;
}

function addPenalties(net, tape, penalties, r1, between, n) {
  const { real = 0, fake = 0 } = penalties;
  if (fake) addSquarePenalties(net, tape, [real + r1, fake], n);
  else if (real + r1) addSquarePenalties(net, tape, [real + r1], n);
  if (!penalties.between) return;
  tape.values[0].set(between);
  forward(net, tape, rowsOf(net, n));
  addNormPenalty(net, tape, penalties.between, n);
}

export function discriminatorStep(discriminator, game, real, fake, n, settings, between = null) {
  const loss = judge(discriminator, game, real, fake, n, { r1: settings.r1, between });
  checkFinite(loss, "D");
  discriminator.descend(settings.lr_d, settings.momentum);
  if (game.clip) clipWeights(discriminator.net.weights, game.clip);
  return loss;
}

// G's loss of n fakes, and the derivatives of it with respect to them.
export function judgeFakes(discriminator, game, real, fake, n) {
  const { net } = discriminator;
  const tape = discriminator.room(rowsOf(net, 2 * n));
  const rows = rowsOf(net, n);
  const first = game.pairs || game.features ? rows : 0; // the fakes' first row: after the real ones, where those matter
  if (first) answer(net, tape, real, fake, n);
  else answerFakes(net, tape, fake, n);
  const loss = lossOfFakes(net, tape, game, first, rows);
  return { loss, pull: pullOfFakes(net, tape, game, first, rows) };
}

// Of n rows of fakes from the row numbered `first` on, after an answer; its slopes are left in the tape's deltas.
export function lossOfFakes(net, tape, game, first, n) {
  const l = game.features ? net.depth - 1 : net.depth;
  const deltas = tape.deltas[l].fill(0, 0, first * net.widths[l]);
  if (game.features) return featureLoss(tape.values[l], net.widths[l], n, deltas);
  return generatorLoss(game, tape.outputs, first, n, deltas);
}

export function pullOfFakes(net, tape, game, first, n) {
  if (game.features) backwardFromFeatures(net, tape, first + n);
  else backward(net, tape, first + n, { inputs: true });
  const given = net.widths[0];
  return tape.deltas[0].subarray(first * given, (first + n) * given);
}

// A step down the loss of G's last n fakes, whose pass is still in G's tape.
export function generatorStep(generator, discriminator, game, real, n, settings) {
  const { tape } = generator;
  const { loss, pull } = judgeFakes(discriminator, game, real, tape.outputs, n);
  checkFinite(loss, "G");
  tape.gradient.fill(0);
  tape.outputDeltas.set(pull);
  backward(generator.net, tape, n, { gradient: true });
  generator.descend(settings.lr_g, settings.momentum);
  return loss;
}

// D's logits of the real samples, then of the fakes; returns how many each are.
export function answer(net, tape, real, fake, n) {
  tape.values[0].set(real.subarray(0, 2 * n));
  tape.values[0].set(fake.subarray(0, 2 * n), 2 * n);
  const half = rowsOf(net, n);
  forward(net, tape, 2 * half);
  return half;
}

function answerFakes(net, tape, fake, n) {
  tape.values[0].set(fake.subarray(0, 2 * n));
  forward(net, tape, rowsOf(net, n));
}

export function rowsOf(discriminator, n) {
  return n * 2 / discriminator.widths[0];
}

function checkFinite(loss, whose) {
  if (!Number.isFinite(loss)) throw new Diverged(`${whose}'s loss is ${loss}: try a lower learning rate`);
}
