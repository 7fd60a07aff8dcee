// Which noise a fake came from: the fake nearest to the pointer, its z in a small picture of the noise, and a line between them.

import { make, tell } from "./elements.js";
import { CELLS_OF_FIELD } from "./layers.js";
import { figure, pair, vectorText } from "./words.js";

const REACH = 3; // half the window
const INSET = 88; // the side of the noise's picture, in pixels
const MARGIN = 8;
const STEP = 0.15; // of an arrow key
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const INVITATION = "Point at a fake to see the noise it comes from. Or focus the plane and use the arrow keys.";

const within = (value) => Math.min(Math.max(value, -REACH), REACH);

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

export class Pointer {
  constructor(lab, canvas) {
    this.lab = lab;
    this.canvas = canvas;
    this.at = null;
    this.words = make("p", { class: "pointed" }, INVITATION);
    canvas.addEventListener("pointermove", (event) => this.follow(event));
    canvas.addEventListener("pointerdown", (event) => this.follow(event));
    canvas.addEventListener("pointerleave", () => this.go(null));
    canvas.addEventListener("blur", () => this.go(null));
  }

  follow(event) {
    const place = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - place.left) / place.width - 0.5) * 2 * REACH;
    const y = (0.5 - (event.clientY - place.top) / place.height) * 2 * REACH;
    this.go([x, y]);
  }

  go(place) {
    this.at = place;
    this.lab.redraw();
  }

  press(event) {
    const way = WAYS[event.key];
    if (!way) return false;
    const [x, y] = this.at ?? [0, 0];
    this.go([within(x + STEP * way[0]), within(y + STEP * way[1])]);
    return true;
  }

  nearest() {
    const { fake } = this.lab.shown.arrays;
    const [x, y] = this.at;
    let [best, least] = [0, Infinity];
    for (let i = 0; i < fake.length / 2; i += 1) {
      const distance = Math.hypot(fake[2 * i] - x, fake[2 * i + 1] - y);
      if (distance < least) [best, least] = [i, distance];
    }
    return best;
  }

  paint(brush, size, colours) {
    if (!this.at || this.lab.pen.drawing) return tell(this.words, INVITATION);
    const i = this.nearest();
    const { fake } = this.lab.shown.arrays;
    const [x, y] = [fake[2 * i], fake[2 * i + 1]];
    const end = [(x / REACH + 1) * (size / 2), (1 - y / REACH) * (size / 2)];
    const corner = this.corner(size, end);
    const start = this.paintNoise(brush, corner, i, colours);
    this.paintLine(brush, start, end, colours);
    return tell(this.words, this.explain(i, x, y));
  }

  /** At the left top, unless the fake is there. */
  corner(size, [across, down]) {
    const near = across < INSET + 5 * MARGIN && down < INSET + 5 * MARGIN;
    return [near ? size - INSET - MARGIN : MARGIN, MARGIN];
  }

  /** Returns: where in the picture this z lies. */
  paintNoise(brush, [left, top], chosen, colours) {
    const { z, dim } = this.lab.points;
    const most = largest(z) * 1.05 || 1;
    const low = Math.min(...z) < 0 ? -most : 0;
    const place = (value) => ((value - low) / (most - low)) * INSET;
    const spot = (i) => [left + place(z[i * dim]), top + (dim === 1 ? INSET / 2 : INSET - place(z[i * dim + 1]))];
    brush.fillStyle = colours.ground;
    brush.strokeStyle = colours.faint;
    brush.lineWidth = 1;
    brush.fillRect(left, top, INSET, INSET);
    brush.strokeRect(left + 0.5, top + 0.5, INSET - 1, INSET - 1);
    brush.fillStyle = colours.fake;
    brush.globalAlpha = 0.5;
    for (let i = 0; i < z.length / dim; i += 1) brush.fillRect(...spot(i), 1.5, 1.5);
    brush.globalAlpha = 1;
    brush.fillStyle = colours.ink;
    brush.font = "italic 12px serif";
    brush.fillText("z", left + 5, top + INSET - 5);
    return spot(chosen);
  }

  paintLine(brush, start, end, colours) {
    brush.strokeStyle = colours.ink;
    brush.lineWidth = 1;
    brush.beginPath();
    brush.moveTo(...start);
    brush.lineTo(...end);
    brush.stroke();
    brush.lineWidth = 2;
    for (const [spot, radius] of [[start, 3], [end, 6]]) {
      brush.beginPath();
      brush.arc(...spot, radius, 0, 2 * Math.PI);
      brush.stroke();
    }
  }

  explain(i, x, y) {
    const { z, dim } = this.lab.points;
    const words = `z = ${vectorText(z.slice(i * dim, (i + 1) * dim))} ↦ G(z) = ${pair(x, y)}`;
    const { message, arrays } = this.lab.shown;
    const value = arrays.field?.[this.cell(x, y)];
    return value === undefined ? words : `${words}, where ${message.label} says ${figure(value, 2)}`;
  }

  cell(x, y) {
    const index = (value) => Math.floor(((value + REACH) / (2 * REACH)) * CELLS_OF_FIELD);
    const outside = Math.abs(x) >= REACH || Math.abs(y) >= REACH;
    return outside ? -1 : index(y) * CELLS_OF_FIELD + index(x);
  }
}
