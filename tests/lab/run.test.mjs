// Runs: what is drawn, what a change keeps, and that what was done can be done again to the last bit.

import assert from "node:assert";
import { test } from "node:test";
import { History } from "../../gan_lib/lab/web/history.js";
import { Random } from "../../gan_lib/lab/web/random.js";
import { Diverged } from "../../gan_lib/lab/web/steps.js";
import { SETTINGS, newRun, stateOf, train } from "./laboratory.mjs";

const OBJECTIVES = SETTINGS.rows.get("objective").values;
const SMALL = "batch_size=8&g_width=5&d_width=4&k=2";

test("random numbers go on from a saved state, with the second of a pair", () => {
  const random = new Random(3);
  random.normal();
  const saved = random.save();
  const first = [random.normal(), random.uniform()];
  random.restore(saved);
  assert.deepStrictEqual([random.normal(), random.uniform()], first);
});

test("a seed means one run, another seed another", () => {
  assert.strictEqual(stateOf(train(newRun(SMALL), 5)), stateOf(train(newRun(SMALL), 5)));
  assert.notStrictEqual(stateOf(train(newRun(SMALL), 5)), stateOf(train(newRun(`${SMALL}&seed=1`), 5)));
});

for (const objective of OBJECTIVES) {
  test(`${objective}: a turn in slow motion is a step, to the last bit`, () => {
    const text = `${SMALL}&objective=${objective}&r1=0.1&packing=2`;
    const [slow, fast] = [newRun(text), newRun(text)];
    for (let turn = 0; turn < 3; turn++) {
      const indices = [];
      do indices.push(slow.nextLine().index); while (indices.at(-1) !== 6);
      assert.deepStrictEqual(indices, [0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6]);
    }
    assert.strictEqual(stateOf(slow), stateOf(train(fast, 3)));
  });
}

test("a turn that was begun is finished by whatever comes next", () => {
  const run = newRun(SMALL);
  for (let i = 0; i < 4; i++) run.nextLine();
  assert.strictEqual(stateOf(train(run, 1)), stateOf(train(newRun(SMALL), 2)));
});

const change = (run, name, value) => run.change(SETTINGS.checked({ ...run.settings, [name]: value }, true), name);
const optimizers = ({ generator, discriminator }) => ({ G: generator.optimizer, D: discriminator.optimizer });

const KEEPING = { lr_d: 0.1, k: 3, batch_size: 4, noise: "uniform", objective: "hinge", r1: 1, momentum: 0.9, data: "grid" };
for (const [name, value] of Object.entries(KEEPING)) {
  test(`${name}: nets and optimisers go on`, () => {
    const run = train(newRun(SMALL), 3);
    const { players, random } = run.moment();
    change(run, name, value);
    assert.deepStrictEqual(run.moment().players, players);
    assert.deepStrictEqual(run.moment().random, random);
    train(run, 1);
    assert.strictEqual(optimizers(run).G.steps, 4);
  });
}

const NEW = { g_width: ["G"], g_layers: ["G"], noise_dim: ["G"], d_width: ["D"], d_layers: ["D"], packing: ["D"], activation: ["G", "D"] };
const VALUES = { g_width: 6, g_layers: 1, noise_dim: 3, d_width: 6, d_layers: 1, packing: 2, activation: "tanh" };
for (const [name, renewed] of Object.entries(NEW)) {
  test(`${name}: ${renewed.join(" and ")} begin${renewed.length > 1 ? "" : "s"} anew, of the run's seed`, () => {
    const run = train(newRun(SMALL), 3);
    const before = run.moment().players;
    change(run, name, VALUES[name]);
    const fresh = newRun(SMALL.replace(new RegExp(`${name}=\\d+`), "") + `&${name}=${VALUES[name]}`).moment().players;
    ["G", "D"].forEach((who, i) => assert.deepStrictEqual(run.moment().players[i], (renewed.includes(who) ? fresh : before)[i]));
    train(run, 1);
  });
}

test("another optimiser begins anew, and the nets go on", () => {
  const run = train(newRun(SMALL), 3);
  const weights = run.moment().players.map((player) => player.weights);
  change(run, "optimizer", "sgd");
  assert.deepStrictEqual(run.moment().players.map((player) => player.weights), weights);
  for (const optimizer of Object.values(optimizers(run))) {
    assert.strictEqual(optimizer.kind, "sgd");
    assert(optimizer.first.every((number) => number === 0));
  }
});

test("a step of one player leaves the other alone", () => {
  const weights = (run) => run.moment().players.map((player) => [...player.weights]);
  const run = newRun(SMALL);
  const [G, D] = weights(run);
  run.stepAlone("d");
  const [sameG, newD] = weights(run);
  assert.deepStrictEqual(sameG, G);
  assert.notDeepStrictEqual(newD, D);
  run.stepAlone("g");
  const [newG, sameD] = weights(run);
  assert.deepStrictEqual(sameD, newD);
  assert.notDeepStrictEqual(newG, G);
});

test("gone back to, a moment goes on as it did", () => {
  const run = train(newRun(`${SMALL}&optimizer=sgd`), 3);
  const moment = run.moment();
  const then = stateOf(train(run, 4));
  change(run, "g_width", 7);
  train(run, 2);
  run.goBack(moment);
  assert.strictEqual(stateOf(train(run, 4)), then);
});

test("moments are few, even and in order, and the last is among them", () => {
  const run = newRun(SMALL);
  const history = new History();
  for (let i = 0; i < 9000; i++) {
    run.step = i;
    history.keep(run);
  }
  const steps = history.moments.map((moment) => moment.step);
  assert(steps.length <= 200 && steps.length > 90, `${steps.length} moments`);
  assert.strictEqual(steps[0], 0);
  assert(steps.every((step, i) => i === 0 || step > steps[i - 1]));
  assert.strictEqual(history.every, 80);
  assert(Math.max(...steps.slice(1).map((step, i) => step - steps[i])) <= 2 * history.every);
  assert(9000 - steps.at(-1) <= 2 * history.every);
});

test("of large nets fewer moments are kept", () => {
  assert.strictEqual(new History().most(newRun()), 200);
  assert(new History().most(newRun("g_width=128&d_width=128&g_layers=5&d_layers=5")) < 50);
});

test("a loss that is not finite stops before anything moves", () => {
  const run = newRun(SMALL);
  run.discriminator.net.weights.fill(1e200);
  const before = [...run.discriminator.net.weights];
  assert.throws(() => run.stepAlone("d"), Diverged);
  assert.deepStrictEqual([...run.discriminator.net.weights], before);
});

test("a moment whose weights are no longer finite is not gone back to", () => {
  const run = newRun(SMALL);
  const history = new History();
  history.keep(run);
  run.stepAlone("d");
  run.generator.net.weights.fill(NaN);
  history.keep(run, true);
  assert.strictEqual(history.lastSound().log.length, 0);
  assert.strictEqual(history.moments.length, 1);
});
