// What the curvature probes of a run have said so far, by kind; and curves made of it. Pure.

import { figure } from "../words.mjs";

const KINDS = ["validation", "curvature", "slice", "traces", "density", "noise", "sharpness", "directions", "memorisation", "layer_gradients", "tunnel", "saddle", "topology", "nudged", "oscillation", "hills", "hill_slice", "critical_region", "novelty", "iterative", "scalars"];
const MOST = 3000; // Of one kind; beyond, every second of the older half is forgotten.

/** A slice is one of several directions, scalars are those of a probe, all else stands alone. */
function nameOf({ kind, direction, probe }) {
  if (kind === "slice") return `slice ${direction ?? 1}`;
  return kind === "scalars" ? scalarsOf(probe) : kind;
}
const SCALARS = "scalars ";
export const scalarsOf = (probe) => `${SCALARS}${probe}`;

/** The variant of an exact count of critical points. */
export const variantOfRegion = (radius, part = "train") => `r = ${radius}, ${part}`;

const WORDS = {
  slice: ({ radius }) => (radius === undefined ? "" : `±${percent(radius)}`),
  density: ({ matrix }) => (matrix ?? "").replaceAll("_", " "),
  noise: ({ k }) => `K = ${k}`,
  sharpness: ({ rho, adaptive_rho: adaptive }) => `ρ = ${rho}, ${adaptive}`,
  critical_region: ({ radius, part }) => variantOfRegion(radius, part),
  novelty: ({ representation, buckets }) => `${representation}, ${buckets} buckets`,
  iterative: ({ part, points }) => `${points} ${part === "test" ? "test" : "training"} points`,
  memorisation: ({ radius }) => `r = ${radius}`,
  tunnel: ({ rise, scale, draws, largest }) => `+${rise}, ${scale === "unit" ? "parameter units" : "neuron sizes"}, ${draws} rays up to ${figure(largest)}`,
  topology: ({ axes, reach, side }) => `${axes}, ±${reach}, ${side} × ${side}`,
  directions: ({ values }) => `K = ${values?.length ?? 0}`,
  oscillation: ({ values }) => `K = ${values?.length ?? 0}`,
};
const percent = (share) => `${Number((100 * share).toPrecision(3))} %`;

/** The settings of its probe that an event's numbers depend on, in words: with others they are another measure. */
const variantOf = (event) => WORDS[event.kind]?.(event) ?? "";

/** Two measurements of one moment by probes that look for different things. */
function joined(before, event) {
  const [{ values = [] }, { values: more = [] }] = [before, event];
  return {
    ...before, ...event, ...(values.length > more.length ? { values, residuals: before.residuals } : {}),
    flatness: { ...before.flatness, ...event.flatness },
    ...(Number.isFinite(event.smallest_residual) ? {} : { smallest: before.smallest, smallest_residual: before.smallest_residual }),
  };
}

export class Measured {
  constructor() {
    this.lists = new Map(); // By name, and by variant within it, in the order in which they came.
    this.newest = new Map(); // The variant of each name that was heard last.
    this.count = 0;
  }

  /** Take an event in if it is a measurement; says whether it was. */
  add(event) {
    if (!KINDS.includes(event.kind)) return false;
    const [name, variant] = [nameOf(event), variantOf(event)];
    if (!this.lists.has(name)) this.lists.set(name, new Map());
    const list = this.lists.get(name).get(variant) ?? [];
    if (list.length && list.at(-1).step > event.step) return true;
    const before = list.at(-1)?.step === event.step ? list.pop() : null;
    list.push(before && event.kind === "curvature" ? joined(before, event) : event);
    this.lists.get(name).set(variant, list.length > MOST ? list.filter((_, i) => i % 2 === 0 || i > MOST / 2) : list);
    this.newest.set(name, variant);
    this.count += 1;
    return true;
  }

  /** The variants of a name, in words; one without words where its probe has nothing to tell apart. */
  variants(name) { return [...(this.lists.get(name)?.keys() ?? [])]; }

  /** All of one variant; of the one heard last, if none is named. */
  list(name, variant = this.newest.get(name)) { return this.lists.get(name)?.get(variant) ?? []; }
  last(name) { return this.list(name).at(-1) ?? null; }

  /** The newest of a kind measured until a step, or null. */
  at(name, step, variant = undefined) {
    const list = this.list(name, variant);
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle].step <= step) low = middle + 1;
      else high = middle;
    }
    return low ? list[low - 1] : null;
  }

  /** The same with one variant of one name alone. */
  only(name, variant) {
    const chosen = (asked) => (asked === name ? variant : undefined);
    return { list: (asked) => this.list(asked, chosen(asked)), at: (asked, step) => this.at(asked, step, chosen(asked)) };
  }

  /** Kinds of the probes that tell plain numbers. */
  get plain() { return [...this.lists.keys()].filter((name) => name.startsWith(SCALARS)).map((name) => name.slice(SCALARS.length)); }

  /** How many of the sharpest directions have a slice. */
  get directions() {
    let most = 0;
    while (this.lists.has(`slice ${most + 1}`)) most += 1;
    return most;
  }

  cutAfter(step) {
    for (const variants of this.lists.values()) for (const [variant, list] of variants) variants.set(variant, list.filter((event) => event.step <= step));
  }
}

const known = (value) => (Number.isFinite(value) ? value : null);

/** A curve over the epochs: what `pick` finds in each event, a gap where that is not known. */
export function curve(list, pick) {
  return { x: list.map(({ epoch }) => epoch), y: list.map((event) => known(pick(event))) };
}

/** The epochs at which `pick` was asked for and not found: where a curve has its gaps. */
export const missed = (list, pick) => list.filter((event) => pick(event) !== undefined && !Number.isFinite(pick(event))).map(({ epoch }) => epoch);

/** The parabola that a slice's own loss, slope and eigenvalue make, over its distances. */
export function parabola({ t, train, slope, lambda_max: lambda }) {
  const loss = train[t.length >> 1];
  return Array.from(t, (distance) => loss + slope * distance + 0.5 * lambda * distance * distance);
}

/** The loss on a slice at a distance, between its points. */
export function lossAt({ t, train }, distance) {
  const place = Math.max(0, Math.min(t.length - 1.001, ((distance - t[0]) / (t.at(-1) - t[0])) * (t.length - 1)));
  const low = Math.floor(place);
  return train[low] + (place - low) * (train[low + 1] - train[low]);
}
