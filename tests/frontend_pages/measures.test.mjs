import assert from "node:assert/strict";
import test from "node:test";

import { CATALOGUE, provenance, wordsOf } from "../../frontend/assets/measures/catalogue.mjs";
import { band, partnerName, partnerOf, sliceRange } from "../../frontend/assets/measures/lines.mjs";
import { checksAbove, crossings, edgeAlert, edgeRatio, ratioName } from "../../frontend/assets/measures/edges.mjs";
import { Measured, curve, lossAt, missed, parabola } from "../../frontend/assets/measures/measured.mjs";
import { atLeast, costWords, probesOf, withProbe } from "../../frontend/assets/measures/probes.mjs";
import { noiseNow, ratioAt, ratioCurve, batchShareAt } from "../../frontend/assets/measures/ratio.mjs";
import { Calendar } from "../../frontend/assets/calendar.mjs";
import { validationLine, validationNow, validationValues } from "../../frontend/assets/measures/validation.mjs";
import { warningOf } from "../../frontend/assets/measures/warnings.mjs";
import { decode, encode } from "../../frontend/assets/play/address.mjs";
import { DEFAULTS, toSpec } from "../../frontend/assets/play/settings.mjs";
import { MEASURES, plainPanel } from "../../frontend/assets/run/measure-panels.mjs";
import { PANELS } from "../../frontend/assets/run/panels.mjs";
import { learnMeasures } from "../../frontend/assets/measures/declared.mjs";

learnMeasures(JSON.parse(process.env.MEASURES));

const at = (step, lambda, edge = 10) => ({ kind: "curvature", step, epoch: step / 10, lambda_max: lambda, edge, flat_channels: [] });
const told = (...events) => {
  const measured = new Measured();
  events.forEach((event) => measured.add(event));
  return measured;
};

test("the number of the validation part stands beside train and test, and is absent where a run has none", () => {
  const held = (step, loss) => ({ kind: "validation", step, epoch: step / 10, loss, accuracy: 0.5, matthews: null });
  const session = { measured: told(held(0, 0.7), held(10, null), held(20, 0.3)) };
  assert.deepEqual(validationValues(session, "loss"), [0.7, NaN, 0.3]);
  assert.deepEqual(validationNow(session.measured.at("validation", 25), "loss", String), [["dot", "validation", "0.3"]]);
  assert.deepEqual(validationNow(session.measured.at("validation", 15), "loss", String), []);
  assert.deepEqual(validationLine({ measured: told() }, "loss"), []);
});

test("measurements are kept by kind, slices by direction, and found by their step", () => {
  const cut = (step, direction) => ({ kind: "slice", step, epoch: step / 10, direction });
  const measured = told(at(0, 1), at(8, 2), cut(8, 1), cut(8, 2), cut(16, 1), { kind: "frame", step: 9 });
  assert.equal(measured.at("curvature", 7).step, 0);
  assert.equal(measured.at("curvature", 8).step, 8);
  assert.equal(measured.at("curvature", -1), null);
  assert.equal(measured.directions, 2);
  assert.deepEqual(measured.list("slice 1").map(({ step }) => step), [8, 16]);
  assert.equal(measured.count, 5);
  measured.cutAfter(8);
  assert.equal(measured.last("slice 1").step, 8);
});

test("an event that comes twice stands once, and a long history keeps its newest", () => {
  const measured = told(at(0, 1), at(4, 2), at(4, 2), at(0, 1));
  assert.equal(measured.list("curvature").length, 2);
  for (let step = 5; step < 9000; step += 1) measured.add(at(step, 1));
  assert.ok(measured.list("curvature").length <= 3001);
  assert.equal(measured.last("curvature").step, 8999);
});

test("a number that was not found is a gap with a mark, never a value", () => {
  const list = [at(0, 1), at(10, null), at(20, 3)];
  assert.deepEqual(curve(list, ({ lambda_max: lambda }) => lambda), { x: [0, 1, 2], y: [1, null, 3] });
  assert.deepEqual(missed(list, ({ lambda_max: lambda }) => lambda), [1]);
  assert.deepEqual(missed(list, ({ smallest }) => smallest), []);
});

