// Addresses of Play that version 0.1.0 wrote open with the same settings, make the same run, and are written as they were.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { decode, encode } from "../../frontend/assets/play/address.mjs";
import { learnRules, rulesOf } from "../../frontend/assets/play/rules.mjs";
import { toSpec } from "../../frontend/assets/play/settings.mjs";
import { vectors } from "./vectors.mjs";

const kept = JSON.parse(readFileSync(new URL("../stored/version_0_1_0/addresses.json", import.meta.url), "utf8"));

learnRules(rulesOf({ RunSpec: (await vectors()).schema }));

for (const { address, settings, spec, written } of kept) {
  test(`an earlier address opens: ${address}`, () => {
    const read = decode(address);
    for (const [name, value] of Object.entries(settings)) assert.deepEqual(read[name], value, name);
    assert.equal(encode(read), written);
    assert.deepEqual(JSON.parse(JSON.stringify(toSpec(read))), spec);
  });
}
