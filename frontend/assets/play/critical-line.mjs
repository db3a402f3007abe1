// The line of the critical region: its radius, how many points lie in it, and how many of them a search finds.

import { criticalPoints, largestRadius } from "../critical.mjs";
import { el, say, settle } from "../dom.mjs";
import { meaning } from "../measures/help.mjs";
import { figure, plural } from "../words.mjs";

const PLACES = 60;
const SETTLED = 250; // Milliseconds.

/** What lies between two places of the slider: the largest of two figures with which all of them stay in reach. */
function unitOf(box) {
  const most = largestRadius(box) / PLACES;
  const digit = 10 ** (Math.floor(Math.log10(most)) - 1);
  return Number((Math.floor(most / digit) * digit).toPrecision(2));
}

/** The radius at a place of the slider. */
const radiusAt = (box, place) => Number((unitOf(box) * place).toPrecision(6));
export const usualRadius = (box) => radiusAt(box, PLACES / 4);

/** What a search found of the critical points when it was last made: of this moment, or of how many there were then. */
const searchWords = ({ step, found, critical }, frame) => (step === frame.step ? `LASS finds ${found}` : `LASS found ${found} of ${critical}`);

/** How many of a run's training points are critical, in words; no more than about where the boundary is not exact. */
export function criticalWords({ frame, data, critical: r }, told = null) {
  if (!frame || !data) return "";
  const all = data.train_x.length / 2;
  const count = criticalPoints(data.train_x, frame.boundary, r).reduce((sum, one) => sum + one, 0);
  if (frame.why_no_folds) return `about ${count} of ${plural(all, "point")} (the boundary is traced on a grid)`;
  const searched = told ? `; ${searchWords(told, frame)}` : "";
  return `${count} of ${plural(all, "point")} ${count === 1 ? "is" : "are"} critical (exact)${searched}`;
}

/** The probes of a run that shows its critical region: the boundary outside the picture too, and a search; or neither. */
export function probesForRegion(probes, r, box) {
  const others = probes.filter(({ kind }) => kind !== "critical_region").map((probe) => {
    const { reach, ...frame } = probe;
    return probe.kind !== "frame" || r === null ? frame : { ...frame, reach: largestRadius(box) };
  });
  const now = probes.find(({ kind }) => kind === "critical_region") ?? { kind: "critical_region", every: 4, radius: r, part: "train" };
  return r === null ? others : [...others, { ...now, radius: Math.min(r, largestRadius(box)) }];
}

export class CriticalLine {
  /** `change(r)` hears a radius, null closes; `settled()` that the slider has come to rest. */
  constructor(place, change, settled) {
    this.place = place;
    this.slider = el("input", { type: "range", min: 0, max: PLACES, step: 1, "aria-label": "Radius of the critical region" });
    this.shown = el("output", { class: "slide-now" });
    this.words = el("span", { class: "critical-words", role: "status" });
    this.slider.addEventListener("input", () => this.box && change(radiusAt(this.box, Number(this.slider.value))));
    const rested = settle(settled, SETTLED);
    this.slider.addEventListener("input", rested);
    const close = el("button", { type: "button", class: "fs-quiet", title: "Close (K)", "aria-label": "Close the critical region", onclick: () => change(null) }, "✕");
    this.parts = [
      el("span", { class: "mark mark-band", "aria-hidden": "true" }), el("label", { class: "critical-radius" }, "radius ", this.slider), this.shown,
      this.words, meaning("critical"), close,
    ];
  }

  /** Show a scene; `told` is what the run last counted with this radius, or null. */
  draw(scene, told = null) {
    const { critical: r, frame, data, box } = scene;
    this.box = box;
    const open = r !== null && Boolean(box);
    if (open !== Boolean(this.place.childElementCount)) this.place.replaceChildren(...(open ? this.parts : []));
    if (!open) return;
    if (document.activeElement !== this.slider) this.slider.value = String(Math.round(r / unitOf(box)));
    const radius = figure(r);
    this.slider.setAttribute("aria-valuetext", `${radius} data units`);
    say(this.shown, `r = ${radius}`);
    const key = [frame, r, data, told];
    if (this.key?.every((part, i) => part === key[i])) return;
    this.key = key;
    say(this.words, criticalWords(scene, told));
    this.words.title = told ? `Training points; LASS searched at epoch ${Math.floor(told.epoch)}` : "Training points";
  }
}
