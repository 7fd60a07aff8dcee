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
    fillRows(values, bias, rows);
    addProduct(values, tape.values[l - 1], inputs, 1, net.turned[l - 1], rows, inputs, outputs);
    if (l < net.depth) net.activation.apply(values, tape.slopes[l], rows * outputs);
  }
  return tape.outputs;
}

// From the deltas of the outputs, or of another layer, down: into tape.gradient, if asked, and to the deltas of the inputs, if asked.
export function backward(net, tape, rows, { gradient = false, inputs = false, from = net.depth }) {
  for (let l = from; l > 0; l--) {
    if (gradient) addGradient(net, tape, l, tape.deltas[l], tape.values[l - 1], rows);
    if (l > 1 || inputs) passDown(net, tape, l, tape.deltas, rows);
    if (l > 1) multiply(tape.deltas[l - 1], tape.slopes[l - 1], rows * net.widths[l - 1]);
  }
  return tape.deltas[0];
}

// From derivatives with respect to the last hidden layer, left in its deltas, down to the inputs.
export function backwardFromFeatures(net, tape, rows) {
  const l = net.depth - 1;
  multiply(tape.deltas[l], tape.slopes[l], rows * net.widths[l]);
  return backward(net, tape, rows, { inputs: true, from: l });
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

function fillRows(numbers, row, rows) {
  const width = row.length;
  for (let start = 0; start < rows * width; start += width) {
    for (let j = 0; j < width; j++) numbers[start + j] = row[j];
  }
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
// Four rows of the sum and four of B at a time, which is three times as fast as one by one.
function addProduct(sum, A, down, across, B, m, k, n) {
  const whole = m - (m % 4);
  for (let i = 0; i < whole; i += 4) addFourRows(sum, A, down, across, B, i, k, n);
  for (let i = whole; i < m; i++) addRow(sum, A, i * down, across, B, i * n, 0, k, n);
}

function addFourRows(sum, A, down, across, B, i, k, n) {
  const s0 = i * n, s1 = s0 + n, s2 = s1 + n, s3 = s2 + n;
  const a = i * down;
  const whole = k - (k % 4);
  for (let p = 0; p < whole; p += 4) {
    const a0 = a + p * across, a1 = a0 + down, a2 = a1 + down, a3 = a2 + down;
    const a00 = A[a0], a01 = A[a0 + across], a02 = A[a0 + 2 * across], a03 = A[a0 + 3 * across];
    const a10 = A[a1], a11 = A[a1 + across], a12 = A[a1 + 2 * across], a13 = A[a1 + 3 * across];
    const a20 = A[a2], a21 = A[a2 + across], a22 = A[a2 + 2 * across], a23 = A[a2 + 3 * across];
    const a30 = A[a3], a31 = A[a3 + across], a32 = A[a3 + 2 * across], a33 = A[a3 + 3 * across];
    const p0 = p * n, p1 = p0 + n, p2 = p1 + n, p3 = p2 + n;
    for (let j = 0; j < n; j++) {
      const b0 = B[p0 + j], b1 = B[p1 + j], b2 = B[p2 + j], b3 = B[p3 + j];
      sum[s0 + j] += a00 * b0 + a01 * b1 + a02 * b2 + a03 * b3;
      sum[s1 + j] += a10 * b0 + a11 * b1 + a12 * b2 + a13 * b3;
      sum[s2 + j] += a20 * b0 + a21 * b1 + a22 * b2 + a23 * b3;
      sum[s3 + j] += a30 * b0 + a31 * b1 + a32 * b2 + a33 * b3;
    }
  }
  for (let row = 0; row < 4; row++) addRow(sum, A, a + row * down, across, B, s0 + row * n, whole, k, n);
}

function addRow(sum, A, start, across, B, first, from, k, n) {
  for (let p = from; p < k; p++) {
    const a = A[start + p * across];
    for (let j = 0; j < n; j++) sum[first + j] += a * B[p * n + j];
  }
}