test("ηλ/2 crosses 1 upwards and downwards, also when η changes, and never across a gap", () => {
  const up = crossings([at(0, 5), at(10, 15)]);
  assert.deepEqual(up, [{ epoch: 0.5, edge: 10, up: true }]);
  assert.deepEqual(crossings([at(0, 5), at(10, 5, 4)]).map(({ up: rising }) => rising), [true]);
  assert.deepEqual(crossings([at(0, 15), at(10, 5)]).map(({ up: rising }) => rising), [false]);
  assert.deepEqual(crossings([at(0, 5), at(10, null), at(20, 15)]), []);
  assert.deepEqual(crossings([at(0, 10), at(10, 12)]), []);
});

test("the parabola has the slice's loss, slope and eigenvalue", () => {
  const t = [-0.2, -0.1, 0, 0.1, 0.2];
  const slice = { t, train: t.map((x) => 3 + 2 * x + 4 * x * x), slope: 2, lambda_max: 8 };
  parabola(slice).forEach((value, i) => assert.ok(Math.abs(value - slice.train[i]) < 1e-12));
  assert.ok(Math.abs(lossAt(slice, 0.15) - 0.5 * (slice.train[3] + slice.train[4])) < 1e-9);
  const [low, high] = sliceRange(slice);
  assert.ok(low < Math.min(...slice.train) && high > Math.max(...slice.train));
});

test("the partner of λ is scale-free", () => {
  assert.equal(partnerOf({ flatness: { none: 1, tensor: 2, element: 3 } }), 3);
  assert.equal(partnerOf({ flatness: { none: 1, tensor: 2 } }), 2);
  assert.equal(partnerOf({ flatness: { none: 1 } }), undefined);
});

const SCHEMA = { RunSpec: {
  properties: { probes: { items: { oneOf: [{ $ref: "#/$defs/SliceProbe" }] } } },
  $defs: { SliceProbe: { description: "Cut the loss.\n\nMore.", properties: { kind: { const: "slice" }, every: { type: "integer", default: 4 }, directions: { type: "integer", default: 1 } } } },
} };

test("probes come from the schema and are switched, changed and raised", () => {
  const [plan] = probesOf(SCHEMA);
  assert.deepEqual(plan.fresh, { kind: "slice", every: 4, directions: 1 });
  assert.equal(plan.about, "Cut the loss.");
  assert.deepEqual(probesOf(null), []);
  const on = withProbe([{ kind: "frame" }], plan, {});
  assert.deepEqual(on, [{ kind: "frame" }, plan.fresh]);
  assert.deepEqual(withProbe(on, plan, { every: 9 })[1].every, 9);
  assert.deepEqual(withProbe(on, plan, null), [{ kind: "frame" }]);
  assert.equal(atLeast(on, plan, "directions", 3)[1].directions, 3);
  assert.equal(atLeast(on, plan, "directions", 1), null);
  assert.equal(atLeast(on, undefined, "directions", 2), null);
});

test("probes chosen in Play outlive a reset; before that the shipped ones stand", () => {
  assert.ok(!("probes" in toSpec(DEFAULTS)));
  const probes = [{ kind: "traces", every: 2 }];
  assert.deepEqual(toSpec({ ...DEFAULTS, probes }).probes, probes);
});

test("what measuring costs is said when it is worth saying", () => {
  assert.equal(costWords(null), "");
  assert.equal(costWords(0.001), "");
  assert.equal(costWords(0.2), "Probes take 20 % of the time.");
  assert.match(costWords(0.7), /70 % of the time: measure less often/);
  assert.match(costWords(0.2, 8), /8 times less often/);
});

