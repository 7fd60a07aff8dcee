// The engine's messages: what each does, what is refused by name, and that nothing is lost.

import assert from "node:assert";
import { test } from "node:test";
import { Laboratory, SETTINGS, newRun, replayed, train } from "./laboratory.mjs";

const SMALL = "batch_size=8&g_width=5&d_width=4";
const begun = (text = SMALL) => new Laboratory().send({ do: "hello" }).send({ do: "replay", text });

test("a greeting is answered with the table, the state, the data, a picture and numbers", () => {
  const lab = new Laboratory().send({ do: "hello" });
  assert.deepStrictEqual(lab.heard.map(({ kind }) => kind), ["hello", "state", "data", "frame", "numbers"]);
  assert.strictEqual(lab.last("hello").table.settings.length, SETTINGS.rows.size);
  assert.deepStrictEqual(lab.last("data").sent.map((array) => array.length), [1000, 1000]);
});

test("played, it trains in slices, sends pictures, and stops at once when paused", () => {
  const lab = begun().send({ do: "play" }).go(20);
  assert(lab.last("state").running);
  assert(lab.all("frame").length >= 20);
  assert.strictEqual(lab.all("frame").at(-1).trace.length, 1);
  lab.send({ do: "pause" });
  const { step } = lab.last("state");
  assert(step >= 20);
  lab.go(50);
  assert.strictEqual(lab.last("state").step, step);
  assert.strictEqual(lab.text, `batch_size=8&g_width=5&d_width=4&by=js&run=${step}`);
});

test("nothing is scheduled any more once it is paused and the noise floor is known", () => {
  const lab = begun(`${SMALL}&data=drawn&strokes=AAAAgggg`);
  assert.strictEqual(lab.last("numbers").js.high, null);
  lab.go(Infinity);
  assert.deepStrictEqual(lab.slices, []);
  assert(lab.last("numbers").js.low < lab.last("numbers").js.high);
  lab.send({ do: "pause" }).send({ do: "layers", show: [] });
  assert.deepStrictEqual(lab.slices, []);
  lab.send({ do: "step" }).send({ do: "set", name: "k", value: 2 }).send({ do: "seek", index: 0 });
  assert.deepStrictEqual(lab.slices, []); // nor is it measured anew while the data stay
  lab.send({ do: "set", name: "strokes", value: "BBBBgggg" });
  assert.strictEqual(lab.slices.length, 1);
});

test("the floors of the data in the table are known at once", () => {
  const lab = begun(`${SMALL}&data=moons`);
  assert.deepStrictEqual(lab.slices, []);
  assert.deepStrictEqual([lab.last("numbers").js.low, lab.last("numbers").js.high], [0.009684, 0.02425]);
});

test("a setting's answer names the question", () => {
  const lab = begun().send({ do: "set", name: "k", value: 2, asked: 7 });
  assert.strictEqual(lab.last("state").asked, 7);
  lab.send({ do: "set", name: "k", value: -1, asked: 8 });
  assert.deepStrictEqual([lab.last("error").name, lab.last("state").asked], ["k", 8]);
});

test("while two pictures are on their way it waits for the page", () => {
  const lab = new Laboratory({ answering: false }).send({ do: "hello" });
  lab.send({ do: "play" }).go(30);
  const { number, step } = lab.last("frame");
  assert.strictEqual(number, 2);
  lab.send({ do: "seen", frame: number }).go(1);
  assert(lab.last("frame").step > step);
});

test("who closes the view ends the training", () => {
  const lab = begun().send({ do: "play" }).go(3).send({ do: "gone" });
  const pictures = lab.all("frame").length;
  lab.go(20);
  assert.strictEqual(lab.all("frame").length, pictures);
});

const LOG = "run=30,k:2,5,d2,g,lr_g:0.01,noise_dim:1,4,data:grid,optimizer:sgd,3,packing:2,activation:tanh,6";

test("a text replays to the last bit, twice, and is its own text again", () => {
  const text = `data=moons&${SMALL}&objective=wasserstein_gp&by=js&${LOG}`;
  const labs = [replayed(text), replayed(text)];
  assert.strictEqual(labs[0].fakes, labs[1].fakes);
  assert.strictEqual(SETTINGS.write(SETTINGS.read(labs[0].text)), SETTINGS.write(SETTINGS.read(text)));
});

test("what is done by hand is in the text, and replays to the last bit", () => {
  const lab = begun().send({ do: "step" }).send({ do: "d" }).send({ do: "d" }).send({ do: "g" });
  lab.send({ do: "set", name: "k", value: 3 }).send({ do: "line" }).send({ do: "line" }).send({ do: "step" });
  lab.send({ do: "set", name: "strokes", value: "AAAAgggg.BBBB" }).send({ do: "step" });
  assert.strictEqual(lab.text, `${SMALL}&by=js&run=1,d2,g,k:3,2,strokes:AAAAgggg.BBBB,data:drawn,1`);
  assert.strictEqual(replayed(lab.text).fakes, lab.fakes);
});

