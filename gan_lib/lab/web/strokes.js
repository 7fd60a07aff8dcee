// A drawing as text: strokes are joined by ".", and each vertex is four characters, two for x and two for y.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const CELLS = 4096;
const EDGE = 3; // the window is the square from -3 to 3
export const MOST_VERTICES = 400;

const encodeNumber = (value) => {
  const cell = Math.floor(((value + EDGE) / (2 * EDGE)) * CELLS);
  const kept = Math.min(Math.max(cell, 0), CELLS - 1);
  return ALPHABET[kept >> 6] + ALPHABET[kept & 63];
};

const decodeNumber = (text) => {
  const [high, low] = [...text].map((character) => ALPHABET.indexOf(character));
  return -EDGE + (2 * EDGE * (64 * high + low + 0.5)) / CELLS;
};

/** [[[x, y], …], …] as text. */
export function encodeStrokes(strokes) {
  const encodeStroke = (stroke) => stroke.map(([x, y]) => encodeNumber(x) + encodeNumber(y)).join("");
  return strokes.map(encodeStroke).join(".");
}

const decodeStroke = (text) => {
  if (!/^([A-Za-z0-9_-]{4})+$/.test(text)) throw new Error(`strokes: four of A–Z a–z 0–9 - _ for each vertex, not "${text}"`);
  const vertices = text.match(/.{4}/g);
  return vertices.map((vertex) => [decodeNumber(vertex.slice(0, 2)), decodeNumber(vertex.slice(2))]);
};

/** The strokes that a text describes; none in an empty one. */
export function decodeStrokes(text) {
  const strokes = text === "" ? [] : text.split(".").map(decodeStroke);
  const vertices = strokes.flat().length;
  if (vertices > MOST_VERTICES) throw new Error(`strokes: at most ${MOST_VERTICES} vertices, not ${vertices}`);
  return strokes;
}
