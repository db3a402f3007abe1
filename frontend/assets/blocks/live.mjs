// The blocks of a run's net as it is at a moment: what growth has made of it is asked of the server once a structure.

import { planNet } from "../api.mjs";
import { BlockDrawing } from "./drawing.mjs";

const KEPT = 64;

/** The stages of a structure as frames tell it: inner widths, a 0 behind each stage. Pure. */
export function stagesOf(told) {
  const stages = [[]];
  for (const width of told) {
    if (width) stages.at(-1).push(width);
    else stages.push([]);
  }
  return stages.slice(0, -1);
}

/** How many inner units of each block are active on no training point. Pure. */
export const deadOf = (shares) => Array.from(shares ?? [], (share) => share.reduce((sum, each) => sum + (each === 0), 0));

export class LiveBlocks {
  /** `changed()` is called when an answer has come; `look` is that of the drawing. */
  constructor(changed, look = {}) {
    this.changed = changed;
    this.drawing = new BlockDrawing(look);
    this.root = this.drawing.root;
    this.plans = new Map(); // structure -> what the server told of it, or null while it is asked
  }

  /** Draw the net of a frame; before its first frame, as it begins. */
  draw({ data, net }, frame) {
    const structure = frame?.structure ? stagesOf(frame.structure) : null;
    const key = JSON.stringify([data, net, structure]);
    const plan = this.plans.get(key);
    if (plan === undefined) this.#ask(key, data, net, structure);
    if (!plan) return;
    this.plan = plan;
    this.drawing.draw(plan, deadOf(frame?.active_share));
  }

  async #ask(key, ...asked) {
    this.plans.set(key, null);
    while (this.plans.size > KEPT) this.plans.delete(this.plans.keys().next().value);
    const told = await planNet(...asked).catch(() => null);
    if (this.closed || !told) return;
    this.plans.set(key, told);
    this.changed();
  }

  /** What the inner block of a number is called, as growth counts them. */
  blockOf(number) { return this.names[number] ?? null; }

  /** What the blocks that have inner units are called. */
  get names() { return this.plan?.blocks.filter(({ inner }) => inner !== null).map(({ name }) => name) ?? []; }

  close() {
    this.closed = true;
    this.drawing.close();
  }
}