test("before anything was done, a setting begins the run with it", () => {
  const lab = begun().send({ do: "set", name: "g_width", value: 7 });
  assert.strictEqual(lab.text, "batch_size=8&g_width=7&d_width=4&by=js");
  assert.deepStrictEqual(lab.all("left"), []);
});

test("seed and start begin anew, and the former run is not lost", () => {
  const lab = begun().send({ do: "step" }).send({ do: "set", name: "seed", value: 5 });
  assert.strictEqual(lab.last("left").text, `${SMALL}&by=js&run=1`);
  assert.strictEqual(lab.text, `seed=5&${SMALL}&by=js`);
  assert.strictEqual(lab.last("state").step, 0);
});

test("a reset keeps the present settings, and tells of the run that was left", () => {
  const lab = begun().send({ do: "step" }).send({ do: "set", name: "k", value: 2 }).send({ do: "reset" });
  assert.strictEqual(lab.last("left").text, `${SMALL}&by=js&run=1,k:2`);
  assert.strictEqual(lab.text, `k=2&${SMALL}&by=js`);
});

test("pretrained weights are taken, for the nets that they fit", () => {
  const shapes = (widths) => widths.slice(1).flatMap((outputs, l) => [Array(outputs * widths[l]).fill(0), Array(outputs).fill(0.25)]);
  const ring = { generator: shapes([2, 32, 32, 2]), discriminator: shapes([2, 32, 32, 1]) };
  const lab = new Laboratory({ pretrained: { ring } }).send({ do: "hello" });
  lab.send({ do: "set", name: "start", value: "pretrained" });
  assert(lab.array("fake").every((number) => number === 0.25));
  lab.send({ do: "step" }).send({ do: "set", name: "g_width", value: 8 });
  assert.strictEqual(lab.text, "start=pretrained&by=js&run=1,g_width:8");
  lab.send({ do: "reset" });
  assert.strictEqual(lab.last("error").name, "start");
  assert.strictEqual(lab.text, "start=pretrained&by=js&run=1,g_width:8");
});

test("where there are no pretrained weights, a run from them is refused", () => {
  const lab = new Laboratory().send({ do: "hello" }).send({ do: "set", name: "start", value: "pretrained" });
  assert.deepStrictEqual([lab.last("error").name, lab.text], ["start", "by=js"]);
});

test("one can go back, look around, and return", () => {
  const lab = begun(`${SMALL}&run=50`).finish();
  const { fakes, text } = lab;
  lab.send({ do: "seek", index: 1 });
  assert.strictEqual(lab.last("state").step, 20);
  assert.strictEqual(lab.last("state").at, 1);
  assert.strictEqual(lab.fakes, replayed(`${SMALL}&run=20`).fakes);
  assert.deepStrictEqual(lab.last("state").steps, [0, 20, 40, 50]);
  lab.send({ do: "pause" }).send({ do: "seek", index: 3 });
  assert.strictEqual(lab.fakes, fakes);
  lab.send({ do: "step" });
  assert.deepStrictEqual(lab.all("left"), []);
  assert.strictEqual(lab.text, text.replace("50", "51"));
});

test("who goes back loses neither the present moment nor a turn that was begun", () => {
  const lab = begun();
  for (const what of ["step", "step", "line", "line"]) lab.send({ do: what });
  lab.send({ do: "seek", index: 0 });
  assert.deepStrictEqual(lab.last("state").steps, [0, 3]);
  lab.send({ do: "seek", index: 1 });
  assert.strictEqual(lab.text, `${SMALL}&by=js&run=3`);
  assert.strictEqual(lab.fakes, replayed(`${SMALL}&run=3`).fakes);
});

test("who goes on from the past branches off: the other future is told, and its moments go", () => {
  const lab = begun(`${SMALL}&run=50,k:2,10`).finish();
  lab.send({ do: "seek", index: 1 }).send({ do: "set", name: "k", value: 4 }).send({ do: "step" });
  assert.deepStrictEqual(lab.all("left").map(({ text }) => text), [`${SMALL}&by=js&run=50,k:2,10`]);
  assert.strictEqual(lab.text, `${SMALL}&by=js&run=20,k:4,1`);
  assert.deepStrictEqual(lab.last("state").steps, [0, 20]);
  assert.strictEqual(lab.last("state").at, null);
  assert.strictEqual(replayed(lab.text).fakes, lab.fakes);
});

test("what is refused after going back cuts nothing off", () => {
  const lab = begun(`${SMALL}&run=50`).finish().send({ do: "seek", index: 1 }).send({ do: "set", name: "k", value: 99 });
  assert.deepStrictEqual(lab.all("left"), []);
  assert.deepStrictEqual(lab.last("state").steps, [0, 20, 40, 50]);
});

