// A slider over how often the last block is applied again, and which way; what comes of it stands beside.

import { el } from "../dom.mjs";
import { unrolledOf } from "../measures/blocks.mjs";
import { figure, share } from "../words.mjs";

const WAYS = [["plain", "adds what it adds, each time"], ["shared out", "adds its share each time: what it adds over the number of times"]];

export class Unrolling {
  /** `redraw()` draws the chart anew. */
  constructor(redraw) {
    this.redraw = redraw;
    this.slider = el("input", { type: "range", min: 0, max: 0, step: 1, value: 0, "aria-label": "Extra times of the last block", oninput: () => this.#move() });
    this.way = 0;
    this.buttons = WAYS.map(([name, title], way) => el("button", { type: "button", class: "chip", title: `The block ${title}`, "aria-pressed": String(way === 0), onclick: () => this.#go(way) }, name));
    this.facts = el("dl", { class: "fx-unrolled-facts", role: "status" });
    this.count = el("span", { class: "fx-unrolled-count" });
    this.place = el("div", { class: "fx-unrolled", hidden: true }, el("div", { class: "fx-unrolled-hands" }, this.slider, this.count), el("div", { class: "fx-unrolled-hands" }, ...this.buttons), this.facts);
  }

  /** Which point of an event is chosen. */
  chosen(event) { return { way: this.way, extra: Math.min(Number(this.slider.value), event.extra) }; }

  draw(event) {
    this.event = event;
    this.place.hidden = !event;
    if (!event) return;
    this.slider.max = String(event.extra);
    this.#write();
  }

  #move() {
    this.#write();
    this.redraw();
  }

  #go(way) {
    this.way = way;
    this.buttons.forEach((button, i) => { button.ariaPressed = String(i === way); });
    this.#move();
  }

  #write() {
    const { way, extra } = this.chosen(this.event);
    const { accuracy, loss, norm } = unrolledOf(this.event)[way];
    this.count.textContent = `${extra} extra time${extra === 1 ? "" : "s"}`;
    const said = (points, words) => `${words(points[extra].value)}${extra ? ` instead of ${words(points[0].value)}` : ""}`;
    const rows = [["accuracy", said(accuracy, share)], ["loss", said(loss, figure)], ["‖h‖", said(norm, figure)]];
    this.facts.replaceChildren(...rows.flatMap(([name, words]) => [el("dt", {}, name), el("dd", {}, words)]));
  }
}
