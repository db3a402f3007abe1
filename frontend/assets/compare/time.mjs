// The line of time: one reading of the clock for both pictures and all charts, with births as ▲, moments that came back as ★, and the place of the verdict.

import { calm, say } from "../dom.mjs";
import { element } from "../element.mjs";
import { readingAt, shareOf } from "./clock.mjs";
import { reading } from "./words.mjs";

const STEPS = 1000;
const REPLAY_MS = 9000;

export class Time {
  /** `moved(share)` hears where it is put, 0 to 1. */
  constructor(place, { moved }) {
    this.moved = moved;
    this.playing = 0;
    this.slider = element("input.fc-slider", { type: "range", min: 0, max: STEPS, value: 0, id: "compare-at", "aria-label": "Moment on the clock", oninput: () => { this.stop(); moved(Number(this.slider.value) / STEPS); } });
    this.marks = element("div.fc-marks", { "aria-hidden": "true" });
    this.words = element("output.fc-at", { for: "compare-at" });
    this.button = element("button.chip", { type: "button", id: "compare-play", "aria-label": "Play", onclick: () => (this.playing ? this.stop() : this.play()) }, "▶");
    this.back = element("button.chip", { type: "button", title: "To where the verdict holds", onclick: () => { this.stop(); moved(null); } }, "verdict");
    place.replaceChildren(this.button, element("div.fc-track", {}, this.marks, this.slider), this.words, this.back);
  }

  /** Show a place: `{range, by, share, target, unit, marks: [{at, mark, colour}]}`. */
  show({ range, by, share, target, marks, unit }) {
    this.share = share;
    this.slider.disabled = !range;
    this.button.disabled = !range;
    if (!range) { say(this.words, "nothing measured yet"); this.marks.replaceChildren(); return; }
    const words = reading(readingAt(range, share, by), by, unit);
    this.slider.value = Math.round(share * STEPS);
    this.slider.setAttribute("aria-valuetext", words);
    say(this.words, words);
    const key = JSON.stringify([range, by, target, marks]);
    if (this.marked === key) return;
    this.marked = key;
    const at = (value) => ({ style: `left: ${100 * shareOf(range, value, by)}%` });
    this.marks.replaceChildren(
      ...(target === null ? [] : [element("i.fc-target", { ...at(target), title: "Where the verdict holds" })]),
      ...marks.map(({ at: value, mark, colour }) => element("i.fc-birth", { style: `${at(value).style}; color: ${colour}` }, mark)),
    );
  }

  play() {
    const from = this.share >= 0.999 ? 0 : this.share;
    const begun = performance.now() - from * REPLAY_MS;
    this.button.textContent = "❚❚";
    this.button.setAttribute("aria-label", "Pause");
    const tick = (now) => {
      const share = Math.min(1, (now - begun) / REPLAY_MS);
      this.moved(calm() ? Math.round(share * 12) / 12 : share);
      if (share < 1) this.playing = requestAnimationFrame(tick);
      else this.stop();
    };
    this.playing = requestAnimationFrame(tick);
  }

  stop() {
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    this.button.textContent = "▶";
    this.button.setAttribute("aria-label", "Play");
  }
}
