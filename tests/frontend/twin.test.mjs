import assert from "node:assert/strict";
import test from "node:test";

import { decode, encode } from "../../frontend/assets/play/address.mjs";
import { DEFAULTS, toSpec } from "../../frontend/assets/play/settings.mjs";
import { Hand, isBeside, orders, ordersUntil } from "../../frontend/assets/play/twin-clock.mjs";
import { learnNets } from "../../frontend/assets/nets.mjs";
import { HURRY, SPARED, cadenceFor, sizeOf, tagsOfGrown, twinLabels, twinSpec } from "../../frontend/assets/play/twin-spec.mjs";
import { Measured } from "../../frontend/assets/measures/measured.mjs";
import { bothSeries } from "../../frontend/assets/play/twin-lines.mjs";
import { noticeOf } from "../../frontend/assets/play/twin-view.mjs";
import { vectors } from "./vectors.mjs";

const SPEC = { ...toSpec({ ...DEFAULTS, auto: "periodic", every: 10, deepen: "identity", repair: "random" }), probes: [{ kind: "frame" }] };
const SET = { step: 80, command: { kind: "set", lr: 0.01 } };
const GROW = { step: 40, command: { kind: "grow", rule: { kind: "folding" } } };
const STATE = { spec: SPEC, changes: [GROW, SET], probes: SPEC.probes, stepsPerEpoch: 8, step: 160, speed: 20 };
const PACE = { speed: 20, stepsPerEpoch: 8 };

test("the twin is the grown run with its present size from the start and nothing that grows", () => {
  const spec = twinSpec(STATE, [3]);
  for (const name of ["data", "optimizer", "batch", "seed", "probes"]) assert.deepEqual(spec[name], SPEC[name], name);
  assert.deepEqual(spec.net, { ...SPEC.net, hidden: [3] });
  assert.deepEqual([spec.growth.schedule, spec.growth.deepen, spec.growth.repair], [{ kind: "by_hand" }, null, null]);
  assert.equal(spec.stop.plateau, null);
  const early = { ...STATE.spec, stop: { ...STATE.spec.stop, train_loss: 0.1, early_stop: { patience: 5 } } };
  assert.deepEqual(Object.keys(twinSpec({ ...STATE, spec: early }, [3]).stop), ["epochs", "plateau"]);
});

test("it hurries to its partner's update with the same learning rates, and waits there", () => {
  const { commands, speed } = twinSpec(STATE, [3]);
  assert.equal(speed, HURRY);
  assert.deepEqual(commands, [
    { step: 0, command: { kind: "cadence", updates: 8 } }, { step: 0, command: { kind: "spare", factor: SPARED } },
    SET, { step: 160, command: { kind: "pause" } },
  ]);
  const planned = { ...SPEC, commands: [{ step: 100, command: { kind: "set", lr: 1 } }, { step: 300, command: { kind: "set", lr: 2 } }, { step: 300, command: { kind: "play" } }] };
  assert.deepEqual(twinSpec({ ...STATE, spec: planned }, [3]).commands.slice(2).map(({ step, command }) => [step, command.kind]), [[80, "set"], [160, "pause"], [300, "set"]]);
  assert.deepEqual([twinSpec({ ...STATE, step: 0, changes: [] }, [1]).commands, twinSpec({ ...STATE, step: 0 }, [1]).speed], [[], 20]);
});

test("a long way is shown in a bounded number of frames, at places where its partner has one", () => {
  assert.equal(cadenceFor(PACE, 8 * 400, 400), 8);
  assert.equal(cadenceFor(PACE, 8 * 401, 400), 16);
});

test("layers keep their widths; a graph's nodes stand in one layer", async () => {
  learnNets((await vectors()).nets);
  const frame = { units: [[0, 1], [2, 3, 4]] };
  assert.deepEqual([sizeOf(frame, "layers"), sizeOf(frame, "dag"), sizeOf({ units: [] }, "dag")], [[2, 3], [5], []]);
  assert.match(twinLabels({ id: "a1", name: "red-fox-1" }, [5], "dag").notes, /red-fox-1 \(a1\).*one hidden layer of 5 nodes/);
});

