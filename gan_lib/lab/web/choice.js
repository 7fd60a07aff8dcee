// Which data: a button with a small picture for each.

import { freshId, make } from "./elements.js";
import { decodeStrokes } from "./strokes.js";
import { nameOfChoice } from "./words.js";

const turn = (i, n) => (2 * Math.PI * i) / n;
const ring = () => Array.from({ length: 8 }, (_, i) => [2 * Math.cos(turn(i, 8)), 2 * Math.sin(turn(i, 8))]);
const grid = () => Array.from({ length: 25 }, (_, i) => [(i % 5) - 2, Math.floor(i / 5) - 2]);
const sunflower = () => Array.from({ length: 60 }, (_, i) => [0.16 * i ** 0.62 * Math.cos(2.4 * i), 0.16 * i ** 0.62 * Math.sin(2.4 * i)]);
const HEAPS = { ring, grid, gaussian: sunflower };
const PENCIL = [[[-1.9, -1.9], [-1.6, -0.9], [1.1, 1.8], [1.8, 1.1], [-0.9, -1.6], [-1.9, -1.9]]];

const dot = ([x, y], size) => `<circle cx="${x}" cy="${y}" r="${size}"/>`;
const line = (stroke) => `<polyline points="${stroke.map((vertex) => vertex.join()).join(" ")}"/>`;
const inked = (strokes) => strokes.map((stroke) => (stroke.length === 1 ? dot(stroke[0], 0.2) : line(stroke))).join("");

/** A small picture of a data set. */
const miniature = (marks) => `<svg viewBox="-3 -3 6 6" aria-hidden="true"><g transform="scale(1,-1)">${marks}</g></svg>`;

export class Choice {
  constructor(lab, table) {
    this.lab = lab;
    this.shapes = table.shapes;
    this.group = freshId("data");
    this.inputs = {};
    this.pictures = {};
    const { values } = table.settings.find(({ name }) => name === "data");
    const choices = values.map((value) => this.makeChoice(value));
    this.element = make("fieldset", { class: "data" }, make("legend", {}, "Data"), ...choices);
  }

  makeChoice(value) {
    const input = make("input", { type: "radio", name: this.group, value, onclick: () => this.choose(value) });
    const picture = make("span");
    picture.innerHTML = miniature(this.marks(value));
    this.inputs[value] = input;
    this.pictures[value] = picture;
    return make("label", {}, input, picture, nameOfChoice(value));
  }

  marks(value) {
    if (HEAPS[value]) return HEAPS[value]().map((place) => dot(place, value === "gaussian" ? 0.12 : 0.28)).join("");
    return inked(this.shapes[value] ?? PENCIL);
  }

  choose(value) {
    const { pen, recipe } = this.lab;
    if (value === "drawn") return pen.begin();
    pen.end();
    if (recipe.data !== value) this.lab.send({ do: "set", name: "data", value });
    return undefined;
  }

  state() {
    if (!this.lab.pen.drawing) this.mark();
  }

  mark() {
    const { data, strokes } = this.lab.recipe;
    this.inputs[data].checked = true;
    if (strokes === this.strokes) return;
    this.strokes = strokes;
    this.pictures.drawn.innerHTML = miniature(strokes ? inked(decodeStrokes(strokes)) : this.marks("drawn"));
  }

  error({ name }) {
    if (name === "data" || name === "strokes") this.mark();
  }
}
