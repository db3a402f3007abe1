// Where the one cross-hair stands: where the pointer looks, else where it was put, else at the newest moment.
// Pure but for the clock of the replay, which is handed in.

export const REPLAY_MS = 12_000;

export class Cross {
  /** `changed()` is called at each move; `tick` asks for the next animation frame. */
  constructor(changed, tick = (call) => requestAnimationFrame(call)) {
    this.changed = changed;
    this.tick = tick;
    this.range = [0, 0];
    this.looked = null;
    this.put = null;
    this.replay = 0;
  }

  get live() { return this.looked === null && this.put === null; }
  get replaying() { return this.replay !== 0; }
  get step() { return this.looked ?? this.put ?? this.range[1]; }
  /** The step that stays when the pointer leaves. */
  get kept() { return this.put ?? this.range[1]; }

  /** The steps of the run, first and last; the newest moment moves along. */
  setRange(first, last) {
    this.range = [first, Math.max(first, last)];
  }

  #inside(step) { return Math.max(this.range[0], Math.min(this.range[1], Math.round(step))); }

  look(step) {
    if (this.replaying) return;
    const next = step === null ? null : this.#inside(step);
    if (next === this.looked) return;
    this.looked = next;
    this.changed();
  }

  /** Put it at a step, to stay; at the end it goes live again when asked to. */
  pin(step, liveAtEnd = false) {
    this.stop();
    const inside = this.#inside(step);
    this.put = liveAtEnd && inside >= this.range[1] ? null : inside;
    this.looked = null;
    this.changed();
  }

  toLive() {
    this.stop();
    this.put = this.looked = null;
    this.changed();
  }

  stop() { this.replay = 0; }

  /** Go through the whole run in `duration` milliseconds; a second call ends it where it stands. */
  play(duration = REPLAY_MS) {
    if (this.replaying) { this.stop(); this.changed(); return; }
    const ticket = Math.random() + 1;
    this.replay = ticket;
    this.looked = null;
    let from = null;
    const go = (now) => {
      if (this.replay !== ticket) return;
      from ??= now;
      const share = Math.min(1, (now - from) / duration);
      const [first, last] = this.range;
      this.put = Math.round(first + share * (last - first));
      if (share === 1) { this.replay = 0; this.put = null; }
      this.changed();
      if (share < 1) this.tick(go);
    };
    this.tick(go);
  }
}
