/** What the page says of a sweep: what it costs, where it stands, what its measures are called. Pure. */

import { isOutcome, labelOf, names, probeOf } from "../../measures/declared.mjs";
import { duration, whole } from "../../runs/words.mjs";
import { GRANULARITIES } from "../../vocabulary.mjs";

/** The column of a granularity, and what tells it from the others. */
const granularityColumn = (granularity) => `lambda_${granularity}`;
export const granularityWords = (granularity) => labelOf(granularityColumn(granularity)).replace("λ ", "");

/** What may decide a sweep: `[name, label]` of losses, scores, and what it can measure. */
export function deciding({ base, measure, primary }) {
  const kinds = [...(measure.probes ?? []).map(({ kind }) => kind), ...(base?.terms?.length ? ["terms"] : [])];
  const plain = [...GRANULARITIES.map(granularityColumn), "trace", primary.measure];
  return names().filter((name) => plain.includes(name) || isOutcome(name) || kinds.includes(probeOf(name))).map((name) => [name, labelOf(name)]);
}

/** What a sweep will take, in one line. */
export function sweepCostWords(estimate) {
  return `${whole(estimate.runs)} ${estimate.runs === 1 ? "run" : "runs"} · ${whole(estimate.updates)} updates · ${estimate.is_known === false ? "how long is known once its runs have made their nets" : `about ${duration(Math.max(1, estimate.seconds))}`}`;
}

/** A preset in the list to choose from: what it takes here, and what has to come first. */
export function presetWords({ title, runs, seconds, needs }) {
  return [title, `${whole(runs)} runs, about ${duration(Math.max(1, seconds))}`, ...needsWords(needs)].join(" · ");
}

/** What has to come to this machine first, in few words. */
export function needsWords(needs) {
  const called = (by) => needs.filter(({ comes }) => comes === by).map(({ what }) => what.replaceAll("_", " ")).join(", ");
  return [called(false) && `needs ${called(false)}`, called(true) && `downloads ${called(true)}`].filter(Boolean);
}

/** Presets under their headings, `[heading, [[key, preset], …]]`, in their order. */
export function byGroup(presets) {
  const groups = new Map();
  for (const [key, one] of Object.entries(presets)) groups.set(one.group, [...(groups.get(one.group) ?? []), [key, one]]);
  return [...groups];
}

/** What its test could show. */
export function floorWords({ pairs, floor, threads, memory_mb: memory }) {
  const used = `${threads === 1 ? "One processor" : `${threads} processors`}, ${Math.max(1, Math.round(memory))} MB.`;
  return `${used} ${leastWords(pairs, floor)}`;
}

function leastWords(pairs, floor) {
  const least = floor >= 0.001 ? floor.toFixed(floor < 0.1 ? 3 : 2) : floor.toExponential(0);
  return pairs < 6
    ? `${pairs} ${pairs === 1 ? "pair" : "pairs"}: p cannot go below ${least}, so nothing can be decided; 6 pairs reach 0.031.`
    : `${pairs} pairs: p can reach ${least}.`;
}

/** Where a sweep stands, in one sentence. */
export function standing(sweep) {
  if (sweep.state === "queued") {
    const place = sweep.place > 0 ? `${whole(sweep.place)} before it` : "next in the queue";
    return [sweep.message, `Waiting: ${place}.`].filter(Boolean).join(" ");
  }
  if (sweep.state === "running") return sweep.stopping ? "Stopping…" : sweep.doing || "Beginning…";
  if (sweep.state === "done") return [`Done: ${sweep.doing}, in ${duration((sweep.ended - sweep.started) / 1000)}.`, tooFew(sweep)].filter(Boolean).join(" ");
  return [sweep.message || `${sweep.state}.`, sweep.doing && `(${sweep.doing})`].filter(Boolean).join(" ");
}

/** What a finished sweep of too few pairs could never have shown; empty where there are enough, or nothing is compared. */
function tooFew({ spec, kind }) {
  const pairs = spec?.seeds?.length ?? 0;
  return kind === "try" || !pairs || pairs >= 6 || !comparedAxis(spec) ? "" : leastWords(pairs, 2 ** (1 - pairs));
}

export const canGoOn = (sweep) => ["stopped", "failed"].includes(sweep?.state);

/** The measure that is drawn: the one that decides if a probe tells it, else the first that was measured. */
export function drawnMeasure(spec) {
  const { measure } = spec.primary;
  if (probeOf(measure)) return measure;
  const [kind] = (spec.measure.probes ?? []).map((probe) => probe.kind);
  return spec.measure.flatness.length > 0 ? granularityColumn(spec.measure.flatness[0]) : names().find((name) => kind && probeOf(name) === kind) ?? "train_loss";
}

/** The address at which a sweep is compared as its question says. */
export function sweepCompareAddress({ id, spec }) {
  const fields = new Set(Object.values(spec.vary[comparedAxis(spec)] ?? {}).flatMap(Object.keys));
  const said = new URLSearchParams({ sweep: id, by: spec.primary.align, measure: drawnMeasure(spec) });
  if (fields.size === 1) said.set("contrast", [...fields][0]);
  return `/compare?${said}`;
}

/** The axis that is compared. */
export const comparedAxis = (spec) => spec.primary.compare || Object.keys(spec.vary)[0] || "";
