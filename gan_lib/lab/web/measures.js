// How far fakes are from the data, and what two batches of data score against each other: the noise floor.

import { Heaps } from "./toys.js";
import { Random } from "./random.js";

const CELLS = 20; // of a side of the window
const JS_SAMPLES = 1000; // of each kind
const W1_SAMPLES = 200;
export const FLOOR_PAIRS = 400; // of batches of data
const BAND = [0.005, 0.995]; // quantiles between which the floor lies
const FAIR = 0.1; // share of its due that a mode must get to be covered

// The shares of n points in each cell of the window, and, last, outside it.
export function cellShares(points, n, window) {
  const shares = new Float64Array(CELLS * CELLS + 1);
  for (let i = 0; i < n; i++) shares[cellOf(points[2 * i], points[2 * i + 1], CELLS, window)] += 1 / n;
  return shares;
}

// The number of the cell in which (x, y) lies, of `cells` a side, rows from the bottom; cells² outside the window.
export function cellOf(x, y, cells, window) {
  const column = Math.floor((x / window + 1) / 2 * cells);
  const row = Math.floor((y / window + 1) / 2 * cells);
  const inside = column >= 0 && column < cells && row >= 0 && row < cells;
  return inside ? row * cells + column : cells * cells;
}

// JS of two distributions over the same cells, in nats.
export function jensenShannon(p, q) {
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const middle = (p[i] + q[i]) / 2;
    if (p[i] > 0) sum += p[i] * Math.log(p[i] / middle) / 2;
    if (q[i] > 0) sum += q[i] * Math.log(q[i] / middle) / 2;
  }
  return Math.max(0, sum);
}

const distance = (dx, dy) => Math.sqrt(dx * dx + dy * dy); // Math.hypot takes ten times as long

// W1 of two sets of n points: the mean distance in the cheapest pairing.
export function wasserstein1(x, y, n) {
  const costs = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) costs[i * n + j] = distance(x[2 * i] - y[2 * j], x[2 * i + 1] - y[2 * j + 1]);
  }
  const partner = cheapestPairing(costs, n);
  let sum = 0;
  for (let j = 0; j < n; j++) sum += costs[partner[j] * n + j];
  return sum / n;
}

// The row that each column gets, by shortest augmenting paths (Jonker and Volgenant, 1987): columns have prices, and each new row
// looks for the cheapest chain of exchanges that ends at a free column.
function cheapestPairing(costs, n) {
  const prices = new Float64Array(n);
  const partner = new Int32Array(n).fill(-1);
  const waiting = takeCheapest(costs, n, prices, partner);
  const search = { reach: new Float64Array(n), from: new Int32Array(n), open: new Int32Array(n) };
  for (const row of waiting) augment(costs, n, prices, partner, row, search);
  return partner;
}

// Each column is priced at its cheapest row, and given to it if that row is free yet; returns the rows that got none.
function takeCheapest(costs, n, prices, partner) {
  const cheapest = new Int32Array(n);
  prices.set(costs.subarray(0, n));
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (costs[i * n + j] >= prices[j]) continue;
      prices[j] = costs[i * n + j];
      cheapest[j] = i;
    }
  }
  const taken = new Set();
  cheapest.forEach((row, j) => {
    if (!taken.has(row)) partner[j] = row;
    taken.add(row);
  });
  return Array.from({ length: n }, (_, i) => i).filter((i) => !taken.has(i));
}

// From this row over the columns and their partners, the nearest column first, until one is free: Dijkstra's algorithm.
function augment(costs, n, prices, partner, row, { reach, from, open }) {
  for (let j = 0; j < n; j++) open[j] = j;
  reach.fill(Infinity);
  let left = n, column = -1, start = 0;
  for (let i = row; i >= 0; i = partner[column]) {
    if (column >= 0) start = reach[column] - costs[i * n + column] + prices[column];
    let nearest = 0;
    for (let t = 0; t < left; t++) {
      const j = open[t];
      const there = start + costs[i * n + j] - prices[j];
      if (there < reach[j]) {
        reach[j] = there;
        from[j] = column;
      }
      if (reach[j] < reach[open[nearest]]) nearest = t;
    }
    column = open[nearest];
    left -= 1;
    open[nearest] = open[left];
    open[left] = column; // the columns that are reached stand behind
  }
  for (let t = left; t < n; t++) prices[open[t]] += reach[open[t]] - reach[column];
  exchange(partner, from, column, row);
}

function exchange(partner, from, last, row) {
  let column = last;
  while (column >= 0) {
    partner[column] = from[column] < 0 ? row : partner[from[column]];
    column = from[column];
  }
}

// How many modes get at least a tenth of their due of good samples, those within 3 std of a centre; null for data without modes.
export function modesOf(data, points, n) {
  if (!(data instanceof Heaps)) return null;
  const { centres, std } = data;
  const counts = new Float64Array(centres.length);
  for (let i = 0; i < n; i++) {
    const distances = centres.map(([x, y]) => distance(points[2 * i] - x, points[2 * i + 1] - y));
    const nearest = distances.indexOf(Math.min(...distances));
    if (distances[nearest] <= 3 * std) counts[nearest] += 1;
  }
  const covered = counts.filter((count) => count / n >= FAIR / centres.length).length;
  return { covered, of: centres.length, quality: counts.reduce((a, b) => a + b) / n };
}

// Data against data, pair by pair, so that nothing waits for it.
export class NoiseFloor {
  // known: its bands, where they need no measuring
  constructor(data, window, known = null) {
    this.data = data;
    this.known = known;
    this.window = window;
    this.random = new Random(0, 9);
    this.scores = { js: [], w1: [] };
  }

  get pairs() {
    return this.scores.w1.length;
  }

  get complete() {
    return this.known !== null || this.pairs >= FLOOR_PAIRS;
  }

  collect() { // one more pair
    const [x, y] = [0, 1].map(() => this.data.sample(JS_SAMPLES, this.random));
    const { js, w1 } = distances(x, y, this.window);
    this.scores.js.push(js);
    this.scores.w1.push(w1);
  }

  band(measure) {
    if (this.known) return this.known[measure];
    if (!this.complete) return [null, null];
    const sorted = Float64Array.from(this.scores[measure]).sort();
    return BAND.map((share) => quantile(sorted, share));
  }
}

export function quantile(sorted, share) { // between neighbours, linearly
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.ceil(place);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}

export function distances(x, y, window) {
  const [p, q] = [x, y].map((points) => cellShares(points, JS_SAMPLES, window));
  return { js: jensenShannon(p, q), w1: wasserstein1(x, y, W1_SAMPLES) };
}

// What fakes score beside fresh data: values with their floors. Both are JS_SAMPLES points.
export function scores(data, floor, real, fake, window) {
  const { js, w1 } = distances(real, fake, window);
  const [jsLow, jsHigh] = floor.band("js");
  const [w1Low, w1High] = floor.band("w1");
  return {
    js: { value: js, low: jsLow, high: jsHigh, n: JS_SAMPLES },
    w1: { value: w1, low: w1Low, high: w1High, n: W1_SAMPLES },
    modes: data.centres?.length > 1 ? modesOf(data, fake, JS_SAMPLES) : null, // one heap is no question of modes
    floor_pairs: floor.pairs,
  };
}
