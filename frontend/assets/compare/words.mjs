// What the page says. Pure.

import { figure } from "../words.mjs";
import { CLOCKS } from "../vocabulary.mjs";

/** A reading of the clock with its unit; of losses another may be given. */
export function reading(value, by, unit = CLOCKS[by].unit) {
  if (!Number.isFinite(value)) return "–";
  const number = by === "updates" || by === "neurons" ? Math.round(value).toLocaleString("en-US") : figure(value);
  return `${number} ${unit}`;
}

/** Where the verdict holds. */
export const pointWords = ({ by, target, unit }) => (target === null ? "not aligned: nothing was measured on this clock" : `at ${CLOCKS[by].equal}: ${reading(target, by, unit)}`);

/** A ratio, or of accuracies a difference, with its interval. */
export function ratioWords({ ratio, low, high, is_ratio: isRatio = true }) {
  if (ratio === null) return "–";
  return `${isRatio ? "×" : ratio < 0 ? "" : "+"}${figure(ratio)}${low === null ? "" : ` [${figure(low)}, ${figure(high)}]`}`;
}

/** Pairs or runs behind a row, and those left out. */
export function pairCountWords({ n, n_second: second, left_out: left }) {
  const size = second === null ? `${n} pair${n === 1 ? "" : "s"}` : `${n} v ${second} runs`;
  return left ? `${size}, ${left} left out` : size;
}

/** One other reading: its clock, a mark, and the ratio where it differs. */
export function otherWords({ by, same, ratio, reading: word }) {
  if (same === null) return { mark: "–", words: `${CLOCKS[by].short} –`, title: `${CLOCKS[by].equal}: no pair has a value there` };
  if (same) return { mark: "✓", words: `${CLOCKS[by].short} ✓`, title: `${CLOCKS[by].equal}: also ${word}, ×${figure(ratio)}` };
  return { mark: "✗", words: `${CLOCKS[by].short} ✗ ×${figure(ratio)}`, title: `${CLOCKS[by].equal}: ${word}, ×${figure(ratio)}` };
}

/** All of a verdict in one sentence, for those who do not see the table. */
export function verdictSentence(row, contrast) {
  const beside = row.others.filter(({ same }) => same !== null);
  const agree = beside.filter(({ same }) => same).map(({ by }) => CLOCKS[by].short);
  const differ = beside.filter(({ same }) => !same).map(({ by, ratio }) => `${CLOCKS[by].short} (×${figure(ratio)})`);
  const others = [agree.length ? `the same by ${agree.join(", ")}` : "", differ.length ? `not by ${differ.join(", ")}` : ""].filter(Boolean).join("; ");
  return `${row.label}, ${contrast.name}: ${ratioWords(row)}, ${row.reading}${others ? `; ${others}` : ""}.`;
}

/** What is still missing from an answer, in sentences. */
export function standingWords({ going, failed = [], empty, missing, groups, runs }) {
  const parts = [];
  const said = (count, one, many) => count && parts.push(count === 1 ? one : many.replace("#", count));
  said(going, "1 run still goes on; the numbers follow it.", "# runs still go on; the numbers follow them.");
  if (failed.length) parts.push(`${failed.length === 1 ? "1 run" : `${failed.length} runs`} failed and ${failed.length === 1 ? "is" : "are"} left out: ${failed[0]}${failed.length > 1 ? " …" : ""}`);
  said(empty.length, "1 run has measured nothing yet.", "# runs have measured nothing yet.");
  said(missing.length, "1 run is no more.", "# runs are no more.");
  const repeated = groups.reduce((sum, group) => sum + group.repeated, 0);
  said(repeated, "1 run is left out because another has its seed.", "# runs are left out because others have their seeds.");
  if (runs.length && !runs.some(({ plane }) => plane)) parts.push("There are no boundaries to show: the points do not lie in the plane, or no frames were kept.");
  if (runs.length && groups.length === 1) parts.push("There is one group only: add another to compare it with.");
  return parts.join(" ");
}

/** What a group of runs is, for the list to choose from. */
export function suggestionWords({ data, net, drawn, hidden, batch, seeds, states }) {
  const running = (states.running ?? 0) + (states.queued ?? 0);
  const parts = [data, drawn === "blocks" ? net : `hidden ${hidden.join("-") || "none"}`, `batch ${batch}`, seeds.length === 1 ? `seed ${seeds[0]}` : `${seeds.length} seeds`];
  return [...parts, running ? `${running} going on` : ""].filter(Boolean).join(" · ");
}
