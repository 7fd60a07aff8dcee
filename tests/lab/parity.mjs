// Takes the steps of test_lab_parity.py with the lab's JavaScript. Given on stdin: {steps, numbers, results}: what to do, the file of
// all numbers in a row, and the file to write: of each step the loss, the gradient and the new weights.

import { readFileSync, writeFileSync } from "node:fs";
import { GAMES } from "../../gan_lib/lab/web/games.js";
import { Optimizer } from "../../gan_lib/lab/web/optimizers.js";
import { pointsBetween } from "../../gan_lib/lab/web/penalties.js";
import { Perceptron } from "../../gan_lib/lab/web/perceptron.js";
import { Player, discriminatorStep, generatorStep, makeFakes } from "../../gan_lib/lab/web/steps.js";

function player(widths, weights, settings) {
  const net = new Perceptron(widths, settings.activation);
  net.weights.set(weights);
  return new Player(net, new Optimizer(settings.optimizer, net.weights.length));
}

function remember(optimizer, first, second, steps) {
  optimizer.steps = steps;
  optimizer.first.set(first);
  if (optimizer.kind === "adam") optimizer.second.set(second);
}

function takeStep({ settings, who, widths, steps }, { generator, discriminator, first, second, z, real, shares }) {
  const G = player(widths.generator, generator, settings);
  const D = player(widths.discriminator, discriminator, settings);
  const mover = who === "G" ? G : D;
  remember(mover.optimizer, first, second, steps);
  const game = { ...GAMES[settings.objective] };
  if (game.clip) game.clip = settings.clip;
  const n = settings.batch_size;
  const fake = makeFakes(G, z, n);
  const between = pointsBetween(new Float64Array(2 * n), real, fake, shares);
  const loss = who === "G" ? generatorStep(G, D, game, real, n, settings) : discriminatorStep(D, game, real, fake, n, settings, between);
  return [loss, ...mover.tape.gradient, ...mover.net.weights];
}

const { steps, numbers, results } = JSON.parse(readFileSync(0, "utf8"));
const all = new Float64Array(readFileSync(numbers).buffer);
let read = 0;
const take = (length) => all.subarray(read, read += length);
const found = steps.flatMap((step) => {
  const arrays = Object.fromEntries(Object.entries(step.lengths).map(([name, length]) => [name, take(length)]));
  return takeStep(step, arrays);
});
writeFileSync(results, Float64Array.from(found));
process.stdout.write(String(found.length));
