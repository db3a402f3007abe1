// What is known of an ensemble, from its rows, complete or not. Pure.

import { readRow } from "../landscape/job.mjs";

const PAIR = /^pair\.(\d+)-(\d+)$/;

export class KnownEnsemble {
  constructor(rows = []) {
    this.rows = new Map();
    for (const row of rows) this.take(row);
  }

  /** Take a row in; one of boundaries with its arrays decoded. */
  take(row) { this.rows.set(row.key, row.key.startsWith("boundary.") ? readRow(row) : row); }

  get about() { return this.rows.get("members") ?? null; }

  /** Each member by itself, in the order of the ensemble. */
  get members() { return this.about?.members ?? []; }

  /** The first m together, from m = 1 on, as far as they are known. */
  get added() {
    const found = [];
    for (let m = 1; this.rows.has(`added.${m}`); m += 1) found.push(this.rows.get(`added.${m}`));
    return found;
  }

  /** All of them together, or null. */
  get together() { return this.members.length && this.added.length === this.members.length ? this.added.at(-1) : null; }

  get meanWeights() { return this.rows.get("mean_weights") ?? null; }

  get isPlane() { return Boolean(this.about?.plane); }

  /** The boundary of a member, or of all ("ensemble"), as `{box, lines}`, or null. */
  boundary(which) {
    const row = this.rows.get(`boundary.${which}`);
    return row ? { box: row.box, lines: row.arrays.lines } : null;
  }

  /** The box in which boundaries were traced, as the plane takes it, or null. */
  get box() {
    const row = [...this.rows.values()].find(({ key }) => key.startsWith("boundary."));
    if (!row) return null;
    const [x0, x1, y0, y1] = row.box;
    return { x0, x1, y0, y1 };
  }

  /** A pairwise measure, M × M: null where it means nothing of the two, undefined where it is not measured yet. */
  matrix(name) {
    const size = this.members.length;
    const found = Array.from({ length: size }, () => Array(size).fill(undefined));
    for (const [key, row] of this.rows) {
      const [, first, second] = PAIR.exec(key) ?? [];
      if (first !== undefined && second < size) found[first][second] = found[second][first] = row[name];
    }
    return found;
  }

  /** The mean over the members of one of their scores; NaN where one has none. */
  each(name) {
    const values = this.members.map((member) => member[name] ?? NaN);
    return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : NaN;
  }
}
