import assert from "node:assert/strict";
import test from "node:test";

import { carriedWords, learnSpec, staying } from "../../frontend/assets/play/carried.mjs";
import { decode, encode } from "../../frontend/assets/play/address.mjs";
import { learnRules, rulesOf } from "../../frontend/assets/play/rules.mjs";
import { DEFAULTS, fromSpec, toSpec } from "../../frontend/assets/play/settings.mjs";
import { vectors } from "./vectors.mjs";

async function opened(more) {
  const { schema, spec } = await vectors();
  learnSpec({ RunSpec: schema });
  learnRules(rulesOf({ RunSpec: schema }));
  return { ...DEFAULTS, ...fromSpec({ ...spec, ...more(spec) }) };
}

test("a run of the usual settings has nothing to carry", async () => {
  assert.equal((await opened(() => ({}))).carried, null);
});

test("what has no control is in the next run again, and in the address", async () => {
  const settings = await opened((spec) => ({
    net: { ...spec.net, dropout: 0.2 }, optimizer: { ...spec.optimizer, beta1: 0.8 }, input_noise: 0.1, validation_share: 0.2, shuffle: "once",
    stop: { ...spec.stop, epochs: 140, early_stop: { on: "validation_loss", patience: 20, min_delta: 0, restore: "best" } },
    start: { run: "quiet-heron", step: 7 },
  }));
  const again = toSpec(decode(encode(settings)));
  assert.deepEqual([again.net.dropout, again.optimizer.beta1, again.input_noise, again.validation_share, again.shuffle], [0.2, 0.8, 0.1, 0.2, "once"]);
  assert.deepEqual([again.stop.epochs, again.stop.early_stop.on, again.start], [140, "validation_loss", { run: "quiet-heron", step: 7 }]);
  assert.equal(again.optimizer.lr, settings.lr);
  assert.match(carriedWords(settings.carried), /dropout 0.2.*early stopping validation loss/);
});

test("weight decay as a term is the control's, and other terms are carried with what they tell", async () => {
  const decay = { kind: "weight_decay", strength: 0.001 };
  const probes = (spec) => [...spec.probes, { kind: "terms", every: 1 }];
  const plain = await opened((spec) => ({ terms: [decay], probes: probes(spec) }));
  assert.deepEqual([plain.decay, plain.carried], [0.001, null]);
  const more = await opened((spec) => ({ terms: [decay, { kind: "hills" }], probes: probes(spec) }));
  assert.deepEqual(more.carried.terms, [{ kind: "hills" }]);
  assert.ok(more.carried.probes.some(({ kind }) => kind === "terms"));
});

test("a schedule of growth that Play cannot name goes on, until another is chosen", async () => {
  const schedule = { kind: "at_epochs", epochs: [5, 9], units: [1, 2] };
  const settings = await opened((spec) => ({ growth: { ...spec.growth, schedule } }));
  assert.deepEqual(toSpec(settings).growth.schedule, schedule);
  const [carried, left] = staying(settings.carried, ["auto"]);
  assert.deepEqual([carried, left], [null, { schedule }]);
});

test("what belongs to another kind is left out, and said", async () => {
  const settings = await opened((spec) => ({ optimizer: { ...spec.optimizer, beta1: 0.8 }, input_noise: 0.1 }));
  const [carried, left] = staying(settings.carried, ["optimizer", "seed"]);
  assert.deepEqual([carried, carriedWords(left)], [{ input_noise: 0.1 }, "β₁ 0.8"]);
  assert.deepEqual(staying(settings.carried, ["seed"]), [settings.carried, null]);
});
