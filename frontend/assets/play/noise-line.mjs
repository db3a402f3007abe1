// The noise of the updates in one line: η/S, S/N, λ₁ by its edge, and the noise scale once it is measured.

import { el } from "../dom.mjs";
import { meaning } from "../measures/help.mjs";
import { noiseNow } from "../measures/ratio.mjs";

export class NoiseLine {
  /** `hands.measureNoise()` has the noise scale measured from now on. */
  constructor(place, hands) {
    this.numbers = el("span", { class: "noise-numbers" });
    this.measure = el("button", { type: "button", class: "chip", hidden: true, title: "Measure the gradient noise scale, Tr C/‖g‖²", onclick: () => hands.measureNoise() }, "+ B_simple");
    place.replaceChildren(this.numbers, this.measure, meaning("ratio", () => ({ event: this.event })));
  }

  /** Show the moment of a frame. */
  show(session, row, frame) {
    this.event = frame && session.measured.at("noise", frame.step);
    const parts = noiseNow(session, row);
    const said = parts.map(([, label, value]) => `${label} ${value}`).join(" · ");
    if (this.numbers.textContent !== said) {
      this.numbers.replaceChildren(...parts.flatMap(([key, label, value], i) => [i ? " · " : "", el("span", { "data-noise": key }, `${label} `, el("b", {}, value))]));
    }
    this.measure.hidden = !row || session.over || session.probes.some(({ kind }) => kind === "noise");
  }
}
