import assert from "node:assert/strict";
import test from "node:test";

import { cardRows, cornersOf, dialPath, gainHad } from "../../frontend/assets/card.mjs";
import { History } from "../../frontend/assets/history.mjs";
import { decode, encode } from "../../frontend/assets/play/address.mjs";
import { rankingRows, costsDiffer } from "../../frontend/assets/ranking.mjs";
import { byKey, ends, flipped, middle, normal, ruleOf, through, turnedFold } from "../../frontend/assets/play/fold-by-hand.mjs";
import { learnRules, rulesOf } from "../../frontend/assets/play/rules.mjs";
import { Offer } from "../../frontend/assets/play/offer.mjs";
import { gainShare, whySentence } from "../../frontend/assets/play/offer-words.mjs";
import { DEFAULTS, changesOf, fromGrowth, growthSpec, scheduleSpec } from "../../frontend/assets/play/settings.mjs";
import { vectors } from "./vectors.mjs";

const BOX = { x0: -1, x1: 1, y0: -1, y1: 1 };
const near = (a, b) => a.flat().forEach((value, i) => assert.ok(Math.abs(value - b.flat()[i]) < 1e-12, `${a} ≠ ${b}`));

test("a drag becomes a line through both points, active to the left of the way", () => {
  const fold = through([0, 0], [1, 0], BOX);
  near(ends(fold), [[0, 0], [1, 0]]);
  near([normal(fold)], [[0, 1]]);
  near([normal(flipped(fold))], [[0, -1]]);
  assert.deepEqual(ruleOf(flipped(fold)).side, -1);
  assert.equal(through([0.2, 0.2], [0.2, 0.2], BOX), null);
});

test("keys move, turn, flip, lay and forget a fold; others mean nothing", () => {
  const fold = middle(BOX);
  near([[byKey(fold, "ArrowRight", BOX).x, byKey(fold, "ArrowUp", BOX).y]], [[0.05, 0.05]]);
  assert.ok(byKey(fold, "[", BOX).angle > 0 && byKey(fold, "]", BOX).angle < 0);
  assert.equal(byKey(fold, "F", BOX).side, -1);
  assert.deepEqual(["Enter", "Escape", "q"].map((key) => byKey(fold, key, BOX)), ["lay", "forget", null]);
  let far = fold;
  for (let i = 0; i < 100; i += 1) far = byKey(far, "ArrowLeft", BOX, true);
  assert.equal(far.x, BOX.x0);
  near([[turnedFold(turnedFold(fold, 3), -3).angle]], [[0]]);
});

test("of many questions the last is asked and only its answer is shown", () => {
  const said = [];
  const offer = new Offer({ send: (command) => said.push(command), changed() {} });
  for (const a of [1, 2, 3]) offer.ask({ kind: "line", a });
  assert.deepEqual(said.map(({ rule }) => rule.a), [1]);
  assert.equal(offer.hear({ token: "of somebody else" }), false);
  assert.equal(offer.hear({ token: said[0].token, gain: 0.1 }), true);
  assert.deepEqual(said.map(({ rule }) => rule.a), [1, 3]);
  offer.forget();
  assert.equal(offer.hear({ token: said[1].token }), false);
  assert.equal(offer.answer, null);
});

test("a gain is shown as its share of the loss", () => {
  assert.deepEqual([gainShare(0.1, 0.4), gainShare(9, 0.4), gainShare(0, 0.4)], [0.25, 1, 0]);
  assert.equal(whySentence({ explanation: {} }), "");
  assert.match(whySentence({ explanation: { instance: 4, class: 1, predicted: 0, cluster_size: 9, cluster_loss: 0.9 } }), /Point 4 \(class 1\) is predicted 0 and represents 9 similar points/);
});

test("growth settings become their spec and come back", () => {
  const settings = { ...DEFAULTS, auto: "until_accuracy", target: 0.95, patience: 30, deepen: "identity_layer", criterion: "mix" };
  const spec = growthSpec(settings);
  assert.deepEqual(spec.schedule, { kind: "until_accuracy", patience: 30, accuracy: 0.95, births: 8 });
  const back = fromGrowth(spec);
  assert.deepEqual(Object.fromEntries(Object.keys(back).map((name) => [name, settings[name]])), back);
  assert.deepEqual(scheduleSpec(DEFAULTS), { kind: "by_hand" });
});

