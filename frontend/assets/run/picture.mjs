// What the run has learned at the cross-hair: the plane with its folds, or how each class fares.

import { el, say } from "../dom.mjs";
import { placeOfUnit } from "../history.mjs";
import { Plane } from "../plane.mjs";
import { epochs, plural } from "../words.mjs";
import { ConfusionView } from "./confusion.mjs";

/** The picture in a few words. */
export function pictureCaption(frame) {
  if (!frame) return "";
  const parts = [`epoch ${epochs(frame.epoch)}`];
  if (frame.kind === "predictions") return parts[0];
  if (frame.why_no_folds) return [...parts, "no folds"].join(" · ");
  parts.push(plural(frame.fold_points.shape[0], "fold point"));
  if (frame.regions >= 0) parts.push(plural(frame.regions, "region"));
  return parts.join(" · ");
}

export class RunPicture {
  constructor(place) {
    this.title = el("h3", { class: "panel-title" }, "What it has learned");
    this.note = el("span", { class: "panel-note" });
    this.body = el("div", { class: "fx-picture-body" }, el("p", { class: "note" }, "loading…"));
    place.replaceChildren(el("div", { class: "panel-head" }, this.title, this.note), this.body);
    this.view = null;
  }

  draw(session, frame) {
    say(this.note, pictureCaption(frame));
    if (!frame) return;
    if (this.kind !== frame.kind) this.#begin(frame.kind);
    if (frame.kind === "predictions") this.view.draw({ run: session.run, frame, data: session.data });
    else this.#plane(session, frame);
  }

  #begin(kind) {
    this.view?.close();
    this.kind = kind;
    this.body.classList.toggle("fx-plane", kind === "frame");
    say(this.title, kind === "frame" ? "Boundary and folds" : "Class by class");
    this.body.replaceChildren();
    this.view = kind === "frame" ? new Plane(this.body) : new ConfusionView(this.body);
  }

  #plane(session, frame) {
    const { data, box } = session;
    const birth = session.history.lastBirth(frame);
    const fresh = birth ? placeOfUnit(frame, birth.unit) : null;
    this.view.draw({ frame, net: session.net(frame), box, data, hard: false, showTest: true, ghost: null, fresh, flash: 0, lit: null });
  }

  /** Paint anew, after the theme changed. */
  refresh() { if (this.kind === "frame") this.view.painted = null; }

  close() { this.view?.close(); }
}
