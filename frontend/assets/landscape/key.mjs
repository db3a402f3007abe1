// The colour key of a picture: the ends of its scale, the colours between, what else there is to say.

import { el, fit, say } from "../dom.mjs";
import { figure } from "../words.mjs";
import { colourAt } from "./tone.mjs";

export class ColourKey {
  /** `id` names the place of the notes. */
  constructor(place, id) {
    this.bar = el("canvas", { class: "fq-bar-canvas", "aria-hidden": "true" });
    this.ends = [el("span"), el("span")];
    this.notes = el("span", { class: "note", id });
    place.replaceChildren(this.ends[0], this.bar, this.ends[1], this.notes);
  }

  /** `limits` are the lowest and the highest value, which the scale may not span. */
  draw(scale, limits, notes) {
    const { context, width, height } = fit(this.bar);
    for (let i = 0; i < width; i += 1) { context.fillStyle = `rgb(${colourAt(i / width).join(",")})`; context.fillRect(i, 0, 1, height); }
    say(this.ends[0], scale ? `loss ${limits && limits[0] < scale.low ? "≤ " : ""}${figure(scale.low, 2)}` : "");
    say(this.ends[1], scale ? `${figure(scale.high, 2)}${scale.log ? " (log)" : ""}` : "");
    say(this.notes, notes.filter(Boolean).join(" · "));
  }
}

/** What hatched cells are. */
export const brokenSays = (broken) => (broken ? `${broken.toLocaleString("en-GB")} hatched cells: no finite loss` : "");
