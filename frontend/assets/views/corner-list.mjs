// The corners in words, below the picture: how many, and which lie on which fold. Each fold there is a button that lights
// its line and its corners.

import { el, say } from "../dom.mjs";
import { whyNoFolds } from "../nets.mjs";
import { plural } from "../words.mjs";
import { openCorners } from "./corner-table.mjs";
import { MOST_NUMBERED, cornersByFold, foldName, numbering } from "./corners.mjs";

/** How many corners, and why they are not listed when they are not. */
export function cornerWords(frame) {
  if (!frame) return ["", ""];
  if (frame.why_no_folds) return ["no fold points", whyNoFolds(frame)];
  const count = frame.fold_points.shape[0];
  if (count > MOST_NUMBERED) return [`${count} fold points`, "too many to number; point at a fold to light its own"];
  if (!count) return ["no fold points", frame.boundary.shape[0] ? "the boundary meets no fold" : "there is no boundary here"];
  return [plural(count, "fold point"), ""];
}

export class CornerList {
  constructor(place, { onPoint }) {
    this.count = el("span", { class: "corner-count" });
    this.why = el("span");
    this.folds = el("span", { class: "corner-folds", role: "group", "aria-label": "Fold points of each fold" });
    this.onPoint = onPoint;
    this.key = "";
    this.table = el("button", { type: "button", class: "corner-fold", onclick: () => this.frame && openCorners(this.frame), title: "All fold points as a table, to look up or to save" }, "table");
    place.replaceChildren(this.count, this.why, this.folds, this.table);
  }

  draw({ frame, lit }) {
    this.frame = frame;
    this.table.hidden = !frame?.fold_points.shape[0];
    const [count, why] = cornerWords(frame);
    say(this.count, count);
    say(this.why, why);
    const order = numbering(frame);
    const folds = order ? cornersByFold(frame, order) : [];
    const key = folds.map(({ layer, row }) => `${layer}.${row}`).join();
    if (key !== this.key) this.#build(folds);
    this.key = key;
    folds.forEach(({ layer, row, numbers }, i) => {
      const button = this.folds.children[i];
      const name = foldName({ layer, row }, frame.units.length);
      say(button.firstChild, `${name}: `);
      say(button.lastChild, numbers.join(", "));
      button.classList.toggle("is-lit", Boolean(lit) && lit.layer === layer && lit.row === row);
    });
  }

  #build(folds) {
    const focused = this.folds.contains(document.activeElement) ? document.activeElement.dataset.fold : null;
    this.folds.replaceChildren(...folds.map(({ layer, row }) => {
      const point = () => this.onPoint({ layer, row });
      const leave = () => this.onPoint(null);
      return el("button", {
        type: "button", class: "corner-fold", "data-fold": `${layer}.${row}`,
        onpointerenter: point, onpointerleave: leave, onfocus: point, onblur: leave,
      }, el("span", { class: "corner-name" }), el("span"));
    }));
    if (focused) this.folds.querySelector(`[data-fold="${focused}"]`)?.focus();
  }
}
