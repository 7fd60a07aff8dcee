// What the lab's JavaScript makes of what test_lab_javascript.py sends: {call: the name of a function below, given: its argument}.

import { readFileSync } from "node:fs";
import { cellShares, jensenShannon, modesOf, quantile, wasserstein1 } from "../../gan_lib/lab/web/measures.js";
import { equalNoise, sheetNoise } from "../../gan_lib/lab/web/noise.js";
import { Lens, bestDiscriminator, dataMasses, packedCentres, sheetOf } from "../../gan_lib/lab/web/picture.js";
import { Random } from "../../gan_lib/lab/web/random.js";
import { Settings } from "../../gan_lib/lab/web/recipe.js";
import { Run } from "../../gan_lib/lab/web/run.js";
import { dataOf, normalQuantile, normalShareBelow } from "../../gan_lib/lab/web/toys.js";
import { View } from "../../gan_lib/lab/web/view.js";

const TABLE = JSON.parse(readFileSync(new URL("../../gan_lib/lab/settings.json", import.meta.url), "utf8"));
const SETTINGS = new Settings(TABLE.settings);
const flat = (points) => Float64Array.from(points.flat());
const rowOf = (numbers, width, i) => [...numbers.subarray(i * width, (i + 1) * width)];
const outOf = (numbers, width) => Array.from({ length: numbers.length / width }, (_, i) => rowOf(numbers, width, i));

const CALLS = {
  uniform: ({ seed, stream, n }) => drawn(seed, stream, n, (random) => random.uniform()),
  normal: ({ seed, stream, n }) => drawn(seed, stream, n, (random) => random.normal()),
  normalShareBelow: (x) => x.map(normalShareBelow),
  normalQuantile: (shares) => shares.map(normalQuantile),
  density: ({ settings, points }) => points.map(([x, y]) => dataOf(settings, TABLE).pdf(x, y)),
  sample: ({ settings, n }) => outOf(dataOf(settings, TABLE).sample(n, new Random(5)), 2),
  masses: ({ settings }) => [...dataMasses(dataOf(settings, TABLE), TABLE.window)],
  histogram: ({ x, y }) => jensenShannon(...[x, y].map((points) => cellShares(flat(points), points.length, TABLE.window))),
  wasserstein1: ({ x, y }) => wasserstein1(flat(x), flat(y), x.length),
  modes: ({ settings, points }) => modesOf(dataOf(settings, TABLE), flat(points), points.length),
  quantile: ({ numbers, share }) => quantile(Float64Array.from(numbers).sort(), share),
  recipe: (text) => readAndWritten(text),
  layers: (given) => layersOfNets(given),
};

function drawn(seed, stream, n, draw) {
  const random = new Random(seed, stream);
  return Array.from({ length: n }, () => draw(random));
}

function readAndWritten(text) {
  try {
    const { settings, log, by } = SETTINGS.read(text);
    return { settings, log, by, text: SETTINGS.write({ settings, log, by }) };
  } catch (error) {
    return { refused: error.setting, said: error.message };
  }
}

// The layers of a run with these weights, and what is said of its losses.
function layersOfNets({ text, generator, discriminator, real, fake }) {
  const run = new Run(SETTINGS.read(text), TABLE, {});
  run.generator.net.weights.set(generator);
  run.discriminator.net.weights.set(discriminator);
  const [lensG, lensD] = [run.generator, run.discriminator].map((player) => new Lens(player.net));
  const { window } = TABLE;
  const { sheet, density } = sheetOf(lensG, sheetNoise(run.settings), run.settings.noise);
  const view = new View();
  view.lookAt(run);
  view.real = flat(real);
  view.look();
  const said = view.losses(flat(fake));
  const arrows = view.arrows(flat(fake));
  return {
    field: [...lensD.answers(packedCentres(run.settings.packing, window)).map(run.game.answer)],
    best: [...bestDiscriminator(dataMasses(run.data, window), lensG.answers(equalNoise(run.settings)), window)],
    sheet: outOf(sheet, 2),
    density: [...density],
    arrows: outOf(arrows, 4),
    said,
  };
}

const sent = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(sent.map(({ call, given }) => CALLS[call](given))));
