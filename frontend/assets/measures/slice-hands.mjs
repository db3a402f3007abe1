// What a person sets at a slice: which of the sharpest directions, and whether its scale is held while comparing.

import { el } from "../dom.mjs";
import { sliceRange } from "./lines.mjs";

const OFFERED = 5; // Directions that may be asked for.
const HILL = "hill_slice"; // The cut through the last hill, beside the directions.
const SUB = "₀₁₂₃₄₅₆₇₈₉";
export const subscript = (number) => String(number).replace(/\d/g, (digit) => SUB[digit]);

const titleOf = (value, measured) => (value === HILL ? "From the last hill's top through the net" : Number(value.split("|")[0]) <= measured ? "" : "measured from now on");

export class SliceHands {
  /** `ask(directions)` hears that more directions are wanted than are measured; `changed()` that the picture has. */
  constructor({ ask, changed }) {
    this.#choose("1");
    this.held = null;
    this.choice = el("select", { class: "select slice-choice", "aria-label": "Direction", onchange: () => { this.#choose(this.choice.value); if (this.direction > this.measured) ask(this.direction); changed(); } });
    this.lock = el("button", { type: "button", class: "chip slice-lock", "aria-pressed": "false", title: "Hold the scale while comparing", "aria-label": "Lock the scale", onclick: () => { this.held = this.held ? null : this.#ranges(); this.lock.ariaPressed = String(Boolean(this.held)); changed(); } }, "lock");
    this.root = el("span", { class: "slice-hands" }, this.choice, this.lock);
    this.measured = 0;
    this.offer(null, false);
  }

  /** Offer what is measured, and more while the run can still be asked. */
  offer(measured, open) {
    this.measured = measured?.directions ?? 0;
    const most = Math.max(this.measured, open ? OFFERED : 1, this.direction || 1);
    const offered = Array.from({ length: most }, (_, i) => this.#of(i + 1, measured?.variants(`slice ${i + 1}`) ?? [])).flat();
    if (this.hill || measured?.last(HILL)) offered.push([HILL, "hill"]);
    const words = JSON.stringify([offered, this.measured]);
    if (words === this.offered) return;
    this.offered = words;
    this.choice.replaceChildren(...offered.map(([value, name]) => el("option", { value, selected: value === this.chosen, title: titleOf(value, this.measured) }, name)));
  }

  /** One option for a direction, or one for each of the lengths it is cut to. */
  #of(direction, variants) {
    const name = `v${subscript(direction)}`;
    return variants.length < 2 ? [[`${direction}`, name]] : variants.map((variant, i) => [i ? `${direction}|${variant}` : `${direction}`, `${name} ${variant}`]);
  }

  /** Show the cut through the last hill. */
  toHill() { this.#choose(HILL); this.offered = ""; }

  #choose(value) {
    this.chosen = value;
    this.hill = value === HILL;
    const [direction, variant] = value.split("|");
    this.direction = Number(direction);
    this.variant = variant;
  }

  /** The slice of the chosen direction until a step, or null. */
  of(measured, step) {
    const name = this.hill ? HILL : `slice ${this.direction}`;
    const variants = measured.variants(name);
    this.shown = measured.at(name, step, this.variant ?? (variants.length > 1 ? variants[0] : undefined));
    return this.shown;
  }

  #ranges() { return this.shown && { x: [this.shown.t[0], this.shown.t.at(-1)], y: sliceRange(this.shown) }; }

  /** The axes of a slice: held ones, or those that fit it. */
  axes(slice) {
    const { x, y } = this.held ?? { x: [slice.t[0], slice.t.at(-1)], y: sliceRange(slice) };
    return { x: { range: x }, y: { range: y } };
  }
}