test("tags name the partner, the newest twin only, within their length", () => {
  assert.deepEqual(twinLabels({ id: "a1", name: "red-fox-1" }, [3], "layers").tags, ["twin of red-fox-1"]);
  assert.equal(twinLabels({ id: "a1", name: "x".repeat(80) }, [3], "layers").tags[0].length, 40);
  assert.deepEqual(tagsOfGrown(["mine", "fixed twin: old-owl-2"], "new-owl-3"), ["mine", "fixed twin: new-owl-3"]);
});

const at = (step, more = {}) => ({ step, speed: 20, over: false, stepping: false, rests: false, reason: "", waits: false, ...more });
const resting = (step, more = {}) => at(step, { rests: true, reason: "command", ...more });
const kinds = ({ grown, twin }) => [grown.map(({ kind }) => kind), twin.map(({ kind }) => kind)];
const NONE = [[], []];

test("at rest the one behind makes up exactly the updates that are missing", () => {
  assert.deepEqual(orders(resting(160), resting(157), PACE).twin, [{ kind: "step", n: 3, unit: "update" }]);
  assert.deepEqual(orders(resting(157), resting(160), PACE).grown, [{ kind: "step", n: 3, unit: "update" }]);
  assert.deepEqual(kinds(orders(resting(160), at(150), PACE)), [[], ["pause"]]);
  assert.deepEqual(kinds(orders(resting(160), at(150, { stepping: true }), PACE)), NONE);
  assert.deepEqual(kinds(orders(resting(160), resting(160), PACE)), NONE);
  assert.deepEqual(orders(resting(160), resting(160, { speed: HURRY }), PACE).twin[0], { kind: "speed", epochs_per_second: 20 });
});

test("a grown net that rests by itself is not moved on", () => {
  for (const more of [{ reason: "plateau" }, { over: true }]) assert.deepEqual(kinds(orders(resting(157, more), resting(160), PACE)), NONE);
});

test("under way the twin hurries when far behind, eases when near, waits when ahead", () => {
  assert.deepEqual(kinds(orders(at(1000), at(600), PACE)), [[], ["speed", "cadence", "spare", "step"]]);
  assert.deepEqual(orders(at(1000), resting(600, { speed: HURRY }), PACE).twin, [{ kind: "step", n: 400, unit: "update" }]);
  assert.deepEqual(kinds(orders(at(1000), at(600, { speed: HURRY }), PACE)), NONE);
  assert.deepEqual(orders(at(1000), resting(990, { speed: HURRY }), PACE).twin, [{ kind: "speed", epochs_per_second: 20 }, { kind: "spare", factor: 1 }, { kind: "play" }]);
  assert.deepEqual(kinds(orders(at(1000), at(990), PACE)), NONE);
  assert.deepEqual(kinds(orders(at(1000), at(1100), PACE)), [[], ["pause"]]);
  assert.deepEqual(kinds(orders(at(1000), resting(1100), PACE)), NONE);
  assert.deepEqual(kinds(orders(at(1101), resting(1100), PACE)), [[], ["play"]]);
});

test("without a pace both go as fast as they can", () => {
  const unpaced = { speed: null, stepsPerEpoch: 8 };
  assert.deepEqual(kinds(orders(at(9000), at(100, { speed: null }), unpaced)), NONE);
  assert.deepEqual(orders(at(9000), resting(100, { speed: HURRY }), unpaced).twin[0], { kind: "speed", epochs_per_second: null });
});

test("nothing is said before the last word has taken effect, nor to a twin that has ended", () => {
  assert.deepEqual(kinds(orders(resting(160), resting(157, { waits: true }), PACE)), NONE);
  assert.deepEqual(kinds(orders(resting(160, { waits: true }), resting(157), PACE)), NONE);
  assert.deepEqual(kinds(orders(resting(160), resting(157, { over: true }), PACE)), NONE);
});

test("a learning rate is changed at the update at which the partner's was", () => {
  const change = { step: 200, command: { kind: "set", lr: 0.01 } };
  assert.deepEqual(kinds(ordersUntil(change, at(260), at(190), PACE)), [[], ["pause"]]);
  assert.deepEqual(ordersUntil(change, at(260), resting(190), PACE).twin, [{ kind: "step", n: 10, unit: "update" }]);
  assert.deepEqual(ordersUntil(change, at(260), resting(200), PACE).twin, [change.command]);
  assert.deepEqual(kinds(ordersUntil(change, at(260), resting(200, { waits: true }), PACE)), NONE);
});

