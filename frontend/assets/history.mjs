// What the browser remembers of a run: frames in order, and births.

import { compareIds } from "./live.mjs";
import { eventId } from "./wire.mjs";

const MOST_BYTES = 160e6;

const weigh = (value) => {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  return Array.isArray(value) ? value.reduce((sum, part) => sum + weigh(part), 0) : 8;
};

/** Where a unit of this lasting id stands in a frame, {layer, row}; null where it does not. Growth may move it deeper. */
export function placeOfUnit(frame, id) {
  const layer = frame?.units.findIndex((ids) => ids.includes(id)) ?? -1;
  return layer < 0 ? null : { layer, row: frame.units[layer].indexOf(id) };
}

/** Bytes of a frame's arrays. */
const frameBytes = (frame) => Object.values(frame).reduce((sum, value) => sum + weigh(value), 0);

/** Frames of one run (and of its ancestors before the fork), sorted by step and place in the step. */
export class History {
  constructor(mostBytes = MOST_BYTES) {
    this.frames = [];
    this.bytes = 0;
    this.births = [];
    this.restored = null; // That the best moment's net came back at the end, if it did.
    this.mostBytes = mostBytes;
    this.kept = new Set();
  }

  get last() { return this.frames.at(-1) ?? null; }
  get first() { return this.frames[0] ?? null; }
  get length() { return this.frames.length; }

  /** Where a frame of this id stands, or would stand. */
  place(id) {
    let low = 0;
    let high = this.frames.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareIds(eventId(this.frames[middle]), id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Take a frame in; says whether it was new. */
  add(frame) {
    const id = eventId(frame);
    const at = this.place(id);
    if (at < this.frames.length && eventId(this.frames[at]) === id) return false;
    this.frames.splice(at, 0, frame);
    this.bytes += frameBytes(frame);
    if (this.bytes > this.mostBytes) this.thin();
    return true;
  }

  /** Take a birth in; a birth is a `grown` event. */
  addBirth(grown) {
    const id = eventId(grown);
    if (this.births.some((birth) => eventId(birth) === id)) return false;
    this.births.push(grown);
    this.births.sort((a, b) => compareIds(eventId(a), eventId(b)));
    return true;
  }

  /** Take note that a birth was taken back: frames after this no longer show it. */
  takeBack(undone) {
    const birth = this.births.find(({ step, seq }) => step === undone.birth_step && seq === undone.birth_seq);
    if (birth) birth.takenBack = eventId(undone);
  }

  /** The births that a frame shows, the oldest first. */
  birthsOf(frame) {
    if (!frame) return [];
    const id = eventId(frame);
    return this.births.filter((birth) => compareIds(eventId(birth), id) <= 0 && !(birth.takenBack && compareIds(birth.takenBack, id) <= 0));
  }

  /** Index of the last frame at or before a step; the first frame when all are later; -1 when there is none. */
  indexAt(step) {
    const at = this.place(`${step + 1}-0`) - 1;
    return this.frames.length ? Math.max(0, at) : -1;
  }

  /** Index of the first frame that shows a birth. */
  indexOfBirth(grown) { return Math.min(this.frames.length - 1, this.place(eventId(grown))); }

  /** The frame just before a birth: the picture that the new unit must not change. */
  before(grown) { return this.frames[this.place(eventId(grown)) - 1] ?? null; }

  /** The last birth that a frame shows, or null. */
  lastBirth(frame) { return this.birthsOf(frame).at(-1) ?? null; }

  /** The nearest birth after (or before) a frame, or null. */
  birthBeside(frame, direction) {
    const id = eventId(frame);
    const index = (birth) => this.frames[this.indexOfBirth(birth)];
    const side = this.births.filter((birth) => {
      const order = compareIds(eventId(index(birth) ?? birth), id);
      return direction > 0 ? order > 0 : order < 0;
    });
    return (direction > 0 ? side[0] : side.at(-1)) ?? null;
  }

  /** Drop every second frame, but none beside a birth, nor the first and the last. */
  thin() {
    const keep = new Set([0, this.frames.length - 1]);
    for (const birth of this.births) {
      const at = this.place(eventId(birth));
      for (let i = at - 1; i < at + 40; i += 1) keep.add(i);
    }
    this.frames = this.frames.filter((_, i) => i % 2 === 0 || keep.has(i));
    this.bytes = this.frames.reduce((sum, frame) => sum + frameBytes(frame), 0);
  }

  /** Keep only what a fork at this id shares with its parent. */
  cutAfter(id) {
    this.frames = this.frames.filter((frame) => compareIds(eventId(frame), id) <= 0);
    this.births = this.births.filter((birth) => compareIds(eventId(birth), id) <= 0);
    if (this.restored && compareIds(eventId(this.restored), id) > 0) this.restored = null;
    this.bytes = this.frames.reduce((sum, frame) => sum + frameBytes(frame), 0);
  }
}
