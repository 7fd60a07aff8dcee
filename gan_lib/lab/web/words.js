// What the lab says, and how it writes numbers.

/** Algorithm 1 in slow motion: a line, and what happens in it. */
export const ALGORITHM = [
  ["Sample noise z.", "G turns each vector of noise into a fake, G(z): the green points."],
  ["Sample data x.", "As many real points as there are fakes."],
  ["D judges both.", "Its loss says how badly it tells them apart. Blue is where D says real, orange where it says fake."],
  ["D goes down the gradient of its loss.", "D's weights move a little, and the colours with them. G stays as it is."],
  ["The new D judges the fakes.", "G's loss says how little it is taken in by them."],
  ["The gradient of G's loss passes through D.", "D's weights stay. The arrows show where the loss would move each fake."],
  ["G goes down that gradient.", "All fakes share G's weights, so each follows its arrow only as far as the others let it."],
];

const CHOICES = {
  adam: "Adam",
  sgd: "SGD",
  relu: "ReLU",
  leaky_relu: "leaky ReLU",
  non_saturating: "non-saturating",
  least_squares: "least squares",
  maximum_likelihood: "maximum likelihood",
  wasserstein: "Wasserstein, clipped",
  wasserstein_gp: "Wasserstein, gradient penalty",
  feature_matching: "feature matching",
  scratch: "random",
  moons: "two moons",
  gaussian: "Gaussian",
  drawn: "your own",
  normal: "normal",
  uniform: "uniform, −1 to 1",
  "unit uniform": "uniform, variance 1",
};

export function nameOfChoice(choice) {
  return CHOICES[choice] ?? String(choice).replaceAll("_", " ");
}

const SMALLEST = 9; // digits after the point

/** A number of some digits, or of two digits that are not 0, with a true minus sign; – where there is none. */
export function figure(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const small = size > 0 && size < 0.5 * 10 ** -digits;
  const shown = small ? Math.min(1 - Math.floor(Math.log10(size)), SMALLEST) : digits;
  return value.toFixed(size < 1e5 ? shown : 0).replace("-", "−");
}

/** A setting as it was chosen: 0.001, 1e-5, 64. */
export function settingText(value) {
  return String(value).replaceAll("-", "−");
}

/** 12345 as 12 345. */
export function count(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

export function plural(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

export function pair(x, y) {
  return `(${figure(x, 2)}, ${figure(y, 2)})`;
}

/** A vector of noise: its first four numbers. */
export function vectorText(z) {
  const shown = [...z.slice(0, 4)].map((number) => figure(number, 2)).join(", ");
  return `(${shown}${z.length > 4 ? ", …" : ""})`;
}

export function modesText(modes) {
  if (!modes) return "–";
  return `${modes.covered} of ${modes.of}, ${Math.round(100 * modes.quality)} % of samples good`;
}

export function floorText({ low, high }) {
  if (low === null || low === undefined) return "measuring what two real batches score";
  return `two real batches: ${figure(low)} to ${figure(high)}`;
}

/** All that the picture shows, for those who listen. */
export function sentence(recipe, frame, numbers) {
  const parts = [`The plane at step ${frame.step}: 500 real points, ${nameOfChoice(recipe.data)}, and 500 fakes`];
  parts.push(`D's loss ${figure(frame.d_loss, 2)}, G's loss ${figure(frame.g_loss, 2)}`);
  if (numbers) parts.push(`JS ${figure(numbers.js.value)} nats, ${floorText(numbers.js)}`);
  if (numbers?.modes) parts.push(`modes covered ${modesText(numbers.modes)}`);
  return `${parts.join("; ")}.`;
}
