// Penalties on the gradient of D's logit with respect to each sample, as gan_lib/penalties.py has them, and clipping.
// Each is a mean of some function of that gradient g. Where v is its derivative with respect to g, the penalty's derivative with
// respect to the weights is that of the sum of v·g with v held fixed: of the derivative of D along v, which the tangent pass gives.

import { backward, tangentBackward, tangentForward } from "./perceptron.js";

const PLANE = 2; // numbers in a sample

// Adds to tape.gradient what gamma / 2 E|g|² adds: strengths[i] is gamma for the i-th lot of n samples in what the tape's pass was given.
export function addSquarePenalties(net, tape, strengths, n) {
  const rows = gradients(net, tape, strengths.length * n);
  const slopes = tape.deltas[0];
  const directions = tape.tangents[0];
  strengths.forEach((strength, lot) => {
    for (let i = lot * n * PLANE; i < (lot + 1) * n * PLANE; i++) directions[i] = strength / n * slopes[i];
  });
  tangentForward(net, tape, rows);
  tangentBackward(net, tape, rows);
}

// The same for weight E(|g| - 1)² at n samples. Where g is 0, so is the slope.
export function addNormPenalty(net, tape, weight, n) {
  const rows = gradients(net, tape, n);
  const slopes = tape.deltas[0];
  const directions = tape.tangents[0];
  for (let i = 0; i < n * PLANE; i += PLANE) {
    const norm = Math.sqrt(slopes[i] ** 2 + slopes[i + 1] ** 2);
    const factor = norm === 0 ? 0 : 2 * weight / n * (norm - 1) / norm;
    directions[i] = factor * slopes[i];
    directions[i + 1] = factor * slopes[i + 1];
  }
  tangentForward(net, tape, rows);
  tangentBackward(net, tape, rows);
}

// Points between a real and a fake sample each: share 1 is the real one.
export function pointsBetween(points, real, fake, shares) {
  for (let i = 0; i < shares.length * PLANE; i++) {
    points[i] = fake[i] + shares[Math.floor(i / PLANE)] * (real[i] - fake[i]);
  }
  return points;
}

// Leaves g of the first n samples in the tape's deltas, and returns how many rows those are: a D that packs has several in a row.
function gradients(net, tape, n) {
  const rows = n * PLANE / net.widths[0];
  tape.outputDeltas.fill(1, 0, rows);
  backward(net, tape, rows, { inputs: true });
  return rows;
}

export function clipWeights(weights, limit) {
  for (let i = 0; i < weights.length; i++) weights[i] = Math.min(Math.max(weights[i], -limit), limit);
}
