// Noise z: drawn, and laid out in places of equal weight.

import { Random } from "./random.js";
import { normalQuantile } from "./toys.js";

export const SHOWN = 500; // points of each kind in the picture
const SHEET = 21; // places of a side of the sheet of noise
const LATTICE = 4096; // places of z that stand for all of its distribution
const NOISE_WIDTHS = { normal: null, uniform: 1, "unit uniform": Math.sqrt(3) }; // on (-width, width)

export function drawNoise(z, noise, random) {
  const width = NOISE_WIDTHS[noise];
  for (let i = 0; i < z.length; i++) z[i] = width === null ? random.normal() : width * (2 * random.uniform() - 1);
  return z;
}

export function shownNoise({ noise, noise_dim }) {
  return drawNoise(new Float64Array(SHOWN * noise_dim), noise, new Random(1, 7));
}

// LATTICE places of z, of one weight each; beyond two numbers in z, as many fixed draws.
export function equalNoise({ noise, noise_dim }) {
  if (noise_dim > 2) return drawNoise(new Float64Array(LATTICE * noise_dim), noise, new Random(3, 7));
  return lattice(quantiles(noise, noise_dim === 1 ? LATTICE : Math.sqrt(LATTICE)), noise_dim, noise_dim);
}

export function sheetNoise({ noise, noise_dim }) {
  return lattice(quantiles(noise, noise_dim === 1 ? SHEET ** 2 : SHEET), Math.min(noise_dim, 2), noise_dim);
}

// p_z at a row of z.
export function noiseDensity(z, row, dim, noise) {
  const width = NOISE_WIDTHS[noise];
  if (width !== null) return (2 * width) ** -dim;
  const square = z.subarray(row * dim, (row + 1) * dim).reduce((sum, x) => sum + x * x, 0);
  return Math.exp(-square / 2) / (2 * Math.PI) ** (dim / 2);
}

function quantiles(noise, n) {
  const width = NOISE_WIDTHS[noise];
  const shares = Array.from({ length: n }, (_, i) => (i + 0.5) / n);
  return shares.map((share) => (width === null ? normalQuantile(share) : width * (2 * share - 1)));
}

// All points with such coordinates, the first running fastest; further numbers of z are 0.
function lattice(line, free, dim) {
  const points = new Float64Array(line.length ** free * dim);
  for (let row = 0; row < points.length / dim; row++) {
    points[row * dim] = line[row % line.length];
    if (free === 2) points[row * dim + 1] = line[Math.floor(row / line.length)];
  }
  return points;
}
