import assert from "node:assert/strict";
import test from "node:test";

import { arc, blockName, gathered, layout } from "../../frontend/assets/blocks/layout.mjs";
import { blockWords, factWords, legendWords, netWords, rough } from "../../frontend/assets/blocks/words.mjs";

const block = (name, more = {}) => ({ name, out: [16, 8, 8], parameters: 10, multiplications: 100, shortcut: [], stage: 0, inner: 16, layers: ["conv 3×3, 16"], ...more });
const STEM = block("stem", { shortcut: null, stage: -1, inner: null });
const HEAD = block("head", { out: [10], shortcut: null, stage: -1, inner: null, layers: ["linear 10"] });
const NET = [STEM, block("stage1_1"), block("stage2_1", { out: [32, 4, 4], shortcut: ["pixels left out"], stage: 1, inner: 32 }), HEAD];

test("names are written as people read them", () => {
  assert.deepEqual(["stage2_1", "block3", "head", "patch_embedding"].map(blockName), ["stage 2.1", "block 3", "head", "patch embedding"]);
});

test("boxes fit into the width and stand beside one another, and rows below one another", () => {
  for (const width of [316, 426, 900]) {
    const { boxes, input, height, lines } = layout(NET, [1, 8, 8], width);
    const all = [input, ...boxes];
    for (const box of all) {
      assert.ok(box.x >= 0 && box.x + box.width <= width, `${box.name} lies within ${width}`);
      assert.ok(box.y >= 0 && box.y + box.height <= height);
    }
    all.slice(1).forEach((box, i) => assert.ok(box.row > all[i].row || box.x > all[i].x + all[i].width));
    assert.ok(lines.every(([from, , to]) => to > from));
  }
  assert.equal(layout(NET, [1, 8, 8], 900).height * 5, layout(NET, [1, 8, 8], 66).height);
});

test("a box is as high as the picture has rows and as wide as it has channels", () => {
  const [stem, first, second, head] = layout(NET, [1, 8, 8], 900).boxes;
  assert.ok(first.height > second.height);
  assert.ok(first.width < second.width);
  assert.equal(stem.height, first.height);
  assert.ok(head.width < first.width);
});

test("a deep net draws equal neighbours as one box; what has grown stands by itself", () => {
  const same = Array.from({ length: 18 }, (_, i) => block(`stage1_${i + 1}`));
  const drawn = gathered([STEM, ...same, HEAD]);
  assert.deepEqual(drawn.map(({ times }) => times), [1, 18, 1]);
  assert.equal(drawn[1].parameters, 180);
  assert.equal(same[0].parameters, 10);
  same[4] = block("stage1_5", { inner: 17 });
  assert.deepEqual(gathered([STEM, ...same, HEAD]).map(({ times }) => times), [1, 4, 1, 13, 1]);
  assert.equal(gathered(NET).length, NET.length);
});

test("the way around a box is drawn above it", () => {
  const box = layout(NET, [1, 8, 8], 900).boxes[1];
  const ys = [...arc(box, 70).matchAll(/,(-?[\d.]+)/g)].map(([, y]) => Number(y));
  assert.ok(Math.min(...ys) < box.y && Math.min(...ys) >= 0);
});

test("a block says its layers, the way around it and its numbers", () => {
  assert.equal(blockWords(NET[1], 2), "stage 1.1: conv 3×3, 16 · shortcut: as it came · out 16×8×8 · 16 inner units, 2 never active · 10 parameters · 100 multiplications");
  assert.match(blockWords({ ...NET[2], times: 3, until: "stage2_3" }), /^stage 2.1 to stage 2.3, 3 alike: .* · shortcut: pixels left out · out 32×4×4/);
  assert.equal(blockWords(HEAD), "head: linear 10 · out 10 · 10 parameters · 100 multiplications");
});

test("a net says its size", () => {
  assert.deepEqual(factWords({ parameters: 75002, multiplications: 747136, operations: 4482816 }).map(([words]) => words), ["75,002 parameters", "747,136 multiplications a sample", "4.48 million operations a training step"]);
  assert.deepEqual(factWords({ parameters: null, multiplications: null, operations: null }), [["Parameters and compute are known once the run has made the module", "Only the run loads the factory; this page does not."]]);
  assert.deepEqual([999, 1.5e9, 2e12].map(rough), ["999", "1.5 billion", "2 trillion"]);
  assert.equal(netWords({ name: "ResNet-8, width 16", shape: [1, 8, 8], blocks: NET }), "ResNet-8, width 16: 1×8×8 in, 4 blocks, 10 out.");
  assert.match(legendWords({ blocks: NET }), /inner units\. An arc is a shortcut/);
  assert.equal(legendWords({ blocks: [HEAD] }), "");
});
