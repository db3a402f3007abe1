// One panel of curves: its chart, the numbers in its head, and its share of the cross-hair.

import { Chart } from "../charts.mjs";
import { el } from "../dom.mjs";

/** Fill a panel's head with marks, labels and values, if they differ. */
export function writeNow(place, parts) {
  const words = JSON.stringify(parts ?? []);
  if (place.dataset.said === words) return;
  place.dataset.said = words;
  const spans = (parts ?? []).map(([mark, label, value]) =>
    el("span", { class: "fx-now" }, mark ? el("i", { class: `fx-mark fx-mark-${mark}` }) : null, label ? `${label} ` : null, el("b", {}, value)));
  place.replaceChildren(...spans);
}

export class Panel {
  /** `place` gets the chart, `note` the numbers of the head; `hands` hears `look(epoch | null)` and `pin(epoch)`. */
  constructor({ place, note }, title, hands, empty = "loading…") {
    Object.assign(this, { place, note });
    this.inner = el("div", { class: "fx-inner" });
    this.hair = el("div", { class: "fx-hair", hidden: true });
    this.cover = el("div", { class: "fx-cover" });
    this.place.replaceChildren(this.inner, this.hair, this.cover);
    this.chart = new Chart(this.inner, { name: `${title} over epochs`, empty });
    this.range = [0, 1];
    this.#listen(hands);
  }

  #listen(hands) {
    let down = false;
    const epochOf = (event) => {
      const box = this.box();
      if (!box) return null;
      const share = (event.clientX - this.place.getBoundingClientRect().left - box.left) / box.width;
      return this.range[0] + Math.max(0, Math.min(1, share)) * (this.range[1] - this.range[0]);
    };
    const act = (event) => {
      const epoch = epochOf(event);
      if (epoch !== null) hands[down ? "pin" : "look"](epoch);
    };
    this.cover.addEventListener("pointermove", act);
    this.cover.addEventListener("pointerdown", (event) => { if (event.button) return; down = true; this.cover.setPointerCapture(event.pointerId); act(event); });
    for (const name of ["pointerup", "pointercancel"]) this.cover.addEventListener(name, () => { down = false; });
    this.cover.addEventListener("pointerleave", () => { if (!down) hands.look(null); });
  }

  /** Where the curves lie within the place, in pixels, or null while there are none. */
  box() {
    const size = this.chart.drawn && this.inner._fullLayout?._size;
    return size ? { left: size.l, top: size.t, width: size.w, height: size.h } : null;
  }

  draw(lines, axes, range, revision) {
    this.range = range;
    const { x, ...rest } = axes;
    return this.chart.update(lines, { revision, ...rest, x: { range, fixedrange: true, ...x }, y: { fixedrange: true, ...rest.y } });
  }

  /** Move the hair to an epoch; null takes it away. */
  cross(epoch) {
    const box = epoch === null ? null : this.box();
    this.hair.hidden = !box;
    if (!box) return;
    const share = (epoch - this.range[0]) / Math.max(1e-9, this.range[1] - this.range[0]);
    this.hair.style.transform = `translateX(${box.left + Math.max(0, Math.min(1, share)) * box.width}px)`;
    this.hair.style.top = `${box.top}px`;
    this.hair.style.height = `${box.height}px`;
  }

  close() { this.chart.close(); }
}
