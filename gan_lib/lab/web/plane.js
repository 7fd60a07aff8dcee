// The plane: a square canvas, its layers, and the hands on it.

import { channels, freshBrush, make } from "./elements.js";
import { paintField, paintCells, paintDots, paintSheet, paintCurve, paintArrows, rampOf } from "./layers.js";
import { Pointer } from "./pointer.js";
import { Pen } from "./drawing.js";

const LIMIT = 3; // the window is the square from -3 to 3
const CHANCE = { range: [0, 1], undecided: 0.5 }; // what D* says is a probability
const ASIDE = 0.25; // the strength of layers that slow motion does not speak of

export class Plane {
  constructor(lab) {
    this.lab = lab;
    this.small = make("canvas");
    const words = "The plane: waits for its first picture.";
    this.canvas = make("canvas", { class: "plane", tabindex: "0", role: "img", "aria-label": words });
    this.pointer = new Pointer(lab, this.canvas);
    this.pen = new Pen(lab, this.canvas);
    this.element = make("div", { class: "square" }, this.canvas);
  }

  /** Returns: whether the key was meant for the plane. */
  press(event) {
    if (document.activeElement !== this.canvas) return false;
    return this.pen.press(event) || this.pointer.press(event);
  }

  theme({ ground, wrong, d }) {
    this.ramp = rampOf(...[ground, wrong, d].map(channels));
  }

  describe(words) {
    this.canvas.setAttribute("aria-label", words);
  }

  draw() {
    const size = this.canvas.clientWidth;
    if (!size) return;
    const brush = freshBrush(this.canvas, size, size);
    const pixel = (2 * LIMIT) / size;
    const { colours } = this.lab;
    brush.save();
    brush.translate(size / 2, size / 2);
    brush.scale(1 / pixel, -1 / pixel);
    brush.lineJoin = "round";
    this.paint(brush, pixel, colours);
    this.pen.paint(brush, pixel, colours);
    brush.restore();
    this.pointer.paint(brush, size, colours);
  }

  paint(brush, pixel, colours) {
    for (const name of ["background", "sheet", "real", "fake", "arrows"]) {
      brush.globalAlpha = this.stands(name) ? 1 : ASIDE;
      this[name](brush, pixel, colours);
    }
    brush.globalAlpha = 1;
    this.minibatch(brush, pixel, colours);
  }

  /** Of slow motion: the points that are drawn for this very step. */
  minibatch(brush, pixel, colours) {
    const { batch } = this.lab;
    if (!batch) return;
    paintDots(brush, batch.real, colours.real, colours.ground, 3.2, pixel);
    paintDots(brush, batch.fake, colours.fake, colours.ground, 3.8, pixel);
  }

  /** Whether a layer is in front: in slow motion only that of which it speaks. */
  stands(name) {
    const { inFront } = this.lab;
    return name === "background" || !inFront || inFront.includes(name);
  }

  sees(name) {
    return this.lab.visible.has(name);
  }

  background(brush, pixel, colours) {
    const { field, best } = this.lab.shown.arrays;
    if (this.sees("field") && field) paintField(brush, this.small, field, this.lab.shown.message, this.ramp, LIMIT);
    if (!this.sees("best") || !best) return;
    if (this.sees("field")) paintCells(brush, best, CHANCE, this.ramp, colours.best, LIMIT, pixel);
    else paintField(brush, this.small, best, CHANCE, this.ramp, LIMIT);
  }

  sheet(brush, pixel, colours) {
    const { sheet, density } = this.lab.shown.arrays;
    if (!this.sees("sheet") || !sheet) return;
    const paintNoise = this.lab.points.dim === 1 ? paintCurve : paintSheet;
    paintNoise(brush, sheet, density, colours.fake, pixel);
  }

  real(brush, pixel, colours) {
    if (this.sees("real")) paintDots(brush, this.lab.points.real, colours.real, colours.ground, 1.7, pixel);
  }

  fake(brush, pixel, colours) {
    const { fake } = this.lab.shown.arrays;
    if (this.sees("fake")) paintDots(brush, fake, colours.fake, colours.ground, 2.2, pixel);
  }

  arrows(brush, pixel, colours) {
    const { arrows } = this.lab.shown.arrays;
    if (this.sees("arrows") && arrows) paintArrows(brush, arrows, colours.ink, colours.ground, pixel);
  }
}
