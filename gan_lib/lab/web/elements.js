// Making the parts of a page.

const give = (element, name, value) => {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else element.setAttribute(name, value === true ? "" : value);
};

/** make("button", { class: "step", onclick: act }, "Step") */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) give(element, name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function makeButton(words, act, attributes = {}) {
  return make("button", { type: "button", onclick: act, ...attributes }, words);
}

/** A part of the lab that can be folded away. */
export function makeFold(title, open, ...children) {
  return make("details", { class: "fold", open }, make("summary", {}, title), ...children);
}

/** Change an element's words only where they differ: a screen reader hears of every change. */
export function tell(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

let lastName = 0;

/** An id that no other lab on the page has. */
export function freshId(what) {
  lastName += 1;
  return `gan-lab-${what}-${lastName}`;
}

/** Give a canvas as many pixels as it has on the screen. Returns: its brush, cleared, in CSS pixels. */
export function freshBrush(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across) canvas.width = across;
  if (canvas.height !== down) canvas.height = down;
  const brush = canvas.getContext("2d");
  brush.setTransform(ratio, 0, 0, ratio, 0, 0);
  brush.clearRect(0, 0, width, height);
  return brush;
}

const COLOURS = ["ground", "ink", "faint", "real", "fake", "d", "best", "wrong", "js", "w1"];

/** The colours of the theme in which an element is shown. */
export function coloursOf(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--lab-${name}`).trim()]));
}

/** "#0072b2" as [0, 114, 178]. */
export function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}