test("a reset after going back leaves the whole run, not half of it", () => {
  const lab = begun(`${SMALL}&run=50`).finish().send({ do: "seek", index: 0 }).send({ do: "reset" });
  assert.deepStrictEqual(lab.all("left").map(({ text }) => text), [`${SMALL}&by=js&run=50`]);
});

test("slow motion sends each line with its minibatch, and a picture", () => {
  const lab = begun(`${SMALL}&k=2`);
  for (let i = 0; i < 11; i++) lab.send({ do: "line" });
  const lines = lab.all("line").map(({ index, i, k, sent }) => [index, i, k, ...sent.map((points) => points.length)]);
  assert.deepStrictEqual(lines.slice(0, 5), [[0, 1, 2, 0, 16], [1, 1, 2, 16, 16], [2, 1, 2, 16, 16], [3, 1, 2, 16, 16], [0, 2, 2, 0, 16]]);
  assert.deepStrictEqual(lines.slice(8), [[4, 2, 2, 0, 16], [5, 2, 2, 0, 16], [6, 2, 2, 0, 0]]);
  assert.strictEqual(lab.text, `k=2&${SMALL}&by=js&run=1`);
});

const NUMBERS = [["k", 0], ["k", 2.5], ["lr_d", -1], ["lr_g", "much"], ["batch_size", 2000]];
const REFUSED = [...NUMBERS, ["noise", "pink"], ["colour", 1], ["strokes", "AAA"], ["data", "drawn"]];
for (const [name, value] of REFUSED) {
  test(`${name} = ${value} is refused by name, and nothing changes`, () => {
    const lab = begun().send({ do: "step" });
    const { text, fakes } = lab;
    lab.send({ do: "set", name, value });
    const { name: named, text: said } = lab.last("error");
    assert.strictEqual(named, name);
    assert(said.startsWith(name === "data" ? "strokes" : name), said);
    assert.strictEqual(lab.last("state").text, text);
    assert.strictEqual(lab.fakes, fakes);
  });
}

test("a minibatch that cannot be packed is refused", () => {
  const lab = begun("batch_size=6").send({ do: "step" }).send({ do: "set", name: "packing", value: 4 });
  assert.strictEqual(lab.last("error").name, "packing"); // the control that was moved
  assert(lab.last("error").text.startsWith("batch_size must be a multiple of packing = 4"));
});

test("a replay shows the data and the noise that the log comes to", () => {
  const lab = begun().send({ do: "replay", text: `${SMALL}&run=3,data:moons,noise_dim:3,3` }).finish();
  const fresh = begun(`data=moons&noise_dim=3&${SMALL}`).send({ do: "hello" });
  assert.deepStrictEqual(lab.last("data"), fresh.last("data"));
});

test("a moment that there is not, and a message that nobody knows, are refused", () => {
  const lab = begun().send({ do: "seek", index: 7 });
  assert.strictEqual(lab.last("error").name, "index");
  lab.send({ do: "dance" });
  assert.strictEqual(lab.last("error").name, "do");
});

const WILD = ["objective=least_squares", "objective=wasserstein_gp", "objective=relativistic"];
for (const text of WILD) {
  test(`${text}: a run that diverges is told of, and is back where it was well`, () => {
    const lab = begun(`optimizer=sgd&lr_d=10&${SMALL}&${text}`).send({ do: "play" }).finish();
    assert.strictEqual(lab.last("error").name, "run");
    assert(lab.array("fake").every(Number.isFinite));
    assert.strictEqual(lab.last("state").step, lab.last("state").steps.at(-1));
    assert.strictEqual(replayed(lab.text).fakes, lab.fakes);
  });
}

test("data score as data do: 95 of 100 batches lie within the noise floor", async () => {
  const { NoiseFloor, distances } = await import("../../gan_lib/lab/web/measures.js");
  const { data, table } = newRun();
  const floor = new NoiseFloor(data, table.window);
  while (!floor.complete) floor.collect();
  const fresh = newRun("seed=9").random;
  const found = { js: 0, w1: 0 };
  for (let i = 0; i < 100; i++) {
    const scored = distances(data.sample(1000, fresh), data.sample(1000, fresh), table.window);
    for (const name of ["js", "w1"]) {
      const [low, high] = floor.band(name);
      if (low <= scored[name] && scored[name] <= high) found[name] += 1;
    }
  }
  assert(found.js >= 95 && found.w1 >= 95, JSON.stringify(found));
});

test("its nets learn: on one heap the fakes come to lie in it", () => {
  const run = train(newRun("data=gaussian&g_width=16&d_width=16&r1=0.1&seed=1"), 600);
  const { outputs } = run.generator.tape;
  const mean = outputs.reduce((a, b) => a + b) / outputs.length;
  const square = outputs.reduce((a, b) => a + b * b, 0) / outputs.length;
  assert(Math.abs(mean) < 0.35, `mean ${mean}`);
  assert(Math.abs(Math.sqrt(square) - 0.7) < 0.3, `std ${Math.sqrt(square)}`);
});