test("every panel's measure is explained, with what it was made from", () => {
  for (const { means } of Object.values(MEASURES)) assert.ok(CATALOGUE[means], means);
  for (const key of [...Object.keys(PANELS), "slice"]) assert.ok(CATALOGUE[key === "sharpness" ? "curvature" : key], key);
  for (const { name, about, how } of Object.values(CATALOGUE)) assert.ok(name && about.length > 20 && how);
  const rows = provenance({ step: 8, epoch: 1, points: 225, subset: "ab", method: "dense", iterations: 1, residual: 1e-9 }, 3.14159);
  assert.deepEqual(rows.map(([name]) => name), ["measured at", "data", "method", "iterations", "residual", "wall time"]);
  assert.equal(rows.at(-1)[1], "3.1 ms, the last one");
  assert.deepEqual(provenance(null), []);
  assert.equal(wordsOf("nothing").about, "");
});

test("a flat channel is warned of, at the moment shown", () => {
  const warned = { ...at(8, 1), flat_channels: [{ layer: 0, units: [1, 4], incoming_cosine: 0.999 }] };
  const measured = told(at(0, 1), warned);
  assert.equal(warningOf(measured, 0), "");
  assert.match(warningOf(measured, 8), /units 2 and 5 of layer 1 are almost equal/);
});

test("Adam's edge is held against the eigenvalue in units of its steps, every other one against λ₁", () => {
  const adam = { ...at(8, 5, 1000), edge_of: "preconditioned", edge_name: "38/η", preconditioned: 1500 };
  assert.equal(edgeRatio(adam), 1.5);
  assert.equal(edgeRatio({ ...adam, preconditioned: null }), null);
  assert.equal(edgeRatio(at(0, 5)), 0.5);
  assert.equal(ratioName(at(0, 5)), "ηλ₁/2");
  assert.match(ratioName(adam), /38\/η/);
  assert.equal(crossings([{ ...adam, step: 0, epoch: 0, preconditioned: 500 }, adam]).length, 1);
});

test("a run that stays above its edge says so after several checks, and no longer once it is below", () => {
  const above = [at(0, 5), at(1, 11), at(2, 12), at(3, 13)];
  assert.equal(checksAbove(above), 3);
  assert.match(edgeAlert(above), /Above 2\/η for 3 checks/);
  assert.equal(edgeAlert(above, 2), "");
  assert.equal(edgeAlert([...above, at(4, 5)]), "");
  assert.equal(edgeAlert([...above, at(4, null)]), "");
});

test("two probes of a kind never share a curve", () => {
  const near = (step, rho, sam) => ({ kind: "sharpness", step, epoch: step, rho, adaptive_rho: 0.5, sam });
  const measured = told(near(0, 0.1, 1), near(0, 0.2, 2), near(4, 0.1, 3), near(4, 0.2, 4));
  const [small, large] = measured.variants("sharpness");
  assert.deepEqual([small, large], ["ρ = 0.1, 0.5", "ρ = 0.2, 0.5"]);
  assert.deepEqual(measured.only("sharpness", small).list("sharpness").map(({ sam }) => sam), [1, 3]);
  assert.deepEqual(measured.only("sharpness", large).list("sharpness").map(({ sam }) => sam), [2, 4]);
  assert.equal(measured.at("sharpness", 3, large).sam, 2);
});

test("flatness by two granularities from two probes stays two curves, and the partner of λ is one of them throughout", () => {
  const fine = (step) => ({ ...at(step, 1), flatness: { element: 2 } });
  const coarse = (step) => ({ ...at(step, 1), flatness: { tensor: 9 } });
  const measured = told(fine(0), coarse(0), fine(4), fine(8), coarse(8));
  const list = measured.list("curvature");
  assert.deepEqual(list.map(({ flatness }) => flatness), [{ element: 2, tensor: 9 }, { element: 2 }, { element: 2, tensor: 9 }]);
  assert.equal(partnerName(list), "element");
  assert.equal(partnerName([coarse(0)]), "tensor");
});

test("an error is drawn as a band, and an exact value without one", () => {
  globalThis.document ??= { documentElement: {} };
  const list = [0, 1].map((epoch) => ({ epoch, trace: 5, error: 1 }));
  const [low, high] = band(list, ({ trace }) => trace, ({ error }) => error, "#000000");
  assert.deepEqual([low.y, high.y, high.fill], [[4, 4], [6, 6], "tonexty"]);
  assert.deepEqual(band(list.map((event) => ({ ...event, error: 0 })), ({ trace }) => trace, ({ error }) => error, "#000000"), []);
});

