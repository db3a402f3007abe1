// The cells of a landscape as far as they are known, row by row from the lowest. Pure.

export const NAMES = ["train_loss", "train_accuracy", "test_loss", "test_accuracy"];
export const UNKNOWN = 0;
export const FINE = 1;
export const BROKEN = 2; // Measured, but not a finite number.

export class Cells {
  constructor(columns, rows = 1) {
    Object.assign(this, { columns, rows, count: 0, version: 0 });
    this.known = new Uint8Array(columns * rows);
    this.values = NAMES.map(() => new Float32Array(columns * rows).fill(NaN));
  }

  get total() { return this.columns * this.rows; }

  /** Take in a block: `index` (m,) and `values` (4, m). Saying a cell twice changes nothing. */
  add(index, values) {
    const m = index.length;
    for (let i = 0; i < m; i += 1) {
      const cell = index[i];
      if (cell >= this.total) continue;
      this.count += this.known[cell] ? 0 : 1;
      this.known[cell] = 1;
      for (let k = 0; k < NAMES.length; k += 1) this.values[k][cell] = values[k * m + i];
    }
    this.version += 1;
  }

  of(name) { return this.values[NAMES.indexOf(name)]; }

  /** What is known of one cell, or null. */
  at(cell) {
    if (!this.known[cell]) return null;
    return Object.fromEntries(NAMES.map((name, k) => [name, this.values[k][cell]]));
  }

  /** Lowest and highest finite value, or null; what is not finite does not touch them. */
  limits(name) {
    let [low, high] = [Infinity, -Infinity];
    for (const value of this.of(name)) if (Number.isFinite(value)) { low = Math.min(low, value); high = Math.max(high, value); }
    return low <= high ? [low, high] : null;
  }

  /** Known cells without a finite value. */
  broken(name) {
    const values = this.of(name);
    return this.known.reduce((sum, known, cell) => sum + (known && !Number.isFinite(values[cell]) ? 1 : 0), 0);
  }

  /**
   * Values everywhere: a cell that is not known yet has that of the nearest that is. `state` tells a cell without a
   * finite value (BROKEN) and, while nothing is known, UNKNOWN.
   */
  filled(name) {
    if (this.kept?.name !== name || this.kept.version !== this.version) this.kept = { name, version: this.version, ...this.#filled(name) };
    return this.kept;
  }

  #filled(name) {
    const { columns, rows, total } = this;
    const values = this.of(name).slice();
    const state = new Uint8Array(total);
    const queue = new Uint32Array(total);
    let end = 0;
    for (let cell = 0; cell < total; cell += 1) {
      if (!this.known[cell]) continue;
      state[cell] = Number.isFinite(values[cell]) ? FINE : BROKEN;
      queue[end] = cell;
      end += 1;
    }
    const spread = (from, to) => {
      if (state[to]) return;
      state[to] = state[from];
      values[to] = values[from];
      queue[end] = to;
      end += 1;
    };
    for (let start = 0; end < total && start < end; start += 1) {
      const cell = queue[start];
      const column = cell % columns;
      if (column > 0) spread(cell, cell - 1);
      if (column < columns - 1) spread(cell, cell + 1);
      if (cell >= columns) spread(cell, cell - columns);
      if (cell < (rows - 1) * columns) spread(cell, cell + columns);
    }
    return { values, state };
  }
}

const FINEST = 251; // Points a side from which on finer lines would not be seen.

/** Every few cells of a large grid: {values, state, columns, rows, stride}; lines are drawn on it. */
export function thinned({ values, state }, columns, rows) {
  const stride = Math.max(1, Math.ceil((Math.max(columns, rows) - 1) / (FINEST - 1)));
  if (stride === 1) return { values, state, columns, rows, stride };
  const [wide, tall] = [Math.floor((columns - 1) / stride) + 1, Math.floor((rows - 1) / stride) + 1];
  const places = Uint32Array.from({ length: wide * tall }, (_, i) => Math.floor(i / wide) * stride * columns + (i % wide) * stride);
  return { values: Float32Array.from(places, (at) => values[at]), state: Uint8Array.from(places, (at) => state[at]), columns: wide, rows: tall, stride };
}

/** The index of the coordinate nearest to a value among evenly spaced ones. */
export function nearest(axis, value) {
  if (axis.length < 2) return 0;
  const place = Math.round(((value - axis[0]) / (axis.at(-1) - axis[0])) * (axis.length - 1));
  return Math.max(0, Math.min(axis.length - 1, place));
}

/** Join ranges that may be missing. */
export function joined(...ranges) {
  const found = ranges.filter(Boolean);
  return found.length ? [Math.min(...found.map(([low]) => low)), Math.max(...found.map(([, high]) => high))] : null;
}
