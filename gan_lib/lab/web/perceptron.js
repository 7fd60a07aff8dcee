// A multilayer perceptron, its derivatives, and the derivatives of those: float64, a row of each array for a sample.
// By hand, for the libraries that would do it compute in float32 or lack second derivatives, need a build, and weigh more than 1 MB.

const LEAK = 0.2;

export const ACTIVATIONS = {
  relu: { apply: (values, slopes, size) => rectify(values, slopes, size, 0) },
  leaky_relu: { apply: (values, slopes, size) => rectify(values, slopes, size, LEAK) },
  tanh: { apply: squash, bends: true },
};

function rectify(values, slopes, size, below) {
  for (let i = 0; i < size; i++) {
    const slope = values[i] > 0 ? 1 : below;
    slopes[i] = slope;
    values[i] *= slope;
  }
}

function squash(values, slopes, size) {
  for (let i = 0; i < size; i++) {
    const value = Math.tanh(values[i]);
    slopes[i] = 1 - value * value;
    values[i] = value;
  }
}

export class Perceptron {
  // widths: of the inputs, the hidden layers and the outputs; weights: of each layer W (outputs × inputs, by rows), then b
  constructor(widths, activation) {
    this.widths = widths;
    this.activation = ACTIVATIONS[activation];
    const sizes = widths.slice(1).map((outputs, l) => outputs * (widths[l] + 1));
    this.weights = new Float64Array(sizes.reduce((a, b) => a + b));
    this.layers = layersOf(widths, this.weights);
    this.turned = this.layers.map(({ weight }) => new Float64Array(weight.length)); // the W transposed, for the pass forward
  }

  get depth() {
    return this.layers.length;
  }
}

export function layersOf(widths, numbers) {
  let start = 0;
  return widths.slice(1).map((outputs, l) => {
    const inputs = widths[l];
    const weight = numbers.subarray(start, start + outputs * inputs);
    const bias = numbers.subarray(start + outputs * inputs, start + outputs * (inputs + 1));
    start += outputs * (inputs + 1);
    return { inputs, outputs, weight, bias };
  });
}

// As torch's nn.Linear: even within 1 / sqrt(inputs).
export function initialise(net, random) {
  for (const { inputs, weight, bias } of net.layers) {
    const bound = 1 / Math.sqrt(inputs);
    const draw = () => bound * (2 * random.uniform() - 1);
    for (let i = 0; i < weight.length; i++) weight[i] = draw();
    for (let i = 0; i < bias.length; i++) bias[i] = draw();
  }
}

// What passes through a net leave behind, for at most so many rows. Index l is the layer; 0 is what the net is given.
export class Tape {
  constructor(net, rows) {
    const arrays = () => net.widths.map((width) => new Float64Array(rows * width));
    this.rows = rows;
    this.values = arrays(); // what layer l passes on
    this.slopes = arrays(); // of its activation
    this.deltas = arrays(); // derivatives of a loss with respect to what enters the activation; of layer 0, to the input
    this.pushes = arrays(); // of the tangent pass: derivative along a direction, before the activation
    this.tangents = arrays(); // and after it
    this.bends = arrays(); // derivatives of the tangent's sum with respect to what enters the activation
    this.gradient = new Float64Array(net.weights.length);
    this.gradients = layersOf(net.widths, this.gradient);
  }

  get outputs() {
    return this.values[this.values.length - 1];
  }

  get outputDeltas() {
    return this.deltas[this.deltas.length - 1];
  }
}

export function forward(net, tape, rows) {
  for (let l = 1; l <= net.depth; l++) {
    const { inputs, outputs, weight, bias } = net.layers[l - 1];
    const values = tape.values[l];
    transpose(net.turned[l - 1], weight, outputs, inputs);
    for (let row = 0; row < rows; row++) values.set(bias, row * outputs);
    addProduct(values, tape.values[l - 1], inputs, 1, net.turned[l - 1], rows, inputs, outputs);
    if (l < net.depth) net.activation.apply(values, tape.slopes[l], rows * outputs);
  }
  return tape.outputs;
}

// From the deltas of the outputs down to those of the inputs; into tape.gradient, too, if asked.
export function backward(net, tape, rows, withGradient, from = net.depth) {
  for (let l = from; l > 0; l--) {
    if (withGradient) addGradient(net, tape, l, tape.deltas[l], tape.values[l - 1], rows);
    passDown(net, tape, l, tape.deltas, rows);
    if (l > 1) multiply(tape.deltas[l - 1], tape.slopes[l - 1], rows * net.widths[l - 1]);
  }
  return tape.deltas[0];
}

// From derivatives with respect to the last hidden layer, left in its deltas, down to the inputs.
export function backwardFromFeatures(net, tape, rows) {
  const l = net.depth - 1;
  multiply(tape.deltas[l], tape.slopes[l], rows * net.widths[l]);
  return backward(net, tape, rows, false, l);
}

