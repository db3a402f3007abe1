// Sentences that need an answer: a run that blew up, a server that refuses, a run that is not of the plane.

import { el } from "../dom.mjs";

export class Banner {
  constructor(place) { this.place = place; this.key = ""; this.closed = ""; }

  /** Show a sentence with buttons [[words, act]]; the same key is not built twice, nor again once it was dismissed. */
  show(key, words, buttons = [], kind = "error") {
    if (this.key === key || this.closed === key) return;
    this.key = key;
    this.place.dataset.kind = kind;
    this.place.replaceChildren(
      el("span", { class: "banner-words" }, words),
      ...buttons.map(([name, act]) => el("button", { type: "button", class: "chip", onclick: () => { this.closed = key; this.clear(); act(); } }, name)),
      el("button", { type: "button", class: "fs-quiet", "aria-label": "Close", onclick: () => { this.closed = key; this.clear(); } }, "✕"),
    );
    this.place.classList.add("is-open");
  }

  clear() {
    if (!this.key) return;
    this.key = "";
    this.place.classList.remove("is-open");
    this.place.replaceChildren();
  }
}
