// The front end, as far as it needs no page: what it writes, thins, decodes, and colours.

import assert from "node:assert";
import { test } from "node:test";
import { thinned, ticks } from "../../gan_lib/lab/web/chart.js";
import { nearestStop } from "../../gan_lib/lab/web/controls.js";
import { leaning, middleOf, pullsOf, rampOf } from "../../gan_lib/lab/web/layers.js";
import { textOfRun } from "../../gan_lib/lab/web/share.js";
import { MOST_VERTICES, decodeStrokes, encodeStrokes } from "../../gan_lib/lab/web/strokes.js";
import { ALGORITHM, count, figure, floorText, modesText, sentence, vectorText } from "../../gan_lib/lab/web/words.js";

test("a drawing comes back from its text, to half a cell of 4096", () => {
  const drawn = [[[-3, 3], [0.1, -0.2]], [[2.999, -2.999]]];
  const found = decodeStrokes(encodeStrokes(drawn));
  assert.deepStrictEqual(found.map((stroke) => stroke.length), [2, 1]);
  found.flat(2).forEach((number, i) => assert.ok(Math.abs(number - drawn.flat(2)[i]) <= 3 / 4096 + 1e-12));
  assert.strictEqual(encodeStrokes(found), encodeStrokes(drawn));
  assert.deepStrictEqual(decodeStrokes(""), []);
});

test("a text that is no drawing is refused", () => {
  assert.throws(() => decodeStrokes("AAA"), /^Error: strokes: four of/);
  assert.throws(() => decodeStrokes("AAAA..AAAA"), /^Error: strokes: four of/);
  assert.throws(() => decodeStrokes("AAAA".repeat(MOST_VERTICES + 1)), /^Error: strokes: at most 400/);
});

test("a run is found in a link, in a call, and in its bare text", () => {
  const text = "data=moons&noise=unit+uniform&by=js&run=5,k:2,3";
  for (const pasted of [text, ` ${text}\n`, `https://x.org/lab.html#${text}`, `lab("${text}")`, `lab('${text}')`]) {
    assert.strictEqual(textOfRun(pasted), text);
  }
  assert.strictEqual(textOfRun('lab(data="moons", k = 5, noise="unit uniform")'), "data=moons&k=5&noise=unit+uniform");
  assert.strictEqual(textOfRun('lab("data=moons&k=2", seed=3)'), "data=moons&k=2&seed=3");
});

test("a long history is thinned evenly by steps, and keeps its means and its end", () => {
  const points = Array.from({ length: 5000 }, (_, i) => [i + 1, i % 2, null]);
  const few = thinned(points, 100);
  assert.ok(few.length >= 100 && few.length <= 101);
  assert.strictEqual(few.at(-1)[0], 5000);
  for (const [, d, g] of few.slice(0, -1)) assert.ok(Math.abs(d - 0.5) < 0.02 && g === null);
  assert.strictEqual(thinned(points.slice(0, 9), 100).length, 9);
});

test("thinned again and again, the beginning stays", () => {
  let points = [];
  for (let step = 1; step <= 20000; step += 1) {
    points.push([step, 1, 1]);
    if (points.length > 400) points = thinned(points, 200);
  }
  assert.ok(points[0][0] <= 101);
});

test("ticks are round, at most six, and inside", () => {
  for (const [low, high] of [[0, 1], [-0.3, 17], [0.001, 0.0042], [-5000, 12345], [3, 3.2]]) {
    const found = ticks(low, high);
    assert.ok(found.length >= 2 && found.length <= 6, `${low} ${high}: ${found}`);
    assert.ok(found.every((value) => value >= low - 1e-9 && value <= high + 1e-9));
  }
});

test("a field leans by its scale, and its colours run from orange over the ground to blue", () => {
  assert.strictEqual(middleOf({ range: [-4, 1], undecided: null }), -1.5);
  const critic = { range: [-4, 1], undecided: 0 };
  assert.deepStrictEqual([-4, -2, 0, 0.5, 1].map((value) => leaning(value, critic)), [-1, -0.5, 0, 0.5, 1]);
  assert.strictEqual(leaning(2, { range: [2, 2], undecided: 2 }), 0);
  const bytes = new Uint8Array(rampOf([255, 255, 255], [230, 159, 0], [0, 114, 178]).buffer);
  const middle = bytes.length / 2 - 2;
  assert.deepStrictEqual([...bytes.slice(middle, middle + 4)], [255, 255, 255, 255]);
  assert.ok(bytes[0] > bytes[2] && bytes.at(-4) < bytes.at(-2));
});

test("of arrows the median and the strongest pull are told", () => {
  const arrows = Array.from({ length: 11 }, (_, i) => [0, 0, 10 - i, 0]).flat();
  assert.deepStrictEqual(pullsOf(arrows), { median: 5, strongest: 10 });
});

test("numbers are written with true minus signs, and what is unknown as a dash", () => {
  assert.deepStrictEqual([-1.5, 0, 0.0001, 123456, null, NaN, -Infinity].map((value) => figure(value)), ["−1.500", "0.000", "0.00010", "123456", "–", "–", "−∞"]);
  assert.deepStrictEqual([7, 1234, 1234567].map(count), ["7", "1\u202f234", "1\u202f234\u202f567"]);
  assert.strictEqual(vectorText(new Float32Array([1, -2, 3, 4, 5])), "(1.00, −2.00, 3.00, 4.00, …)");
  assert.strictEqual(modesText({ covered: 6, of: 8, quality: 0.934 }), "6 of 8, 93 % of samples good");
  assert.strictEqual(modesText(null), "–");
  assert.match(floorText({ low: null, high: null }), /measuring/);
  assert.strictEqual(floorText({ low: 0.004, high: 0.0134 }), "two real batches: 0.004 to 0.013");
});

test("who listens hears all that the picture shows", () => {
  const frame = { step: 740, d_loss: 1.31, g_loss: 0.82 };
  const numbers = { js: { value: 0.08, low: 0.004, high: 0.013 }, modes: { covered: 7, of: 8, quality: 0.9 } };
  const words = sentence({ data: "ring" }, frame, numbers);
  for (const part of ["740", "1.31", "0.82", "0.080", "0.004 to 0.013", "7 of 8"]) assert.ok(words.includes(part), part);
});

test("a value between two stops shows the nearer one", () => {
  assert.deepStrictEqual([0, 24, 99].map((value) => nearestStop([8, 16, 32, 64], value)), [0, 1, 3]);
});

test("every line of Algorithm 1 has a sentence", () => {
  assert.strictEqual(ALGORITHM.length, 7);
  for (const [line, words] of ALGORITHM) assert.ok(line.endsWith(".") && words.endsWith("."));
});
