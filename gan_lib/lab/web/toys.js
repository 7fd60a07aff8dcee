// The data of the lab, as gan_lib/toys.py has them: what to sample, and the density.

import { decodeStrokes } from "./strokes.js";

const DOT = 0.2; // a dot among strokes weighs as much as a line of this length
const FAR = 9; // standard deviations beyond which a density is 0 to the last digit
const GAUSSIAN_STD = 0.7;

const bell = (x) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);

// The normal distribution function, by its series about 0 (Abramowitz and Stegun, 26.2.11), all of whose terms have one sign.
export function normalShareBelow(x) {
  if (Math.abs(x) > FAR) return x > 0 ? 1 : 0;
  let term = x;
  let sum = x;
  for (let i = 3; Math.abs(term) > 1e-17 * Math.abs(sum); i += 2) {
    term *= x * x / i;
    sum += term;
  }
  return 0.5 + bell(x) * sum;
}

// Where a share of normal numbers lies below, by Newton's method, which comes from the middle without overshooting.
export function normalQuantile(share) {
  if (share < 0.5) return -normalQuantile(1 - share);
  let x = 0;
  let step;
  do {
    step = (share - normalShareBelow(x)) / bell(x);
    x += step;
  } while (step > 1e-14);
  return x;
}

// Round heaps of one size and weight.
export class Heaps {
  constructor(centres, std) {
    this.centres = centres;
    this.std = std;
  }

  sample(n, random, points = new Float64Array(2 * n)) {
    for (let i = 0; i < n; i++) {
      const [x, y] = this.centres[random.below(this.centres.length)];
      points[2 * i] = x + this.std * random.normal();
      points[2 * i + 1] = y + this.std * random.normal();
    }
    return points;
  }

  pdf(x, y) {
    const { centres, std } = this;
    const sum = centres.reduce((total, [a, b]) => total + bell((x - a) / std) * bell((y - b) / std), 0);
    return sum / (centres.length * std * std);
  }
}

// Points even along polylines, by length, and round noise about them.
export class Strokes {
  constructor(strokes, std) {
    this.std = std;
    this.pieces = strokes.flatMap(piecesOf);
    const total = this.pieces.reduce((sum, piece) => sum + piece.weight, 0);
    let reached = 0;
    for (const piece of this.pieces) {
      piece.share = piece.weight / total;
      piece.reached = reached += piece.share;
    }
  }

  sample(n, random, points = new Float64Array(2 * n)) {
    for (let i = 0; i < n; i++) {
      const u = random.uniform();
      const { start, along, length } = this.pieces.find((piece) => u < piece.reached) ?? this.pieces[0];
      const way = length * random.uniform();
      points[2 * i] = start[0] + way * along[0] + this.std * random.normal();
      points[2 * i + 1] = start[1] + way * along[1] + this.std * random.normal();
    }
    return points;
  }

  pdf(x, y) {
    return this.pieces.reduce((sum, piece) => sum + piece.share * pdfOfPiece(piece, x, y, this.std), 0);
  }
}

function piecesOf(stroke) {
  const pairs = stroke.slice(1).map((end, i) => [stroke[i], end]);
  const lines = pairs.filter(([a, b]) => a[0] !== b[0] || a[1] !== b[1]);
  return (lines.length ? lines : [[stroke[0], stroke[0]]]).map(piece);
}

function piece([start, end]) {
  const length = Math.hypot(end[0] - start[0], end[1] - start[1]);
  const along = length ? [(end[0] - start[0]) / length, (end[1] - start[1]) / length] : [0, 0];
  return { start, along, length, weight: length || DOT };
}

function pdfOfPiece({ start, along, length }, x, y, std) {
  const dx = x - start[0];
  const dy = y - start[1];
  if (!length) return bell(dx / std) * bell(dy / std) / (std * std);
  const across = (dy * along[0] - dx * along[1]) / std;
  const way = dx * along[0] + dy * along[1];
  if (Math.abs(across) > FAR || way < -FAR * std || way > length + FAR * std) return 0;
  const reached = normalShareBelow(way / std) - normalShareBelow((way - length) / std);
  return bell(across) / std * reached / length;
}

function ring(modes, radius) {
  const angles = Array.from({ length: modes }, (_, i) => 2 * Math.PI * i / modes);
  return angles.map((angle) => [radius * Math.cos(angle), radius * Math.sin(angle)]);
}

function grid(side) {
  const line = Array.from({ length: side }, (_, i) => i - (side - 1) / 2);
  return line.flatMap((x) => line.map((y) => [x, y]));
}

// What the settings name; table: that of settings.json.
export function dataOf({ data, strokes }, { shapes, std }) {
  if (data === "ring") return new Heaps(ring(8, 2), std);
  if (data === "grid") return new Heaps(grid(5), std);
  if (data === "gaussian") return new Heaps([[0, 0]], GAUSSIAN_STD);
  return new Strokes(data === "drawn" ? decodeStrokes(strokes) : shapes[data], std);
}
