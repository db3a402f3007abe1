// Which moment is shown: the live one, one of the past, or a slow replay of a birth.

import { compareIds } from "../live.mjs";
import { eventId } from "../wire.mjs";

const LEAD = 6; // Frames shown before the birth.
const TAIL = 60; // And after.
const SLOW = 5; // Frames a second in a replay: a quarter of the usual twenty.

export class Moment {
  /** `newest(history)` gives the index of the frame that is the live one, if that is not the last. */
  constructor(historyNow, changed, newest = (history) => history.length - 1) {
    this.historyNow = historyNow;
    this.changed = changed;
    this.newest = newest;
    this.id = null;
    this.timer = 0;
    this.replayed = null;
  }

  get history() { return this.historyNow(); }
  get live() { return this.id === null; }
  get replaying() { return this.timer !== 0; }
  get index() { return this.live ? this.newest(this.history) : Math.min(this.history.length - 1, this.history.place(this.id)); }
  get frame() { return this.history.frames[this.index] ?? null; }

  #set(index) {
    const frame = this.history.frames[Math.max(0, Math.min(this.history.length - 1, index))];
    this.id = frame ? eventId(frame) : null;
    this.changed();
  }

  stop() { clearInterval(this.timer); this.timer = 0; this.replayed = null; }
  toLive() { this.stop(); this.id = null; this.changed(); }
  toStep(step) { this.stop(); this.#set(this.history.indexAt(step)); }
  toBirth(birth) { this.stop(); this.#set(this.history.indexOfBirth(birth)); }

  /** One frame back or on; going on from the last frame leads back to live. */
  move(by) {
    this.stop();
    const next = this.index + by;
    if (next >= this.history.length) this.toLive();
    else this.#set(next);
  }

  beside(direction) {
    const birth = this.frame && this.history.birthBeside(this.frame, direction);
    if (birth) this.toBirth(birth);
    else if (direction > 0) this.toLive();
    else if (this.history.length) { this.stop(); this.#set(0); }
  }

  /** Show the last birth again, slowly; ends where it began. */
  replay() {
    const birth = this.history.lastBirth(this.frame) ?? this.history.births.at(-1);
    if (!birth) return false;
    const back = this.id;
    this.stop();
    const from = this.history.indexOfBirth(birth);
    const until = Math.min(this.history.length - 1, from + TAIL);
    this.#set(from - LEAD);
    this.replayed = birth;
    this.timer = setInterval(() => {
      if (this.index < until) return this.#set(this.index + 1);
      this.stop();
      this.id = back;
      return this.changed();
    }, 1000 / SLOW);
    return true;
  }

  /** Whether the frame shown is the first that shows this birth. */
  isBirth(birth) {
    const at = birth && this.history.frames[this.history.indexOfBirth(birth)];
    return Boolean(at && this.frame && compareIds(eventId(at), eventId(this.frame)) === 0);
  }
}
