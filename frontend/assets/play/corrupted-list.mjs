// The corrupted training points in words, below the picture: each is a button that lights its ring.

import { corruptedPoints, corruptionWords } from "../corrupted.mjs";
import { el, say } from "../dom.mjs";

const MOST = 200; // Buttons; more would be found by nobody.

export class CorruptedList {
  /** `onPoint(index)` hears which training point is pointed at, or null. */
  constructor(place, onPoint) {
    this.count = el("span", { class: "corner-count" });
    this.list = el("span", { class: "corner-folds", role: "group", "aria-label": "Corrupted points" });
    this.place = place;
    this.onPoint = onPoint;
  }

  /** Show the points of some data; `point` is the one pointed at. */
  draw({ data, point }) {
    if (this.data !== data) this.#build(data);
    if (this.point === point) return;
    this.point = point;
    for (const button of this.list.children) button.classList.toggle("is-lit", Number(button.dataset.point) === point);
  }

  #build(data) {
    this.data = data;
    this.point = undefined;
    const found = data ? corruptedPoints(data) : [];
    this.place.replaceChildren(...(found.length ? [this.count, this.list] : []));
    say(this.count, `${found.length} of ${data?.train_y.length ?? 0} corrupted`);
    const leave = () => this.onPoint(null);
    this.list.replaceChildren(...found.slice(0, MOST).map((about) => {
      const point = () => this.onPoint(about.index);
      return el("button", {
        type: "button", class: "corner-fold", "data-point": about.index,
        onpointerenter: point, onpointerleave: leave, onfocus: point, onblur: leave, onclick: point,
      }, `point ${about.index}: ${corruptionWords(about)}`);
    }), ...(found.length > MOST ? [el("span", {}, `and ${found.length - MOST} more`)] : []));
  }
}