test("a hand knows a step that is under way and a pause that still measures", () => {
  const session = (state, lastStep, more = {}) => ({ status: { state, reason: "command", step: lastStep }, series: { lastStep }, over: false, speed: 20, ...more });
  const hand = new Hand();
  hand.said(0);
  assert.ok(hand.read(session("paused", 80), 10).waits);
  hand.heard({ step: 80, command: { kind: "step", n: 2, unit: "epoch" } }, 8);
  const during = hand.read(session("paused", 88), 20);
  assert.deepEqual([during.waits, during.stepping, during.rests], [false, true, false]);
  assert.ok(hand.read(session("paused", 96), 30).rests);
  hand.heard({ step: 96, command: { kind: "step", n: 9, unit: "epoch" } }, 8);
  hand.said(40);
  hand.heard({ step: 97, command: { kind: "pause" } }, 8);
  assert.ok(hand.read(session("running", 97), 50).waits);
  assert.ok(!hand.read(session("paused", 97), 60).waits);
});

test("a run whose rows are still being fetched stands where its summary says", () => {
  const found = { status: { state: "paused", reason: "command" }, series: { lastStep: -1 }, summary: { step: 96 }, over: false, speed: 20 };
  assert.equal(new Hand().read(found, 0).step, 96);
});

test("a closed loop of two runs of unlike pace comes to rest at one update", () => {
  const [grown, twin] = [at(400), resting(400, { speed: HURRY })];
  grown.step = 1000;
  const apply = (run, list) => {
    for (const { kind, n, epochs_per_second: speed } of list) {
      if (kind === "speed") run.speed = speed;
      if (kind === "play") Object.assign(run, { rests: false, reason: "" });
      if (kind === "pause") Object.assign(run, { rests: true, reason: "command" });
      if (kind === "step") run.step += n;
    }
  };
  for (let tick = 0; tick < 200; tick += 1) {
    for (const [run, drift] of [[grown, 1], [twin, 1.06]]) if (!run.rests) run.step += Math.round(24 * drift);
    if (tick === 150) apply(grown, [{ kind: "pause" }]);
    const said = orders(grown, twin, PACE);
    apply(grown, said.grown);
    apply(twin, said.twin);
    if (tick > 30 && tick < 150) assert.ok(isBeside(grown, twin, PACE), `${grown.step} ${twin.step}`);
  }
  assert.equal(grown.step, twin.step);
  assert.ok(grown.rests && twin.rests);
  assert.equal(twin.speed, 20);
});

test("the notice says what differs and offers the way out", () => {
  const about = { sizes: [3, 3], met: true, lag: 0, over: false, partnerOver: false };
  assert.deepEqual(noticeOf(about), { words: "", button: "" });
  assert.deepEqual(noticeOf({ ...about, sizes: [4, 3] }), { words: "grown 4, fixed 3:", button: "make the twin anew with 4" });
  assert.match(noticeOf({ ...about, met: false, lag: 12 }).words, /12 epochs to go/);
  assert.match(noticeOf({ ...about, over: true }).words, /has ended/);
});

test("the address holds the twin and gives it back", () => {
  for (const twin of [{ run: "ab12", hidden: [3, 2] }, { run: "ab12", hidden: [] }, null]) assert.deepEqual(decode(encode({ ...DEFAULTS, twin })).twin, twin);
  assert.match(encode({ ...DEFAULTS, twin: { run: "ab12", hidden: [3] } }), /tw=ab12~3/);
  assert.equal(decode("?tw=<script>").twin, null);
});

test("the validation part of both nets is drawn beside their training and test points", () => {
  const side = (loss) => {
    const measured = new Measured();
    [0, 8].forEach((step) => measured.add({ kind: "validation", step, epoch: step / 8, loss, accuracy: 0.5, matthews: null }));
    return { measured, series: { column: () => Float64Array.of(0, 1) } };
  };
  const lines = bothSeries(side(0.7), side(0.3), "loss");
  const drawn = Object.fromEntries(lines.map(({ name, y }) => [name, Array.from(y)]));
  assert.deepEqual([drawn["grown, validation"], drawn["fixed, validation"]], [[0.7, 0.7], [0.3, 0.3]]);
  const looks = lines.map(({ line: { color, dash, width } }) => JSON.stringify([color, dash, width]));
  assert.equal(new Set(looks).size, lines.length);
});
