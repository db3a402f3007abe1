import assert from "node:assert/strict";
import { test } from "node:test";

import { History } from "../../frontend/assets/history.mjs";
import { arrange } from "../../frontend/assets/net-layout.mjs";
import { dataBox, foldAt, placeBox } from "../../frontend/assets/plane.mjs";
import { leanOf } from "../../frontend/assets/views/picture.mjs";
import { ticks } from "../../frontend/assets/plane-marks.mjs";
import { nextRate, placeOf, speedAt } from "../../frontend/assets/play/controls.mjs";
import { cadence } from "../../frontend/assets/play/counters.mjs";
import { KEYS, actionOf } from "../../frontend/assets/play/keys.mjs";
import { Moment } from "../../frontend/assets/play/moment.mjs";
import { hintOf, wantsFold } from "../../frontend/assets/play/readouts.mjs";
import { rulesOf } from "../../frontend/assets/play/rules.mjs";
import { sceneOf } from "../../frontend/assets/play/scene.mjs";
import { entryId } from "../../frontend/assets/wire.mjs";
import { near, vectors } from "./vectors.mjs";

const shaped = (values, ...shape) => Object.assign(Float32Array.from(values), { shape });

test("the box shown is the box in which the server cuts the geometry", async () => {
  const { points, box } = (await vectors()).box;
  const half = points.length / 2;
  const given = dataBox({ train_x: Float32Array.from(points.slice(0, half)), test_x: Float32Array.from(points.slice(half)) });
  near([given.x0, given.x1, given.y0, given.y1], box);
});

test("a box is placed in the middle, equal scale on both axes, and back", () => {
  const place = placeBox({ x0: -1, x1: 3, y0: 0, y1: 2 }, 400, 400, { left: 0, right: 0, top: 0, bottom: 0 });
  assert.deepEqual([place.left, place.top, place.width, place.height], [0, 100, 400, 200]);
  assert.deepEqual([place.x(-1), place.y(2)], [0, 100]);
  assert.deepEqual(place.toData(place.x(1.5), place.y(0.25)), [1.5, 0.25]);
});

test("the pointer finds the fold it is on", () => {
  const frame = { folds: shaped([0, 0, 2, 0, 0, 1, 2, 1], 2, 2, 2), fold_unit: shaped([0, 4, 1, 2], 2, 2) };
  const place = placeBox({ x0: 0, x1: 2, y0: 0, y1: 2 }, 200, 200, { left: 0, right: 0, top: 0, bottom: 0 });
  assert.deepEqual(foldAt(frame, place, 100, 196), { layer: 0, row: 4 });
  assert.deepEqual(foldAt(frame, place, 20, 103), { layer: 1, row: 2 });
  assert.equal(foldAt(frame, place, 100, 150), null);
});

test("a unit leans to the class its outgoing weight argues for", () => {
  const net = { weights: [shaped([1, 0, 0, 1], 2, 2), shaped([1, 0, 0, 2], 2, 2)] };
  assert.deepEqual([leanOf(net, { layer: 0, row: 0 }), leanOf(net, { layer: 0, row: 1 })], [-1, 1]);
});

