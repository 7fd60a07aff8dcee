// The table of games, as gan_lib/objectives.py has it: what D descends, what G descends, what keeps D in bounds.
// Losses are means over a minibatch of functions of D's logits a; each function here comes with its slope.

export const sigmoid = (a) => 1 / (1 + Math.exp(-a));
const softplus = (a) => (a > 20 ? a : Math.log1p(Math.exp(a))); // as torch, which takes a itself beyond 20
const softplusSlope = (a) => (a > 20 ? 1 : sigmoid(a));

const MINUS_LOG_D = { of: (a) => softplus(-a), slope: (a) => -softplusSlope(-a) };
const MINUS_LOG_NOT_D = { of: softplus, slope: softplusSlope };
const LOG_NOT_D = { of: (a) => -softplus(a), slope: (a) => -softplusSlope(a) };
const MINUS_ODDS = { of: (a) => -Math.exp(a), slope: (a) => -Math.exp(a) };
const TOWARDS_ONE = { of: (a) => (a - 1) ** 2 / 2, slope: (a) => a - 1 };
const TOWARDS_ZERO = { of: (a) => a * a / 2, slope: (a) => a };
const ABOVE_ONE = { of: (a) => Math.max(0, 1 - a), slope: (a) => (a < 1 ? -1 : 0) };
const BELOW_MINUS_ONE = { of: (a) => Math.max(0, 1 + a), slope: (a) => (a > -1 ? 1 : 0) };
const LOW = { of: (a) => a, slope: () => 1 };
const HIGH = { of: (a) => -a, slope: () => -1 };

// answer: what is shown of a logit; undecided: D's answer where it cannot tell; pairs: the losses are of a(x) - a(G(z));
// penalties: their weights, at real samples, at fakes and between the two; clip: the limit of D's weights.
const PAPER = { real: MINUS_LOG_D, fake: MINUS_LOG_NOT_D, label: "D", answer: sigmoid, undecided: 0.5, unit: "nats", penalties: {} };
const CRITIC = { label: "f", answer: (a) => a, undecided: null, unit: "", penalties: {} };
const WASSERSTEIN = { ...CRITIC, real: HIGH, fake: LOW, generator: HIGH };

export const GAMES = {
  non_saturating: { ...PAPER, generator: MINUS_LOG_D },
  minimax: { ...PAPER, generator: LOG_NOT_D },
  maximum_likelihood: { ...PAPER, generator: MINUS_ODDS },
  least_squares: { ...CRITIC, real: TOWARDS_ONE, fake: TOWARDS_ZERO, generator: TOWARDS_ONE, undecided: 0.5 },
  hinge: { ...CRITIC, real: ABOVE_ONE, fake: BELOW_MINUS_ONE, generator: HIGH, undecided: 0 },
  wasserstein: { ...WASSERSTEIN, clip: 0.01 },
  wasserstein_gp: { ...WASSERSTEIN, penalties: { between: 10 } },
  relativistic: { ...CRITIC, pairs: { real: MINUS_LOG_D, generator: MINUS_LOG_NOT_D }, unit: "nats", penalties: { real: 1, fake: 1 } },
  feature_matching: { ...PAPER, features: true },
};

// D's loss of n real logits, then n fake ones; its slope with respect to each goes into slopes.
export function discriminatorLoss(game, logits, n, slopes) {
  if (game.pairs) return pairedLoss(game.pairs.real, logits, n, slopes);
  return meanLoss(game.real, logits, 0, n, slopes) + meanLoss(game.fake, logits, n, n, slopes);
}

// G's loss of the fake logits, which are n from the one numbered `first` on; in a game of pairs the n real ones are before them.
export function generatorLoss(game, logits, first, n, slopes) {
  if (game.pairs) return pairedLoss(game.pairs.generator, logits, n, slopes);
  return meanLoss(game.generator, logits, first, n, slopes);
}

function meanLoss(term, logits, first, n, slopes) {
  let sum = 0;
  for (let i = first; i < first + n; i++) {
    sum += term.of(logits[i]);
    slopes[i] = term.slope(logits[i]) / n;
  }
  return sum / n;
}

function pairedLoss(term, logits, n, slopes) {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const difference = logits[i] - logits[n + i];
    sum += term.of(difference);
    slopes[i] = term.slope(difference) / n;
    slopes[n + i] = -slopes[i];
  }
  return sum / n;
}

// |E f(x) - E f(G(z))|² of features, n real rows, then n fake ones; its slope with respect to those of the fakes goes into slopes.
export function featureLoss(features, width, n, slopes) {
  let loss = 0;
  for (let j = 0; j < width; j++) {
    const difference = columnMean(features, width, j, n, 2 * n) - columnMean(features, width, j, 0, n);
    loss += difference * difference;
    for (let row = n; row < 2 * n; row++) slopes[row * width + j] = 2 * difference / n;
  }
  return loss;
}

function columnMean(numbers, width, j, from, to) {
  let sum = 0;
  for (let row = from; row < to; row++) sum += numbers[row * width + j];
  return sum / (to - from);
}

// V(D, G) = E log D(x) + E log(1 - D(G(z))), in nats, whatever the game is.
export function valueFunction(realLogits, fakeLogits) {
  const mean = (numbers, term) => numbers.reduce((sum, a) => sum + term.of(a), 0) / numbers.length;
  return -mean(realLogits, MINUS_LOG_D) - mean(fakeLogits, MINUS_LOG_NOT_D);
}
