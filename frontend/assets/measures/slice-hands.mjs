// What a person sets at a slice: which of the sharpest directions, and whether its scale is held while comparing.

import { el } from "../dom.mjs";
import { sliceRange } from "./lines.mjs";

const OFFERED = 5; // Directions that may be asked for.
const SUB = "₀₁₂₃₄₅₆₇₈₉";
export const subscript = (number) => String(number).replace(/\d/g, (digit) => SUB[digit]);

export class SliceHands {
  /** `ask(directions)` hears that more directions are wanted than are measured; `changed()` that the picture has. */
  constructor({ ask, changed }) {
    this.direction = 1;
    this.held = null;
    this.choice = el("select", { class: "select slice-choice", "aria-label": "Direction", onchange: () => { this.direction = Number(this.choice.value); if (this.direction > this.measured) ask(this.direction); changed(); } });
    this.lock = el("button", { type: "button", class: "chip slice-lock", "aria-pressed": "false", title: "Hold the scale while comparing", "aria-label": "Lock the scale", onclick: () => { this.held = this.held ? null : this.#ranges(); this.lock.ariaPressed = String(Boolean(this.held)); changed(); } }, "lock");
    this.root = el("span", { class: "slice-hands" }, this.choice, this.lock);
    this.measured = 0;
    this.offer(1, false);
  }

  /** Offer what is measured, and more while the run can still be asked. */
  offer(measured, open) {
    const most = Math.max(measured, open ? OFFERED : 1, this.direction);
    if (most === this.choice.options.length && measured === this.measured) return;
    this.measured = measured;
    this.choice.replaceChildren(...Array.from({ length: most }, (_, i) => el("option", { value: i + 1, selected: i + 1 === this.direction, title: i < measured ? "" : "measured from now on" }, `v${subscript(i + 1)}`)));
  }

  /** The slice of the chosen direction until a step, or null. */
  of(measured, step) {
    this.shown = measured.at(`slice ${this.direction}`, step);
    return this.shown;
  }

  #ranges() { return this.shown && { x: [this.shown.t[0], this.shown.t.at(-1)], y: sliceRange(this.shown) }; }

  /** The axes of a slice: held ones, or those that fit it. */
  axes(slice) {
    const { x, y } = this.held ?? { x: [slice.t[0], slice.t.at(-1)], y: sliceRange(slice) };
    return { x: { range: x }, y: { range: y } };
  }
}