test("ticks are round and lie inside", () => {
  near(ticks(-3.4, 3.4, 4), [-2, 0, 2]);
  near(ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
});

test("units of a layer keep to their box", () => {
  for (const widths of [[2, 1, 1], [2, 64, 64, 64, 64, 3]]) {
    for (const column of arrange(widths, 330, 150)) for (const { y, side } of column) assert.ok(y - side / 2 >= -1 && y + side / 2 <= 151);
  }
});

test("speed is logarithmic from 1 to 200; rates step by about three", () => {
  assert.deepEqual([speedAt(0), speedAt(100), speedAt(placeOf(20))], [1, 200, 20]);
  assert.deepEqual([nextRate(0.1, 1), nextRate(0.1, -1), nextRate(0.05, 1), nextRate(3, 1), nextRate(1e-4, -1)], [0.3, 0.03, 0.1, 3, 0.001]);
  assert.deepEqual([cadence(20, 8), cadence(null, 8), cadence(1, 8)], [8, 8, 1]);
});

test("keys act, but not while one types", () => {
  const press = (key, more = {}) => actionOf({ key, ...more });
  assert.deepEqual([" ", "g", "ArrowLeft", "?"].map((key) => press(key)), ["toggle", "grow", "back", "help"]);
  assert.equal(press("ArrowRight", { shiftKey: true }), "birthAfter");
  assert.equal(press("g", { target: { tagName: "INPUT" } }), null);
  assert.equal(press("r", { ctrlKey: true }), null);
  assert.equal(press(" ", { target: { tagName: "BUTTON" } }), null);
  assert.equal(new Set(KEYS.map(([key]) => key)).size, KEYS.length);
});

test("the schema's growth rules appear by themselves", async () => {
  const rules = rulesOf({ RunSpec: (await vectors()).schema });
  assert.ok(rules.some(({ kind, title, about }) => kind === "random_direction" && title === "random unit" && about.length > 20));
  const firefly = rules.find(({ kind }) => kind === "firefly");
  assert.equal(firefly.group, "competing candidates");
  const fields = Object.fromEntries(firefly.fields.map((field) => [field.name, field]));
  assert.deepEqual([fields.layer.optional, fields.layer.fallback, fields.count.whole, fields.score.options], [true, null, true, ["midpoint", "endpoint"]]);
  assert.ok(firefly.fields.every(({ about }) => about.length > 10));
  assert.deepEqual(rulesOf({}), []);
});

function story() {
  const history = new History();
  for (let step = 0; step <= 100; step += 10) history.add({ step, seq: 1, units: [] });
  history.addBirth({ step: 50, seq: 2 });
  history.add({ step: 50, seq: 3, units: [] });
  let changes = 0;
  const moment = new Moment(() => history, () => { changes += 1; });
  return { history, moment, changes: () => changes };
}

test("the moment follows the run until one looks back, and returns to it", () => {
  const { history, moment } = story();
  assert.ok(moment.live && moment.frame.step === 100);
  moment.move(-1);
  assert.ok(!moment.live && moment.frame.step === 90);
  history.add({ step: 110, seq: 1, units: [] });
  assert.equal(moment.frame.step, 90);
  moment.move(1);
  moment.move(1);
  moment.move(1);
  assert.ok(moment.live && moment.frame.step === 110);
  moment.toStep(34);
  assert.equal(moment.frame.step, 30);
});

test("births are stations, and replay ends where it began", async (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const { moment, history } = story();
  moment.beside(-1);
  assert.ok(moment.isBirth(history.births[0]) && moment.frame.seq === 3);
  moment.beside(1);
  assert.ok(moment.live);
  assert.ok(moment.replay());
  assert.ok(moment.replaying && moment.frame.step < 50);
  context.mock.timers.tick(60_000);
  assert.ok(!moment.replaying && moment.live);
});

test("an entry's id is one more than its event's place", () => assert.equal(entryId({ step: 8, seq: 0 }), "8-1"));

test("the hint says what the run is at", () => {
  const about = (status, more = {}) => hintOf({ status: { reason: "", message: "", ...status }, data: "rings", live: true, frame: { epoch: 12.5 }, row: { train_accuracy: 0.7 }, ...more });
  assert.deepEqual(about({ state: "running" }), ["learning rings", ""]);
  assert.deepEqual(about({ state: "paused", reason: "plateau" }), ["stuck at 70 %: give it a fold", "stuck"]);
  assert.deepEqual(about({ state: "running" }, { live: false }), ["Looking back at epoch 12", "past"]);
  assert.deepEqual(about({ state: "queued" }, { frame: null, place: 2 }), ["waiting for a worker · 2 runs before it…", ""]);
  assert.match(about({ state: "queued" }, { frame: null, place: 0, warming: true })[0], /^the worker warms up.*begins by itself…$/);
  assert.deepEqual(about({ state: "running" }, { warming: true }), ["learning rings", ""]);
  assert.deepEqual(about({ state: "failed", reason: "blew_up" }), ["the loss blew up", "stuck"]);
  assert.ok(wantsFold({ state: "paused", reason: "plateau" }, { train_accuracy: 0.9 }));
  assert.ok(!wantsFold({ state: "paused", reason: "plateau" }, { train_accuracy: 1 }));
});

test("a birth glows for a moment, leaves a ghost and finds its unit by its lasting id", () => {
  const { history, moment } = story();
  Object.assign(history.births[0], { layer: 0, unit: 9 });
  for (const frame of history.frames) frame.units = [Int32Array.from(frame.step > 50 || frame.seq === 3 ? [4, 9] : [4])];
  const session = { history, net: () => ({}), box: {}, data: {} };
  const about = (lit) => ({ session, moment, settings: { hard: false, showTest: true }, lit, flashFrom: 1000 });
  const glowing = sceneOf(about({ layer: 0, row: 1 }), 1700, false);
  assert.deepEqual([glowing.fresh, glowing.flash, glowing.ghost.step, glowing.lit], [{ layer: 0, row: 1 }, 0.5, 50, { layer: 0, row: 1 }]);
  assert.equal(sceneOf(about(null), 9000, false).flash, 0);
  moment.toStep(10);
  const before = sceneOf(about({ layer: 0, row: 1 }), 1700, false);
  assert.deepEqual([before.fresh, before.ghost, before.lit, before.birth], [null, null, null, null]);
  moment.beside(1);
  assert.deepEqual([sceneOf(about(null), 9000, false).flash, sceneOf(about(null), 9000, false).ghost], [1, null]);
});
