// What published numbers and claims come to, in words. Pure.

import { figure } from "../words.mjs";
import { CLOCKS } from "../vocabulary.mjs";
import { isScore, isTold, labelOf, names } from "../measures/declared.mjs";
import { reading } from "./words.mjs";

export const FIRST = ["test_accuracy", "test_matthews", "train_loss"]; // Of the scalars; then comes all that events tell.
const SAYS = { yes: "holds", no: "the opposite holds", open: "undecided" };

/** Columns of our own numbers: those that any row has; the correlation only where it is asked for. */
export function columnsOf({ rows, matthews }) {
  const ours = [...FIRST, ...names().filter(isTold)];
  return ours.filter((name) => (name !== "test_matthews" || matthews) && rows.some((row) => row.ours[name])).map((name) => [name, labelOf(name)]);
}

/** A mean with its spread over seeds and the number of runs behind it. */
export function oursWords(name, told) {
  if (!told || told.mean === null) return "–";
  const said = (value, digits) => (isScore(name) ? value.toFixed(3) : figure(value, digits));
  return `${said(told.mean, 3)}${told.sd === null ? "" : ` ± ${said(told.sd, 2)}`} [${told.n}]`;
}

export const publishedAccuracy = (value) => `${Number((100 * value).toFixed(2))} %`;

/** Published flatness keeps its own digits. */
export const publishedFlatness = (value) => (value === null ? "–" : value < 1e-3 ? figure(value, 3) : value.toLocaleString("en-US", { maximumFractionDigits: 2 }));

/** What became of a claim, in one word and with a mark: failing is said as plainly as holding. */
export function outcome(readings) {
  const count = (holds) => readings.filter((one) => one.holds === holds).length;
  const [yes, no] = [count("yes"), count("no")];
  if (!readings.some(({ pairs }) => pairs)) return { key: "waits", words: "… not judged yet" };
  if (yes === readings.length) return { key: "holds", words: "✓ holds" };
  if (no === readings.length) return { key: "fails", words: "✗ fails" };
  if (yes && no) return { key: "mixed", words: "± mixed: holds and fails" };
  if (yes) return { key: "partly", words: "✓ holds in part" };
  if (no) return { key: "fails", words: "✗ fails in part, holds nowhere" };
  return { key: "open", words: "? undecided" };
}

export const READING_HEADS = ["measure", "at equal", "in", "ratio, difference or ρ [95 %]", "p", "stands on", "here"];

/** One reading as the cells of a table. */
export function readingCells({ measure, by, target, unit, settings, ratio, is_ratio: isRatio = true, scale = isRatio ? "ratio" : "difference", p, pairs, counted = String(pairs), holds, said }) {
  const where = Object.entries(settings).map(([axis, name]) => `${axis} ${name}`).join(", ");
  const clock = target === null ? CLOCKS[by].short : `${CLOCKS[by].name}${by === "loss" || by === "seconds" ? `, ${reading(target, by, unit)}` : `, ${figure(target, 4)}`}`;
  const sign = { ratio: "×", difference: ratio.value < 0 ? "" : "+", rank: ratio.value < 0 ? "ρ " : "ρ +" }[scale];
  const effect = `${sign}${figure(ratio.value ?? 0)}`;
  const numbers = ratio.value === null ? "–" : `${effect}${ratio.low === null ? "" : ` [${figure(ratio.low)}, ${figure(ratio.high)}]`}`;
  return [labelOf(measure), clock, where || "all", numbers, p === null ? "–" : figure(p, 2), counted, said ?? (pairs ? SAYS[holds] : "no pair comes there")];
}
