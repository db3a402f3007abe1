// One landscape as the server measures it: asked for, read, followed, stopped, gone on with.

import { getJson, send } from "../api.mjs";
import { follow } from "../follow.mjs";
import { readBase64 } from "../wire.mjs";
import { Cells } from "./cells.mjs";
import { PlaneCells } from "./plane-cells.mjs";
import { isOver } from "../states.mjs";

const at = (id) => `/api/landscapes/${encodeURIComponent(id)}`;

/** Read a row: its plain values with its arrays decoded. */
export function readRow({ arrays, ...row }) {
  return { ...row, arrays: Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, readBase64(array)])) };
}

/** What is known of a landscape, row by row. */
export class Known {
  constructor() { Object.assign(this, { ground: null, cells: null, ways: null, spectra: null, topologies: null, onward: null }); }

  take(raw) {
    const row = readRow(raw);
    if (row.key === "ground") this.#lay(row);
    else if (row.key.startsWith("way.")) this.ways = { ...this.ways, [row.key.slice(4)]: row };
    else if (row.key === "onward") this.onward = row;
    else if (row.key.startsWith("spectrum.")) this.spectra = { ...this.spectra, [row.key.slice(9)]: row };
    else if (row.key.startsWith("topology.")) this.topologies = { ...this.topologies, [row.key.slice(9)]: row };
    else this.cells?.add(row.arrays.index, row.arrays.values);
  }

  #lay(ground) {
    this.ground = ground;
    const { t, axis_x: x, axis_y: y } = ground.arrays;
    if (ground.planes) this.cells = new PlaneCells(ground.planes.resolution, ground.pairs.length);
    else if (t || x) this.cells = new Cells((t ?? x).length, y?.length ?? 1);
  }
}

export class Job {
  /** `changed()` after anything is known; `failed(error)` when the server refuses; `line(state)` tells the connection. */
  constructor({ changed, failed, line = () => {} }) {
    Object.assign(this, { changed, failed, line, known: new Known(), summary: null, spec: "" });
    this.turn = 0;
    this.left = new Set();
    this.end = () => {};
  }

  get busy() { return Boolean(this.summary) && !isOver(this.summary); }

  /** Show the landscape of a spec; the same one again changes nothing. One that is left unfinished is stopped. */
  async show(spec) {
    const text = JSON.stringify(spec);
    if (text === this.spec) return;
    if (this.busy) this.#leave(this.summary.id);
    this.forget();
    this.spec = text;
    if (!spec) { this.changed(); return; }
    const turn = this.turn;
    try {
      const made = await send("POST", "/api/landscapes", spec);
      if (turn !== this.turn) return;
      if (made.state === "stopped" && this.left.delete(made.id)) await send("POST", `${at(made.id)}/resume`);
      await this.#read(made.id, turn);
    } catch (error) {
      if (turn === this.turn) { this.spec = ""; this.failed(error); }
    }
  }

  /** Let a landscape be that nobody looks at now; when it is asked for again it goes on by itself. */
  #leave(id) {
    this.left.add(id);
    send("POST", `${at(id)}/stop`).catch(() => {});
  }

  async #read(id, turn) {
    const found = await getJson(at(id));
    if (turn !== this.turn) return;
    const known = new Known();
    for (const row of found.rows) known.take(row);
    this.summary = found;
    this.known = known;
    if (!isOver(found)) this.#follow(found, turn);
    this.changed();
  }

  #follow({ id, last }, turn) {
    this.end();
    let tries = 0;
    this.end = follow(at(id), last, {
      live: () => { tries = 0; this.line({ state: "live" }); },
      lost: () => { this.line({ state: "lost", since: Date.now(), tries }); tries += 1; },
      state: (word) => { Object.assign(this.summary, { state: word }); this.changed(); },
      end: () => { this.line(null); if (turn === this.turn) this.#read(id, turn).catch(this.failed); },
      progress: (told) => {
        for (const row of told.rows) this.known.take(row);
        Object.assign(this.summary, { state: "running", share: told.share, doing: told.doing, left_s: Number(told.left_s || NaN), estimate_s: told.estimate_s ?? this.summary.estimate_s });
        this.changed();
      },
    });
  }

  async stop() {
    if (!this.busy) return;
    Object.assign(this.summary, { stopping: true });
    this.changed();
    await send("POST", `${at(this.summary.id)}/stop`).catch(this.failed);
  }

  async resume() {
    const turn = this.turn;
    await send("POST", `${at(this.summary.id)}/resume`).then(() => this.#read(this.summary.id, turn), this.failed);
  }

  /** The address of its cells as a file, or null. */
  get file() { return this.summary ? `${at(this.summary.id)}/cells?format=csv` : null; }

  forget() {
    this.turn += 1;
    this.end();
    this.end = () => {};
    Object.assign(this, { known: new Known(), summary: null, spec: "" });
  }
}
