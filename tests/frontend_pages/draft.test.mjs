import assert from "node:assert/strict";
import test from "node:test";

import { complete, fresh, get, limits, nearestField, put, typed } from "../../frontend/assets/launch/draft.mjs";

const number = (key, more = {}) => ({ type: "number", key, ...more });
const rings = { type: "group", kind: "rings", fields: [number("n", { default: 300, integer: true }), number("noise", { default: 0.1 })] };
const digits = { type: "group", kind: "digits", fields: [number("test_share", { default: 0.2 })] };
const plan = {
  type: "group",
  fields: [
    { type: "union", key: "data", default: { kind: "rings", n: 300, noise: 0.1 }, options: [rings, digits] },
    { type: "list", key: "hidden", default: [1], item: number("", { integer: true, min: 1 }) },
    { type: "optional", key: "speed", default: null, inner: number("speed") },
  ],
};

test("a fresh draft holds every field", () => {
  assert.deepEqual(fresh(plan), { data: { kind: "rings", n: 300, noise: 0.1 }, hidden: [1], speed: null });
});

test("what is there stays, valid or not; what is missing is filled in", () => {
  const full = complete(plan, { data: { kind: "digits" }, hidden: ["x"], odd: 1 });
  assert.deepEqual(full, { data: { kind: "digits", test_share: 0.2 }, hidden: ["x"], speed: null, odd: 1 });
  assert.deepEqual(complete(plan, { data: { kind: "who" } }).data, { kind: "who" });
});

test("a kind that stands for itself by its name is spelt out; one that is not known stays", () => {
  const smoothing = { type: "group", kind: "cross_entropy", fields: [number("label_smoothing", { default: 0 })] };
  const losses = { type: "union", key: "loss", inline: true, options: [smoothing, { type: "group", kind: "mse", fields: [] }] };
  assert.deepEqual(complete(losses, "cross_entropy"), { kind: "cross_entropy", label_smoothing: 0 });
  assert.deepEqual(complete(losses, { kind: "cross_entropy", label_smoothing: 0.1 }), { kind: "cross_entropy", label_smoothing: 0.1 });
  assert.deepEqual(complete(losses, "mse"), { kind: "mse" });
  assert.equal(complete(losses, "hinge"), "hinge");
});

test("a union may be told apart by another field, and have a kind that need not be named", () => {
  const layers = { type: "group", kind: "layers", fields: [number("width", { default: 1 })] };
  const graph = { type: "group", kind: "dag", fields: [number("nodes", { default: 0 })] };
  const net = { type: "union", key: "net", tag: "wiring", usual: "layers", options: [layers, graph] };
  assert.deepEqual(fresh(net), { wiring: "layers", width: 1 });
  assert.deepEqual(complete(net, { width: 3 }), { wiring: "layers", width: 3 });
  assert.deepEqual(complete(net, { wiring: "dag" }), { wiring: "dag", nodes: 0 });
});

test("changes copy the path and leave the rest", () => {
  const before = { a: [1, 2, 3], b: { c: 1 } };
  assert.deepEqual(put(before, ["a", 1], undefined), { a: [1, 3], b: { c: 1 } });
  assert.deepEqual(put(before, ["b", "c"], 5), { a: [1, 2, 3], b: { c: 5 } });
  assert.deepEqual(put(before, ["d", "e"], 5).d, { e: 5 });
  assert.deepEqual(before, { a: [1, 2, 3], b: { c: 1 } });
  assert.equal(get(before, ["b", "x", "y"]), undefined);
});

test("a number may have a word instead, which is read as it stands", () => {
  assert.equal(limits(number("layer", { min: 0, max: 127, named: ["auto"] })), "0 … 127 or auto");
  assert.equal(typed("auto"), "auto");
});

test("numbers are read, words are kept for the complaint", () => {
  assert.equal(typed(" 1e-3 "), 0.001);
  assert.equal(typed("0,5"), 0.5);
  assert.equal(typed("fast"), "fast");
  assert.equal(typed(""), "");
});

test("a complaint goes to the nearest drawn field", () => {
  const drawn = new Map([["net", 1], ["net.hidden", 1]]);
  assert.equal(nearestField("net.hidden.3", drawn), "net.hidden");
  assert.equal(nearestField("net.odd", drawn), "net");
  assert.equal(nearestField("what", drawn), "");
});

test("limits in words", () => {
  assert.equal(limits(number("n", { min: 1, max: 4 })), "1 … 4");
  assert.equal(limits(number("lr", { above: 0, max: 100 })), "> 0 … 100");
  assert.equal(limits(number("x")), "");
});
