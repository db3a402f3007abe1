// What the curvature probes of a run have said so far, by kind; and curves made of it. Pure.

const KINDS = ["curvature", "slice", "traces", "density", "noise", "sharpness", "directions"];
const MOST = 3000; // Of one kind; beyond, every second of the older half is forgotten.

/** A slice is one of several directions, all else stands alone. */
const nameOf = (event) => (event.kind === "slice" ? `slice ${event.direction ?? 1}` : event.kind);

export class Measured {
  constructor() {
    this.lists = new Map();
    this.count = 0;
  }

  /** Take an event in if it is a measurement; says whether it was. */
  add(event) {
    if (!KINDS.includes(event.kind)) return false;
    const name = nameOf(event);
    const list = this.lists.get(name) ?? [];
    if (list.length && list.at(-1).step > event.step) return true;
    if (list.at(-1)?.step === event.step) list.pop();
    list.push(event);
    this.lists.set(name, list.length > MOST ? list.filter((_, i) => i % 2 === 0 || i > MOST / 2) : list);
    this.count += 1;
    return true;
  }

  list(name) { return this.lists.get(name) ?? []; }
  last(name) { return this.list(name).at(-1) ?? null; }

  /** The newest of a kind measured until a step, or null. */
  at(name, step) {
    const list = this.list(name);
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle].step <= step) low = middle + 1;
      else high = middle;
    }
    return low ? list[low - 1] : null;
  }

  /** How many of the sharpest directions have a slice. */
  get directions() {
    let most = 0;
    while (this.lists.has(`slice ${most + 1}`)) most += 1;
    return most;
  }

  cutAfter(step) {
    for (const [name, list] of this.lists) this.lists.set(name, list.filter((event) => event.step <= step));
  }
}

const known = (value) => (Number.isFinite(value) ? value : null);

/** A curve over the epochs: what `pick` finds in each event, a gap where that is not known. */
export function curve(list, pick) {
  return { x: list.map(({ epoch }) => epoch), y: list.map((event) => known(pick(event))) };
}

/** The epochs at which `pick` was asked for and not found: where a curve has its gaps. */
export const missed = (list, pick) => list.filter((event) => pick(event) !== undefined && !Number.isFinite(pick(event))).map(({ epoch }) => epoch);

/** Where η λ/2 crosses 1, from one measurement to the next: [{epoch, edge, up}]. Gaps and unknown values cross nothing. */
export function crossings(list) {
  const found = [];
  for (let i = 1; i < list.length; i += 1) {
    const [before, after] = [list[i - 1], list[i]].map(({ lambda_max: lambda, edge }) => (Number.isFinite(lambda) ? lambda / edge : NaN));
    if (!(before < 1 && after >= 1) && !(before >= 1 && after < 1)) continue;
    const share = (1 - before) / (after - before);
    found.push({ epoch: list[i - 1].epoch + share * (list[i].epoch - list[i - 1].epoch), edge: list[i].edge, up: after >= 1 });
  }
  return found;
}

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
