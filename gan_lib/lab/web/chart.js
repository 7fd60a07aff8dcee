// Both losses over the steps, thinned to the width of the chart.

import { freshBrush, make, tell } from "./elements.js";
import { count, figure } from "./words.js";

const TALL = 132;
const LEFT = 38;
const BELOW = 18;
const ABOVE = 8;
const MOST_POINTS = 4000;

/** Means over stretches of equally many steps, so that about `most` points stay. */
export function thinned(points, most) {
  if (points.length <= most) return points;
  const width = points.at(-1)[0] / most;
  const groups = new Map();
  for (const point of points) {
    const stretch = Math.floor(point[0] / width);
    if (groups.has(stretch)) groups.get(stretch).push(point);
    else groups.set(stretch, [point]);
  }
  return [...groups.values()].map((group) => [group.at(-1)[0], ...[1, 2].map((column) => mean(group.map((point) => point[column])))]);
}

const mean = (values) => {
  const known = values.filter((value) => value !== null && Number.isFinite(value));
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
};

const NICE = [1, 2, 5, 10];

/** Round numbers across a range, at most six of them. */
export function ticks(low, high) {
  const rough = (high - low) / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * NICE.find((nice) => nice * power >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => (first + i) * step);
}

/** From the first to the last hundredth of the values, with some room. */
const rangeOf = (points) => {
  const values = points.flatMap(([, d, g]) => [d, g]).filter((value) => value !== null && Number.isFinite(value));
  if (!values.length) return [0, 1];
  values.sort((a, b) => a - b);
  const at = (share) => values[Math.round(share * (values.length - 1))];
  const room = 0.08 * (at(0.99) - at(0.01)) || 0.1;
  return [at(0.01) - room, at(0.99) + room];
};

export class Chart {
  constructor(lab) {
    this.lab = lab;
    this.points = [];
    this.canvas = make("canvas", { class: "chart", role: "img" });
    this.units = make("span");
    const lines = [make("i", { class: "d" }), "D's loss ", make("i", { class: "g" }), "G's loss"];
    const key = make("p", { class: "key", "aria-hidden": "true" }, ...lines, this.units);
    this.element = make("div", {}, key, this.canvas);
  }

  frame({ trace, unit }) {
    this.unit = unit;
    for (const point of trace ?? []) this.add(point);
    if (this.points.length > MOST_POINTS) this.points = thinned(this.points, MOST_POINTS / 2);
  }

  add(point) {
    while (this.points.length && this.points.at(-1)[0] >= point[0]) this.points.pop();
    this.points.push(point);
  }

  /** What lies after the last kept moment belongs to a run that was left. */
  state({ step, steps }) {
    this.at = step;
    const last = Math.max(step, ...steps.slice(-1));
    this.points = this.points.filter((point) => point[0] <= last);
  }

  write({ step }) {
    this.at = step;
    const width = this.canvas.clientWidth;
    if (!width) return;
    const brush = freshBrush(this.canvas, width, TALL);
    const { colours } = this.lab;
    const points = thinned(this.points, width - LEFT);
    this.frameAxes(brush, width, points, colours);
    this.curve(brush, points, 1, colours.d);
    this.curve(brush, points, 2, colours.fake);
    this.cursor(brush, colours);
    tell(this.units, this.unit ? `, in ${this.unit}` : "");
    this.canvas.setAttribute("aria-label", this.describe());
  }

  describe() {
    const last = this.points.at(-1);
    if (!last) return "Losses over steps: nothing yet.";
    return `Losses over ${count(last[0])} steps; at the end D's ${figure(last[1], 2)}, G's ${figure(last[2], 2)}.`;
  }

  frameAxes(brush, width, points, colours) {
    const [low, high] = rangeOf(points);
    const last = Math.max(points.at(-1)?.[0] ?? 0, this.at ?? 0, 1);
    this.x = (step) => LEFT + (step / last) * (width - LEFT - 6);
    this.y = (value) => ABOVE + (1 - (Math.min(Math.max(value, low), high) - low) / (high - low)) * (TALL - ABOVE - BELOW);
    brush.font = "11px sans-serif";
    brush.fillStyle = colours.ink;
    brush.strokeStyle = colours.faint;
    brush.lineWidth = 0.5;
    brush.textAlign = "right";
    for (const value of ticks(low, high)) this.tick(brush, value, width);
    brush.fillText("step", LEFT - 8, TALL - 3);
    for (const step of ticks(0, last)) if (Number.isInteger(step)) brush.fillText(count(step), Math.max(this.x(step) + 6, LEFT), TALL - 3);
  }

  tick(brush, value, width) {
    const y = this.y(value);
    brush.beginPath();
    brush.moveTo(LEFT, y);
    brush.lineTo(width - 6, y);
    brush.stroke();
    brush.fillText(String(Number(value.toPrecision(3))).replace("-", "−"), LEFT - 5, y + 4);
  }

  curve(brush, points, column, colour) {
    brush.beginPath();
    for (const point of points) if (point[column] !== null) brush.lineTo(this.x(point[0]), this.y(point[column]));
    brush.strokeStyle = colour;
    brush.lineWidth = 1.6;
    brush.setLineDash(column === 1 ? [5, 2] : []);
    brush.stroke();
    brush.setLineDash([]);
  }

  cursor(brush, colours) {
    if (!this.at) return;
    brush.strokeStyle = colours.ink;
    brush.lineWidth = 1;
    brush.beginPath();
    brush.moveTo(this.x(this.at), ABOVE);
    brush.lineTo(this.x(this.at), TALL - BELOW);
    brush.stroke();
  }
}
