// How fast the lab's engine in JavaScript is: milliseconds of processor time, the lowest of ten rounds, as other work disturbs.
// A step under several settings; a picture with its layers; fresh numbers, and a pair of the noise floor.
//
// Run as: node tests/benchmarks/lab_engine.mjs

import { View } from "../../gan_lib/lab/web/view.js";
import { newRun } from "../lab/laboratory.mjs";

const ROUNDS = 10;
const RUNS = ["by=js", "activation=tanh", "objective=wasserstein_gp", "objective=relativistic", "k=5", "batch_size=256", "g_width=128&d_width=128"];
const LAYERS = [[], ["field"], ["best"], ["sheet"], ["arrows"], ["field", "best", "sheet", "arrows"]];

function milliseconds(times, act) {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage().user;
    for (let i = 0; i < times; i++) act();
    least = Math.min(least, (process.cpuUsage().user - before) / 1000 / times);
  }
  return least;
}

for (const text of RUNS) {
  const run = newRun(text);
  const step = milliseconds(text.includes("128") ? 10 : 100, () => run.train());
  console.log(`a step of ${text}: ${step.toFixed(2)} ms, ${Math.round(1000 / step)} a second`);
}

const view = new View(newRun());
for (const layers of LAYERS) {
  const show = new Set(layers);
  const picture = milliseconds(20, () => view.frame(show, []));
  console.log(`a picture with ${layers.join(", ") || "no layers"}: ${picture.toFixed(2)} ms`);
}
console.log(`numbers: ${milliseconds(5, () => view.numbers()).toFixed(2)} ms`);
console.log(`a pair of the noise floor: ${milliseconds(20, () => view.floor.collect()).toFixed(2)} ms`);
