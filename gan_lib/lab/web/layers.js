// What is drawn on the plane. The brush works in the plane's own units, y upwards; `pixel` is the width of a pixel in them.

export const CELLS_OF_FIELD = 40;
const LATTICE = 21;
const FULL = 0.72; // how far the field's colours go from the ground to their own

/** The answer that is neither: where D is undecided; of a critic, halfway between its ends. */
export function middleOf({ range: [low, high], undecided }) {
  return undecided ?? (low + high) / 2;
}

/** -1 at the most fake, 0 in the middle, 1 at the most real. */
export function leaning(value, scale) {
  const middle = middleOf(scale);
  const room = value > middle ? scale.range[1] - middle : middle - scale.range[0];
  return room > 0 ? (value - middle) / room : 0;
}

const SHADES = 128; // from undecided to sure, on either side

/** The colours of a field from orange over the ground to blue, as 32-bit pixels. */
export function rampOf(ground, wrong, d) {
  const shade = (lean) => {
    const share = FULL * Math.abs(lean) ** 0.8;
    return ground.map((value, i) => Math.round(value + ((lean > 0 ? d : wrong)[i] - value) * share));
  };
  const shades = Array.from({ length: 2 * SHADES + 1 }, (_, i) => shade(i / SHADES - 1));
  const bytes = new Uint8ClampedArray(shades.flatMap((channels) => [...channels, 255]));
  return new Uint32Array(bytes.buffer);
}

/** D's answers as colours, by way of a small canvas: blue where it leans to real, orange where it leans to fake. */
export function paintField(brush, small, values, scale, ramp, edge) {
  const image = new ImageData(CELLS_OF_FIELD, CELLS_OF_FIELD);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < values.length; i += 1) {
    const lean = Math.min(Math.max(leaning(values[i], scale), -1), 1);
    if (!Number.isNaN(lean)) pixels[i] = ramp[Math.round(SHADES * (lean + 1))];
  }
  small.width = CELLS_OF_FIELD;
  small.height = CELLS_OF_FIELD;
  small.getContext("2d").putImageData(image, 0, 0);
  brush.imageSmoothingEnabled = true;
  brush.drawImage(small, -edge, -edge, 2 * edge, 2 * edge);
}

const CELL_SHOWN = 0.62; // of a cell's width

/** A field as a square in each cell where it is known: on top of another field, to be compared with it. */
export function paintCells(brush, values, scale, ramp, colour, edge, pixel) {
  const width = (2 * edge) / CELLS_OF_FIELD;
  const size = CELL_SHOWN * width;
  const shades = new Uint8Array(ramp.buffer);
  brush.strokeStyle = colour;
  brush.lineWidth = pixel;
  for (let i = 0; i < values.length; i += 1) {
    if (Number.isNaN(values[i])) continue;
    const at = 4 * Math.round(SHADES * (leaning(values[i], scale) + 1));
    const corner = [i % CELLS_OF_FIELD, Math.floor(i / CELLS_OF_FIELD)].map((k) => -edge + (k + 0.5) * width - size / 2);
    brush.fillStyle = `rgb(${shades.slice(at, at + 3)})`;
    brush.fillRect(...corner, size, size);
    brush.strokeRect(...corner, size, size);
  }
}

/** Discs with a halo: ends of lines without length, which is what browsers draw fastest. */
export function paintDots(brush, points, colour, halo, radius, pixel) {
  brush.beginPath();
  for (let i = 0; i < points.length; i += 2) {
    brush.moveTo(points[i], points[i + 1]);
    brush.lineTo(points[i], points[i + 1]);
  }
  brush.lineCap = "round";
  for (const [style, size] of [[halo, radius + 0.8], [colour, radius]]) {
    brush.strokeStyle = style;
    brush.lineWidth = 2 * size * pixel;
    brush.stroke();
  }
}

