// Frames, points and nets of runs, fetched once and again when a run has gone on.

import { readData, readFrames, readRun } from "../api.mjs";
import { netOfFrame } from "../forward.mjs";
import { dataBox } from "../plane.mjs";

const MOST = 160;
const KEPT = 12;

export class Films {
  /** `came()` is called when something has arrived. */
  constructor(came) {
    this.came = came;
    this.films = new Map();
  }

  /** The film of a run as far as it is there: `{frames, data, box, net(frame)}`, or null. */
  of(run) {
    const last = run.updates.at(-1) ?? 0;
    const known = this.films.get(run.id);
    if (!known || (known.last < last && !known.loading)) this.#load(run.id, last, known);
    return this.films.get(run.id)?.film ?? null;
  }

  async #load(id, last, known) {
    const entry = { film: known?.film ?? null, last, loading: true };
    this.films.set(id, entry);
    while (this.films.size > KEPT) this.films.delete(this.films.keys().next().value);
    try {
      const [frames, data, { spec }] = await Promise.all([readFrames(id, { most: MOST }), known?.film?.data ?? readData(id), readRun(id)]);
      const box = dataBox(data);
      entry.film = { frames: frames.filter(({ kind }) => kind === "frame"), data, box, net: (frame) => netOfFrame(frame, spec.net, box) };
    } catch { entry.failed = true; }
    entry.loading = false;
    this.came();
  }

  failed(id) { return Boolean(this.films.get(id)?.failed); }
}
