import assert from "node:assert/strict";
import { test } from "node:test";

import { wordsOf } from "../../frontend/assets/measures/catalogue.mjs";
import { edgesInWords, learnOptimizers, optimizersOf } from "../../frontend/assets/optimizers.mjs";
import { decode, encode } from "../../frontend/assets/play/address.mjs";
import { DEFAULTS, fromSpec } from "../../frontend/assets/play/settings.mjs";
import { vectors } from "./vectors.mjs";

const { schema, spec } = await vectors();

test("optimisers, their usual rates and their edges come from the schema", () => {
  assert.equal(edgesInWords(), "");
  const known = learnOptimizers(optimizersOf({ RunSpec: schema }));
  assert.deepEqual(Object.fromEntries(known.map(({ kind, name, rate }) => [kind, [name, rate]])), { adam: ["Adam", 0.03], momentum: ["momentum", 0.1], nudged: ["nudged SGD", 0.1], sgd: ["SGD", 0.1] });
  assert.ok(known.some(({ kind }) => kind === spec.optimizer.kind));
  for (const { about } of known) assert.match(about, /\w+.*\.$/);
  assert.match(wordsOf("curvature").about, /2\/η for gradient descent/);
  assert.match(wordsOf("curvature").about, /the dotted line; \(2\+2μ\)\/η for momentum/);
  assert.deepEqual(optimizersOf({}), []);
});

test("an address may name any optimiser; whether there is one the server says", () => {
  const settings = { ...DEFAULTS, optimizer: "lion" };
  assert.deepEqual(decode(encode(settings)), settings);
  assert.equal(decode("?v=1&o=%3Cb%3E").optimizer, DEFAULTS.optimizer);
});

test("weight decay is the same number as a term", () => {
  assert.equal(fromSpec(spec).decay, spec.optimizer.weight_decay);
  assert.equal(fromSpec({ ...spec, terms: [{ kind: "weight_decay", strength: 0.02 }] }).decay, 0.02);
});
