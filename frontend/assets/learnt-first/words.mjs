/** What the page says about who is learnt first: sorted curves, numbers. Pure. */

import { whole } from "../runs/words.mjs";

export const PARTS = { all: "all points", clean: "clean points", corrupted: "corrupted points" };

/**
 * The curve of points sorted by how often they were right, `[[share of points, share of runs], …]`, from how many were
 * right in 0, 1, … R runs; where less than half a point is expected, none is drawn.
 */
export function sortedCurve(counts) {
  const all = counts.reduce((sum, count) => sum + count, 0);
  let before = 0;
  return counts.flatMap((count, right) => {
    const from = before / all;
    before += count;
    return count >= 0.5 ? [[from, right / (counts.length - 1)], [before / all, right / (counts.length - 1)]] : [];
  });
}

/** How much more the counts vary than by chance. */
export const excessWords = (excess) => (excess === null ? "–" : `×${Number(excess.toPrecision(3))}`);

/** What a study is, in a few words. */
export const shape = ({ base, runs, epochs }) => `${base.data.kind} · net ${base.net.hidden.join("-") || base.net.wiring} · ${whole(runs)} runs of ${epochs === 1 ? "an epoch" : `${epochs} epochs`} · random labels ${base.corrupt?.labels ?? 0} · seed ${base.seed}`;