test("a shared view keeps every change, a fold by hand and the question of a shown one too", () => {
  const line = { kind: "grow", rule: { kind: "line", layer: 0, a: [0, 0.5], b: [1, -0.5], side: 1 } };
  const asked = { step: 7, command: { kind: "preview", rule: { kind: "folding" } } };
  const changes = [
    { step: 3, command: { kind: "grow", rule: { kind: "gradmax", layer: 1 } } }, { step: 5, command: line },
    ...changesOf({ step: 9, command: { kind: "grow", rule: { kind: "folding" }, proposed: true }, refused: "" }, false, asked),
    ...changesOf({ step: 12, command: { kind: "undo_growth" }, refused: "" }, false),
  ];
  assert.deepEqual(changes.map(({ command }) => command.kind), ["grow", "grow", "preview", "grow", "undo_growth"]);
  assert.deepEqual(decode(encode({ ...DEFAULTS, changes })).changes, changes);
  assert.deepEqual(changesOf({ step: 9, command: line, refused: "no" }, false), []);
});

const birth = (step, unit, more = {}) => ({ step, seq: 1, epoch: step / 8, kind: "grown", layer: 0, unit, k_new: 1, method: "folding", explanation: {}, gain: 0.02, ...more });
const frame = (step, units) => ({ kind: "frame", step, seq: 2, epoch: step / 8, units: [Int32Array.from(units)], active_share: [Float32Array.from(units, () => 0.5)] });

test("a birth that was taken back is not shown from then on", () => {
  const history = new History();
  for (const each of [frame(0, [0]), frame(8, [0, 1]), frame(20, [0])]) history.add(each);
  history.addBirth(birth(8, 1));
  history.takeBack({ step: 20, seq: 1, birth_step: 8, birth_seq: 1 });
  assert.deepEqual(history.frames.map((each) => history.birthsOf(each).length), [0, 1, 0]);
  assert.equal(history.lastBirth(history.last), null);
});

test("a card tells what asked for a neuron, what it promised and what it gave", () => {
  const series = { at: (step) => ({ train_loss: step < 20 ? 0.5 : 0.3 }) };
  const births = [birth(8, 1, { explanation: { instance: 3, class: 1, predicted: 0, cluster_size: 5, cluster_loss: 0.8, loss: 0.5 } }), birth(24, 2)];
  assert.equal(gainHad(births[0], births, series, 16), 0);
  assert.ok(Math.abs(gainHad(births[0], births, series, 99) - 0.2) < 1e-12);
  const shown = { ...frame(40, [0, 1, 2]), fold_point_unit: Object.assign(Int32Array.from([0, 1, 0, 2, 0, 1]), { shape: [3, 2] }) };
  assert.deepEqual(cornersOf(shown, { layer: 0, row: 1 }), [1, 3]);
  const rows = Object.fromEntries(cardRows({ unit: { layer: 0, row: 1 }, frame: shown, birth: births[0], births, series, numbers: null }));
  assert.equal(rows["target mistake"], "point 3 (class 1), predicted 0");
  assert.equal(rows["fold points now"], "2: 1, 3");
  assert.equal(rows["gain predicted"], "0.02");
  assert.match(rows.now, /50 %/);
  assert.equal(dialPath({ angle: [0, Math.PI / 2], objective: [1, 0.5] }, 10), "M10.0 0.0L0.0 -5.0Z");
});

test("options of a rule go into its spec, and rules that look at all layers name none", async () => {
  learnRules(rulesOf({ RunSpec: (await vectors()).schema }));
  const settings = { ...DEFAULTS, hidden: [4, 4], layer: 1, rule: "firefly", ruleOptions: { count: 3 } };
  assert.deepEqual(growthSpec(settings).rule, { kind: "firefly", count: 3 });
  assert.deepEqual(growthSpec({ ...settings, ruleOptions: { layer: 0 } }).rule, { kind: "firefly", layer: 0 });
  assert.deepEqual(growthSpec({ ...settings, rule: "gradmax", ruleOptions: { units: 2 } }).rule, { kind: "gradmax", layer: 1, units: 2 });
  const back = fromGrowth(growthSpec({ ...settings, ruleOptions: { layer: 0, count: 2 } }));
  assert.deepEqual([back.rule, back.ruleOptions, back.layer], ["firefly", { layer: 0, count: 2 }, 0]);
  assert.deepEqual(decode(encode(settings)).ruleOptions, { count: 3 });
});

test("a ranking draws all that was chosen and the best of the others", () => {
  const ranking = Array.from({ length: 30 }, (_, i) => ({ kind: i % 2 ? "new" : "split", layer: 0, unit: i, gain: 1 - i / 20, cost: 1, chosen: i === 0 || i === 25 }));
  const rows = rankingRows(ranking, 5);
  assert.deepEqual(rows.map(({ unit }) => unit), [0, 1, 2, 3, 25]);
  assert.deepEqual([rows[0].share, rows[4].share], [1, 0]);
  assert.deepEqual([rows[0].words, rows[1].words], ["unit 1 of layer 1", "in layer 1"]);
  assert.equal(costsDiffer(ranking), false);
  assert.equal(costsDiffer([{ cost: 1 }, { cost: 2 }]), true);
});