test("probes chosen in Play are part of its address, and a broken list is none", () => {
  const probes = [{ kind: "frame", every: 1 }, { kind: "curvature", every: 2, granularities: ["element", "tensor"] }];
  const settings = decode(encode({ ...DEFAULTS, probes }));
  assert.deepEqual(settings.probes, probes);
  assert.deepEqual(toSpec(settings).probes, probes);
  for (const broken of ["{", "5", "[1]", '[{"every":1}]']) assert.equal(decode(`?v=1&pr=${encodeURIComponent(broken)}`).probes, null);
});

test("a probe without a picture of its own gets a panel with its columns as they are declared", () => {
  const measured = new Measured();
  const event = (step, norm) => ({ kind: "scalars", probe: "weighing", step, epoch: step, values: { asam: norm, weight_norm: 1 } });
  assert.ok(measured.add(event(0, 2)) && measured.add(event(8, null)));
  assert.deepEqual(measured.plain, ["weighing"]);
  const panel = plainPanel("weighing", measured);
  assert.equal(panel.title, "Weighing");
  assert.deepEqual(panel.now(measured.at(panel.probe, 8)).map(([, name, value]) => [name, value]), [["ASAM", "not found"], ["weight norm", "1"]]);
});

const STEPPED = [{ epoch: 0, step: 0, batch: 10, steps_per_epoch: 10 }, { epoch: 2, step: 20, batch: 20, steps_per_epoch: 5 }];
const RATES = { epoch: [0, 1, 2, 3], lr: [0.2, 0.2, 0.2, 0.1] };
const noisy = (gain, ...events) => ({
  summary: { lr_gain: gain }, spec: { optimizer: { kind: gain === null ? "adam" : "sgd" } }, data: { train_size: 100 }, calendar: new Calendar(STEPPED), measured: told(...events), series: { column: (name) => RATES[name] },
});

test("the noise of the updates follows the present rate and batch, and momentum is counted by the server", () => {
  assert.equal(ratioAt(noisy(1), { epoch: 1, lr: 0.2 }), 0.02);
  assert.equal(ratioAt(noisy(10), { epoch: 2, lr: 0.2 }), 0.1);
  assert.equal(batchShareAt(noisy(1), { epoch: 2.5 }), 0.2);
  assert.deepEqual(ratioCurve(noisy(1)).y, [0.02, 0.02, 0.01, 0.005]);
});

test("what is not defined or not measured is no number", () => {
  const adam = noisy(null, { ...at(20, 5), edge_of: "preconditioned", edge_name: "38/η", preconditioned: 3 });
  assert.deepEqual(noiseNow(adam, { epoch: 2, lr: 0.2 }), [["ratio", "η/S", "–"], ["share", "S/N", "0.2"]]);
  assert.deepEqual(ratioCurve(adam), { x: [], y: [] });
  assert.deepEqual(noiseNow(noisy(1), null), []);
  assert.equal(ratioAt(noisy(1), { epoch: 0, lr: NaN }), null);
});

test("the sharpness by its edge and the noise scale are those measured until then", () => {
  const scale = (step, value) => ({ kind: "noise", step, epoch: step / 10, k: 1, noise_scale: value });
  const session = noisy(1, at(0, 5), at(20, 8), scale(0, 12), scale(20, null));
  assert.deepEqual(noiseNow(session, { epoch: 1, lr: 0.2 }).slice(2), [["edge", "ηλ₁/2", "0.5"], ["scale", "B_simple", "12"]]);
  assert.deepEqual(noiseNow(session, { epoch: 2, lr: 0.2 }).slice(2), [["edge", "ηλ₁/2", "0.8"], ["scale", "B_simple", "none"]]);
  const momentum = noisy(10, { ...at(0, 5), edge_name: "(2+2μ)/η" });
  assert.deepEqual(noiseNow(momentum, { epoch: 0, lr: 0.2 })[2], ["edge", "λ₁/edge", "0.5"]);
});
