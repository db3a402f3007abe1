// The margin as a surface over the plane. Pure; a lift as in sheet.mjs.

import { figure } from "../words.mjs";
import { place } from "./sheet.mjs";

const TALL = 0.72; // Half of the height of the box, its floor being 2 by 2.

/** How far each point is from a tie: logit 1 − logit 0 of two classes, else the best logit less the second. */
export function marginsOf({ logits, classes }, count) {
  const margins = new Float32Array(count);
  for (let i = 0; i < count; i += 1) {
    if (classes === 2) { margins[i] = logits[count + i] - logits[i]; continue; }
    let [best, second] = [-Infinity, -Infinity];
    for (let k = 0; k < classes; k += 1) {
      const value = logits[k * count + i];
      if (value > best) [best, second] = [value, best];
      else if (value > second) second = value;
    }
    margins[i] = best - second;
  }
  return margins;
}

/** The lift by the margin; `mesh` is the forward pass over the box. */
export function graphLift({ box }, mesh) {
  const margins = marginsOf(mesh.result, mesh.count);
  const low = margins.reduce((least, value) => Math.min(least, value), 0);
  const most = margins.reduce((top, value) => Math.max(top, value), 0);
  const high = most - low > 1e-9 ? most : low + 1;
  const toZ = (margin) => TALL * place({ low, high })(margin);
  const [toX, toY] = [place({ low: box.x0, high: box.x1 }), place({ low: box.y0, high: box.y1 })];
  return {
    floor: -TALL,
    below: (x, y) => [toX(x), toY(y), -TALL],
    zero: toZ(0),
    ends: [[-TALL, figure(low, 2)], [TALL, figure(high, 2)]].filter(([, words]) => words !== "0"),
    spread(points, result, count) {
      const out = new Float32Array(3 * count);
      const heights = marginsOf(result, count);
      for (let i = 0; i < count; i += 1) out.set([toX(points[i]), toY(points[count + i]), toZ(heights[i])], 3 * i);
      return out;
    },
  };
}
