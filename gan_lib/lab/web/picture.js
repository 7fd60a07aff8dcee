// The layers of the picture: arrays of points and fields over the window, as gan_lib/lab/layers.py computes them.

import { cellOf } from "./measures.js";
import { SHOWN, noiseDensity } from "./noise.js";
import { Tape, forward, tangentForward } from "./perceptron.js";
import { Random } from "./random.js";

const FIELD = 40; // cells of a side of the field
export const ARROWS = 60;
const FINE = 5; // places of a side of a cell, where the data's density is summed up
const LEAST = 1e-5; // of mass in a cell: where both have less, nobody can tell
const AT_ONCE = 512; // rows

// A net for looking: its passes leave those of the training alone.
export class Lens {
  constructor(net) {
    this.net = net;
    this.tape = new Tape(net, AT_ONCE);
  }

  // What the net answers to any number of rows.
  answers(inputs) {
    const given = this.net.widths[0];
    const wide = this.net.widths[this.net.depth];
    const rows = inputs.length / given;
    const found = new Float64Array(rows * wide);
    for (let start = 0; start < rows; start += AT_ONCE) {
      const end = Math.min(rows, start + AT_ONCE);
      this.tape.values[0].set(inputs.subarray(start * given, end * given));
      found.set(forward(this.net, this.tape, end - start).subarray(0, (end - start) * wide), start * wide);
    }
    return found;
  }

  // After at most AT_ONCE answers: their derivatives with respect to the input numbered so.
  slopes(rows, input) {
    const given = this.net.widths[0];
    const directions = this.tape.tangents[0].fill(0, 0, rows * given);
    for (let row = 0; row < rows; row++) directions[row * given + input] = 1;
    return tangentForward(this.net, this.tape, rows).slice(0, rows * this.net.widths[this.net.depth]);
  }
}

export function shownData(data) {
  return data.sample(SHOWN, new Random(2, 7));
}

function centres(cells, window) {
  const line = Array.from({ length: cells }, (_, i) => (2 * i + 1) * window / cells - window);
  return Float64Array.from(line.flatMap((y) => line.flatMap((x) => [x, y])));
}

// The middles of the cells of the field as D is to see them: a D that judges packs sees equal points.
export function packedCentres(packing, window) {
  const points = centres(FIELD, window);
  const packed = new Float64Array(points.length * packing);
  for (let i = 0; i < packed.length; i++) packed[i] = points[2 * Math.floor(i / (2 * packing)) + (i % 2)];
  return packed;
}

export function dataMasses(data, window) {
  const masses = new Float64Array(FIELD * FIELD);
  const points = centres(FIELD * FINE, window);
  const area = (2 * window / FIELD / FINE) ** 2;
  for (let i = 0; i < points.length; i += 2) {
    masses[cellOf(points[i], points[i + 1], FIELD, window)] += data.pdf(points[i], points[i + 1]) * area;
  }
  return masses;
}

// D* of the cells, by their masses; nan where neither has any. fakes: of equally likely places of z.
export function bestDiscriminator(masses, fakes, window) {
  const n = fakes.length / 2;
  const counts = new Float64Array(FIELD * FIELD + 1);
  for (let i = 0; i < fakes.length; i += 2) counts[cellOf(fakes[i], fakes[i + 1], FIELD, window)] += 1 / n;
  return masses.map((mass, i) => (mass + counts[i] > 2 * LEAST ? mass / (mass + counts[i]) : NaN));
}

// G on the sheet of noise, and the density of its samples there: p_z / |det dG/dz|, along a curve p_z / |dG/dz|.
export function sheetOf(lens, z, noise) {
  const dim = lens.net.widths[0];
  const rows = z.length / dim;
  const sheet = lens.answers(z);
  if (dim > 2) return { sheet, density: new Float64Array(rows).fill(NaN) };
  const columns = Array.from({ length: dim }, (_, input) => lens.slopes(rows, input));
  const density = Float64Array.from({ length: rows }, (_, row) => noiseDensity(z, row, dim, noise) / volume(columns, row));
  return { sheet, density };
}

function volume([first, second], row) {
  const [a, b] = [first[2 * row], first[2 * row + 1]];
  return second ? Math.abs(a * second[2 * row + 1] - b * second[2 * row]) : Math.hypot(a, b);
}

// The first fakes, and where G's loss of n of them pulls each: x, y and -n dloss/dx.
export function arrowsOf(fake, pull, n) {
  const arrows = new Float64Array(4 * ARROWS);
  for (let i = 0; i < ARROWS; i++) {
    arrows.set([fake[2 * i], fake[2 * i + 1], -n * pull[2 * i], -n * pull[2 * i + 1]], 4 * i);
  }
  return arrows;
}