// From .003 to 10 in the plane, on a log scale, as the strength of a colour; a middling one where no density is known.
const strength = (density) => {
  if (Number.isNaN(density)) return 0.18;
  const share = (Math.log10(Math.max(density, 1e-9)) + 2.5) / 3.5;
  return 0.06 + 0.6 * Math.min(Math.max(share, 0), 1);
};

const move = (brush, points, i) => brush.moveTo(points[2 * i], points[2 * i + 1]);
const go = (brush, points, i) => brush.lineTo(points[2 * i], points[2 * i + 1]);

/** The square of noise as G lays it out in the plane: darker where it is denser. */
export function paintSheet(brush, sheet, density, colour, pixel) {
  const front = brush.globalAlpha;
  brush.fillStyle = colour;
  for (let row = 0; row + 1 < LATTICE; row += 1) {
    for (let column = 0; column + 1 < LATTICE; column += 1) {
      const i = row * LATTICE + column;
      brush.globalAlpha = front * strength(density[i]);
      brush.beginPath();
      move(brush, sheet, i);
      for (const corner of [i + 1, i + LATTICE + 1, i + LATTICE]) go(brush, sheet, corner);
      brush.fill();
    }
  }
  brush.globalAlpha = front * 0.45;
  paintMesh(brush, sheet, colour, pixel);
}

const paintMesh = (brush, sheet, colour, pixel) => {
  brush.beginPath();
  for (let k = 0; k < LATTICE; k += 1) {
    move(brush, sheet, k * LATTICE);
    for (let i = 1; i < LATTICE; i += 1) go(brush, sheet, k * LATTICE + i);
    move(brush, sheet, k);
    for (let i = 1; i < LATTICE; i += 1) go(brush, sheet, i * LATTICE + k);
  }
  brush.strokeStyle = colour;
  brush.lineWidth = 0.8 * pixel;
  brush.stroke();
};

/** The same for noise of one dimension: a curve. */
export function paintCurve(brush, sheet, density, colour, pixel) {
  const front = brush.globalAlpha;
  brush.strokeStyle = colour;
  for (let i = 0; i + 1 < sheet.length / 2; i += 1) {
    brush.globalAlpha = front * Math.min(0.2 + strength(density[i]), 1);
    brush.lineWidth = (1.5 + 4 * strength(density[i])) * pixel;
    brush.beginPath();
    move(brush, sheet, i);
    go(brush, sheet, i + 1);
    brush.stroke();
  }
}

export const PER_PULL = 0.5; // how long an arrow is for a pull of 1: always the same, so that pictures can be compared
const LONGEST = 0.9;

/** The median pull and the strongest, of the arrows that are drawn. */
export function pullsOf(arrows) {
  const pulls = [];
  for (let i = 0; i < arrows.length; i += 4) pulls.push(Math.hypot(arrows[i + 2], arrows[i + 3]));
  pulls.sort((a, b) => a - b);
  return { median: pulls[Math.floor(pulls.length / 2)], strongest: pulls.at(-1) };
}

const paintArrow = (brush, x, y, dx, dy, head) => {
  const length = Math.hypot(dx, dy);
  brush.moveTo(x, y);
  brush.lineTo(x + dx, y + dy);
  if (!(length > head)) return;
  const [u, v] = [(dx / length) * head, (dy / length) * head];
  brush.moveTo(x + dx - u - v / 2, y + dy - v + u / 2);
  brush.lineTo(x + dx, y + dy);
  brush.lineTo(x + dx - u + v / 2, y + dy - v - u / 2);
};

export function paintArrows(brush, arrows, colour, halo, pixel) {
  brush.beginPath();
  for (let i = 0; i < arrows.length; i += 4) {
    const [x, y, dx, dy] = arrows.slice(i, i + 4);
    const times = Math.min(PER_PULL, LONGEST / (Math.hypot(dx, dy) || 1));
    paintArrow(brush, x, y, dx * times, dy * times, 5 * pixel);
  }
  brush.lineCap = "round";
  for (const [style, width] of [[halo, 3], [colour, 1.3]]) {
    brush.strokeStyle = style;
    brush.lineWidth = width * pixel;
    brush.stroke();
  }
}
