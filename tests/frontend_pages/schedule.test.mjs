import assert from "node:assert/strict";
import test from "node:test";

import { Calendar } from "../../frontend/assets/calendar.mjs";
import { DEFAULTS, DECIDING, fromSpec, toSpec } from "../../frontend/assets/play/settings.mjs";
import { decode, encode } from "../../frontend/assets/play/address.mjs";
import { changes, scheduleCurve, stairs, words } from "../../frontend/assets/schedule.mjs";

const STRETCHES = [{ epoch: 0, step: 0, batch: 8, steps_per_epoch: 6 }, { epoch: 4, step: 24, batch: 24, steps_per_epoch: 2 }];

test("updates and epochs, one into the other, where batches grow", () => {
  const calendar = new Calendar(STRETCHES);
  for (const [step, epoch] of [[0, 0], [3, 0.5], [24, 4], [25, 4.5], [34, 9]]) {
    assert.equal(calendar.epochOf(step), epoch);
    assert.equal(calendar.stepOf(epoch), step);
  }
  assert.equal(calendar.stepsPerEpochAt(23), 6);
  assert.equal(calendar.stepsPerEpochAt(24), 2);
  assert.equal(calendar.most, 6);
  assert.equal(new Calendar().epochOf(7), 7);
});

test("a picture is drawn where something changes, from zero to the largest", () => {
  const constant = { rates: [0.1, 0.1], stretches: STRETCHES.slice(0, 1) };
  assert.equal(changes(constant), false);
  assert.equal(changes({ ...constant, rates: [0.1, 0.05] }), true);
  assert.equal(changes({ ...constant, stretches: STRETCHES }), true);
  const [[x0, y0], [x1, y1]] = scheduleCurve([0, 10], [0, 0.1], 10);
  assert.ok(x0 < x1 && y0 > y1 && x0 >= 0 && y1 >= 0);
  assert.deepEqual(stairs(STRETCHES, 10), { xs: [0, 4, 4, 10], ys: [8, 8, 24, 24] });
});

test("and says what it shows", () => {
  const told = { rates: [0.01, 0.1, 0.0001], stretches: STRETCHES, restart_epochs: [10, 30] };
  assert.equal(words(told), "learning rate 0.01 at first, 0.0001 to 0.1, 0.0001 at the end · 2 restarts at epochs 10, 30 · batches of 8, 24");
});

test("Play keeps schedules in spec, address and settings", () => {
  const settings = { ...DEFAULTS, lrSchedule: { kind: "sgdr", cycle: 5, factor: 2, lr_min: 0 }, batchSchedule: { kind: "step", every: null, factor: 2, largest: null } };
  assert.ok(!("lr_schedule" in toSpec(DEFAULTS)));
  const spec = toSpec(settings);
  assert.deepEqual([spec.lr_schedule, spec.batch_schedule], [settings.lrSchedule, settings.batchSchedule]);
  assert.deepEqual(decode(encode(settings)).lrSchedule, settings.lrSchedule);
  assert.deepEqual(decode("?v=1&ls=%7B%7D").lrSchedule, null);
  const back = fromSpec({ ...spec, growth: { rule: { kind: "folding" }, schedule: { kind: "by_hand" }, deepen: null, repair: null }, stop: {} });
  assert.deepEqual([back.lrSchedule, back.batchSchedule], [settings.lrSchedule, settings.batchSchedule]);
  assert.ok(DECIDING.includes("lrSchedule") && DECIDING.includes("batchSchedule"));
});
