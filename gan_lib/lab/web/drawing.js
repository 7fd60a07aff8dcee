// The pen: data drawn by mouse, finger or arrow keys.

import { make, makeButton } from "./elements.js";
import { decodeStrokes, encodeStrokes, MOST_VERTICES } from "./strokes.js";
import { pair } from "./words.js";

const BOUND = 3; // of the window
const APART = 0.06; // the least distance between vertices
const WALK = 0.1; // of an arrow key; ten times that with Shift
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const HINT = "Draw with mouse or finger; a click makes a dot. By keyboard: arrow keys move the pen, Space lowers and lifts it, Escape ends.";

const inside = (value) => Math.min(Math.max(value, -BOUND), BOUND);

export class Pen {
  constructor(lab, canvas) {
    this.lab = lab;
    this.canvas = canvas;
    this.drawing = false;
    this.strokes = [];
    this.stroke = null;
    this.at = [0, 0];
    lab.pen = this;
    this.bar = this.makeBar();
    canvas.addEventListener("pointerdown", (event) => this.lower(event));
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => this.lift());
  }

  makeBar() {
    const undo = makeButton("Undo last stroke", () => this.undo());
    const clear = makeButton("Clear", () => this.clear());
    const done = makeButton("Done", () => this.end(), { class: "first" });
    return make("div", { class: "pen", hidden: true }, make("p", {}, HINT), done, undo, clear);
  }

  begin() {
    this.canvas.focus({ preventScroll: true });
    if (this.drawing) return;
    const { recipe, parts } = this.lab;
    parts.slow.stop();
    this.at = [0, 0];
    this.strokes = recipe.data === "drawn" ? decodeStrokes(recipe.strokes) : [];
    this.show(true);
    this.lab.say("Drawing: the plane is a sheet of paper.");
  }

  end() {
    if (!this.drawing) return;
    this.lift();
    this.lab.say("");
    this.show(false);
    this.lab.parts.choice.mark();
  }

  show(drawing) {
    this.drawing = drawing;
    this.bar.hidden = !drawing;
    this.lab.parts.plane.pointer.words.hidden = drawing;
    this.canvas.classList.toggle("drawing", drawing);
    this.lab.redraw();
  }

  undo() {
    this.strokes.pop();
    this.share();
  }

  clear() {
    this.strokes = [];
    this.share();
  }

  /** The engine learns of every drawing that is not empty. */
  share() {
    this.lab.redraw();
    if (this.strokes.length) this.lab.send({ do: "set", name: "strokes", value: encodeStrokes(this.strokes) });
  }

  place(event) {
    const sheet = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - sheet.left) / sheet.width - 0.5) * 2 * BOUND;
    const y = (0.5 - (event.clientY - sheet.top) / sheet.height) * 2 * BOUND;
    return [inside(x), inside(y)];
  }

  lower(event) {
    if (!this.drawing || event.button !== 0) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.start(this.place(event));
  }

  drag(event) {
    if (this.stroke && event.buttons) this.extend(this.place(event));
  }

  start(place) {
    this.lift();
    this.at = place;
    if (this.full()) return;
    this.stroke = [place];
    this.lab.redraw();
  }

  extend(place) {
    this.at = place;
    const [x, y] = this.stroke.at(-1);
    if (Math.hypot(place[0] - x, place[1] - y) >= APART && !this.full()) this.stroke.push(place);
    this.lab.redraw();
  }

  full() {
    const vertices = this.strokes.flat().length + (this.stroke?.length ?? 0);
    if (vertices >= MOST_VERTICES) this.lab.say(`The drawing has ${MOST_VERTICES} vertices: no more fit into a link.`);
    return vertices >= MOST_VERTICES;
  }

  lift() {
    if (!this.stroke) return;
    this.strokes.push(this.stroke);
    this.stroke = null;
    this.share();
  }

  press(event) {
    if (!this.drawing) return false;
    if (event.key === "Escape") this.end();
    else if (event.key === " ") this.toggle();
    else if (DIRECTIONS[event.key]) this.walk(DIRECTIONS[event.key], event.shiftKey ? 10 * WALK : WALK);
    else return false;
    return true;
  }

  toggle() {
    if (this.stroke) this.lift();
    else this.start(this.at);
    this.lab.say(`Pen ${this.stroke ? "down" : "up"} at ${pair(...this.at)}.`);
  }

  walk([dx, dy], step) {
    const place = [inside(this.at[0] + dx * step), inside(this.at[1] + dy * step)];
    if (this.stroke) this.extend(place);
    this.at = place;
    this.lab.redraw();
  }

  paint(brush, pixel, colours) {
    if (!this.drawing) return;
    brush.strokeStyle = colours.ink;
    brush.fillStyle = colours.ink;
    brush.lineCap = "round";
    brush.lineWidth = 5 * pixel;
    const strokes = this.stroke ? [...this.strokes, this.stroke] : this.strokes;
    for (const stroke of strokes) this.paintStroke(brush, stroke, pixel);
    this.paintCross(brush, pixel);
  }

  paintStroke(brush, stroke, pixel) {
    brush.beginPath();
    if (stroke.length === 1) brush.arc(...stroke[0], 4 * pixel, 0, 2 * Math.PI);
    for (const vertex of stroke) brush.lineTo(...vertex);
    if (stroke.length === 1) brush.fill();
    else brush.stroke();
  }

  paintCross(brush, pixel) {
    const [x, y] = this.at;
    const arm = 9 * pixel;
    brush.lineWidth = 1.5 * pixel;
    brush.beginPath();
    brush.moveTo(x - arm, y);
    brush.lineTo(x + arm, y);
    brush.moveTo(x, y - arm);
    brush.lineTo(x, y + arm);
    brush.stroke();
  }
}
