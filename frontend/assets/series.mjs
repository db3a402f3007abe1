// Rows of numbers over the steps of a run, and what of them is worth drawing.

export const COLUMNS = [
  "epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "gradient_norm", "lr", "neurons", "parameters",
];

/** A table that grows; a row whose step is not larger than the last is a duplicate and left out. */
export class Series {
  constructor(columns = COLUMNS) {
    this.names = columns;
    this.length = 0;
    this.duplicates = 0;
    this.steps = new Float64Array(256);
    this.columns = columns.map(() => new Float32Array(256));
  }

  get lastStep() { return this.length ? this.steps[this.length - 1] : -1; }

  #room() {
    if (this.length < this.steps.length) return;
    const larger = (array) => { const next = new array.constructor(array.length * 2); next.set(array); return next; };
    this.steps = larger(this.steps);
    this.columns = this.columns.map(larger);
  }

  push(step, values) {
    if (step <= this.lastStep) { this.duplicates += 1; return false; }
    this.#room();
    this.steps[this.length] = step;
    this.columns.forEach((column, i) => { column[this.length] = values[i]; });
    this.length += 1;
    return true;
  }

  /** Take in a block: steps (n,), values (n, columns) row-major. */
  append(steps, values) {
    const width = values.length / Math.max(1, steps.length);
    for (let row = 0; row < steps.length; row += 1) this.push(steps[row], values.subarray(row * width, (row + 1) * width));
  }

  column(name) { return this.columns[this.names.indexOf(name)].subarray(0, this.length); }

  /** Row at or before a step as an object, or null. */
  at(step) {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.steps[middle] <= step) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return null;
    return Object.fromEntries(this.names.map((name, i) => [name, this.columns[i][low - 1]]));
  }

  /** Forget the rows after a step. */
  cutAfter(step) { while (this.length && this.lastStep > step) this.length -= 1; }
}

/**
 * Rows left out: distances between neighbouring rows larger than what is measured.
 * `spacing(step)` is the largest distance a row at this step may have from the row before.
 */
export function countGaps(steps, spacing) {
  let gaps = 0;
  for (let i = 1; i < steps.length; i += 1) if (steps[i] - steps[i - 1] > spacing(steps[i])) gaps += 1;
  return gaps;
}

/** Thin a line to about `most` points, keeping the lowest and the highest of every bucket. */
export function decimate(xs, ys, most = 800) {
  const count = xs.length;
  if (count <= most) return { x: Array.from(xs), y: Array.from(ys, finite) };
  const buckets = Math.floor(most / 2);
  const x = [];
  const y = [];
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const from = Math.floor((bucket * count) / buckets);
    const to = Math.floor(((bucket + 1) * count) / buckets);
    let low = from;
    let high = from;
    for (let i = from; i < to; i += 1) {
      if (ys[i] < ys[low] || Number.isNaN(ys[low])) low = i;
      if (ys[i] > ys[high] || Number.isNaN(ys[high])) high = i;
    }
    for (const i of low <= high ? [low, high] : [high, low]) { x.push(xs[i]); y.push(finite(ys[i])); }
  }
  x.push(xs[count - 1]);
  y.push(finite(ys[count - 1]));
  return { x, y };
}

const finite = (value) => (Number.isFinite(value) ? value : null);
