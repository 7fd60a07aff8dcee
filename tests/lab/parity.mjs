// Takes the turns of test_lab_parity.py with the lab's JavaScript: JSON in, a list of what each step gave out.

import { readFileSync } from "node:fs";
import { GAMES } from "../../gan_lib/lab/web/games.js";
import { Optimizer } from "../../gan_lib/lab/web/optimizers.js";
import { pointsBetween } from "../../gan_lib/lab/web/penalties.js";
import { Perceptron } from "../../gan_lib/lab/web/perceptron.js";
import { Player, discriminatorStep, generatorStep, makeFakes } from "../../gan_lib/lab/web/steps.js";

function player({ widths, weights }, settings) {
  const net = new Perceptron(widths, settings.activation);
  net.weights.set(weights);
  return new Player(net, new Optimizer(settings.optimizer, net.weights.length));
}

function outcome(loss, { tape, net }) {
  return { loss, gradient: Array.from(tape.gradient), weights: Array.from(net.weights) };
}

function takeTurns({ settings, generator, discriminator, turns }) {
  const G = player(generator, settings);
  const D = player(discriminator, settings);
  const game = { ...GAMES[settings.objective] };
  if (game.clip) game.clip = settings.clip;
  const n = settings.batch_size;
  return turns.flatMap((turn) => {
    const real = Float64Array.from(turn.real);
    const fake = makeFakes(G, turn.z, n);
    const between = pointsBetween(new Float64Array(2 * n), real, fake, turn.shares);
    const first = outcome(discriminatorStep(D, game, real, fake, n, settings, between), D);
    return [first, outcome(generatorStep(G, D, game, real, n, settings), G)];
  });
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(takeTurns)));