// Derivatives of the outputs along the directions in tape.tangents[0], a row for a sample.
export function tangentForward(net, tape, rows) {
  for (let l = 1; l <= net.depth; l++) {
    const { inputs, outputs } = net.layers[l - 1];
    const pushes = tape.pushes[l].fill(0, 0, rows * outputs);
    addProduct(pushes, tape.tangents[l - 1], inputs, 1, net.turned[l - 1], rows, inputs, outputs);
    tape.tangents[l].set(pushes.subarray(0, rows * outputs));
    if (l < net.depth) multiply(tape.tangents[l], tape.slopes[l], rows * outputs);
  }
  return tape.tangents[net.depth];
}

// Adds to tape.gradient the derivatives of the sum of those outputs, whose own deltas, of outputs of 1 each, are in tape.deltas.
export function tangentBackward(net, tape, rows) {
  const bent = net.activation.bends;
  for (let l = net.depth; l > 0; l--) {
    addWeightGradient(net, tape, l, tape.deltas[l], tape.tangents[l - 1], rows);
    if (!bent) continue;
    if (l < net.depth) addGradient(net, tape, l, tape.bends[l], tape.values[l - 1], rows);
    if (l > 1) bend(net, tape, l, rows);
  }
}

// The tangent of layer l - 1 is slope(s) u, so s moves it by the activation's second derivative; what lies above, by the first.
function bend(net, tape, l, rows) {
  const size = rows * net.widths[l - 1];
  if (l < net.depth) passDown(net, tape, l, tape.bends, rows);
  else tape.bends[l - 1].fill(0, 0, size);
  const bends = tape.bends[l - 1];
  const slopes = tape.slopes[l - 1];
  const values = tape.values[l - 1];
  const pushes = tape.pushes[l - 1];
  const deltas = tape.deltas[l - 1];
  for (let i = 0; i < size; i++) {
    bends[i] = bends[i] * slopes[i] - 2 * values[i] * pushes[i] * deltas[i]; // tanh'' = -2 tanh tanh', and tanh' is in the deltas
  }
}

function passDown(net, tape, l, arrays, rows) {
  const { inputs, outputs, weight } = net.layers[l - 1];
  const below = arrays[l - 1].fill(0, 0, rows * inputs);
  addProduct(below, arrays[l], outputs, 1, weight, rows, outputs, inputs);
}

function addGradient(net, tape, l, deltas, values, rows) {
  addWeightGradient(net, tape, l, deltas, values, rows);
  addColumns(tape.gradients[l - 1].bias, deltas, rows);
}

function addWeightGradient(net, tape, l, deltas, values, rows) {
  const { inputs, outputs } = net.layers[l - 1];
  addProduct(tape.gradients[l - 1].weight, deltas, 1, outputs, values, outputs, rows, inputs);
}

function multiply(numbers, factors, size) {
  for (let i = 0; i < size; i++) numbers[i] *= factors[i];
}

function addColumns(sums, numbers, rows) {
  const width = sums.length;
  for (let row = 0, i = 0; row < rows; row++) {
    for (let j = 0; j < width; j++, i++) sums[j] += numbers[i];
  }
}

function transpose(turned, weight, outputs, inputs) {
  for (let o = 0, i = 0; o < outputs; o++) {
    for (let j = o; i < (o + 1) * inputs; i++, j += outputs) turned[j] = weight[i];
  }
}

// sum += A B, of A (m × k), whose rows lie `down` numbers apart and its columns `across`, and B (k × n) by rows.
// Two rows of the sum and four of B at a time, which is twice as fast as a row at a time.
function addProduct(sum, A, down, across, B, m, k, n) {
  const even = m - (m % 2);
  for (let i = 0; i < even; i += 2) addTwoRows(sum, A, down, across, B, i, k, n);
  if (even < m) addRow(sum, A, even * down, across, B, even * n, k, n);
}

function addTwoRows(sum, A, down, across, B, i, k, n) {
  const first = i * n;
  const second = first + n;
  let p = 0;
  for (; p + 3 < k; p += 4) {
    const a = i * down + p * across;
    const c = a + down;
    const a0 = A[a], a1 = A[a + across], a2 = A[a + 2 * across], a3 = A[a + 3 * across];
    const c0 = A[c], c1 = A[c + across], c2 = A[c + 2 * across], c3 = A[c + 3 * across];
    const p0 = p * n, p1 = p0 + n, p2 = p1 + n, p3 = p2 + n;
    for (let j = 0; j < n; j++) {
      const b0 = B[p0 + j], b1 = B[p1 + j], b2 = B[p2 + j], b3 = B[p3 + j];
      sum[first + j] += a0 * b0 + a1 * b1 + a2 * b2 + a3 * b3;
      sum[second + j] += c0 * b0 + c1 * b1 + c2 * b2 + c3 * b3;
    }
  }
  for (; p < k; p++) {
    const a = A[i * down + p * across];
    const c = A[(i + 1) * down + p * across];
    for (let j = 0; j < n; j++) {
      sum[first + j] += a * B[p * n + j];
      sum[second + j] += c * B[p * n + j];
    }
  }
}

function addRow(sum, A, start, across, B, first, k, n) {
  for (let p = 0; p < k; p++) {
    const a = A[start + p * across];
    for (let j = 0; j < n; j++) sum[first + j] += a * B[p * n + j];
  }
}
