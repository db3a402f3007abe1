/** What the page says about a study: counts, shares, states. Pure. */

import { whole } from "../runs/words.mjs";
import { tenths } from "../words.mjs";

/** Which of a study's rows belong to which data set, in their order: `[["sine", [row, …]], …]`. */
export function bySet(rows) {
  const sets = new Map();
  for (const row of rows) sets.set(row.data, [...(sets.get(row.data) ?? []), row]);
  return [...sets];
}

/** How many cells of a strip are filled how far: nets that reach the best, that come within 0.01 of it, and all. */
export function stripLevels(row, cells) {
  const reached = row.tally ? [row.tally.within[0], row.tally.within[2]] : [0, 0];
  return [...reached.map((count) => Math.round((count / row.nets) * cells)), cells];
}

/** Cells of a strip: one a net, or a thousand where there are more. */
export const stripCells = (nets) => Math.min(nets, 1000);

/** The number that stands beside a strip. */
export function headline(row) {
  if (!row.tally) return { number: "", words: "" };
  return { number: whole(row.tally.within[0]), words: `of ${whole(row.nets)} · ${tenths(row.tally.within[0], row.nets)}` };
}

/** What is being done with a row, shortly. */
export function phaseWords(row, steps) {
  if (row.phase === "waiting") return "";
  if (row.phase === "growing") return "growing…";
  if (row.phase === "done") return row.without_fold ? `${whole(row.without_fold)} found no fold and got a random one` : "";
  return `update ${whole(row.done * steps)} of ${whole(steps)}`;
}

/** What a study is, in a few words. */
export function shape(spec) {
  const draws = spec.draws === 1 ? "one draw" : `${whole(spec.draws)} draws`;
  return `${spec.rows.length} × ${whole(spec.nets)} nets · ${spec.sets.join(", ")} · ${draws} · ${whole(spec.steps)} updates · seed ${spec.seed}`;
}
