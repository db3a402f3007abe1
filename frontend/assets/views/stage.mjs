// The middle of the play page: one scene in the view that is chosen, with what belongs to that view around it.

import { calm, el, say } from "../dom.mjs";
import { Plane } from "../plane.mjs";
import { CornerList } from "./corner-list.mjs";
import { isFlat } from "./names.mjs";
import { sentenceOf } from "./sentence.mjs";
import { chosenOf, isDecisive, pick } from "./sheet.mjs";
import { SheetBar } from "./sheet-bar.mjs";
import { Surface } from "./surface.mjs";

const BENDING = 2600; // Milliseconds from flat to bent.

export class Stage {
  /** `places` {picture, bar, corners}; `onPoint`, `onCursor` as for the plane, `onSheet(choice)`, `redraw()`. */
  constructor({ picture, bar, corners }, { onPoint, onCursor, onSheet, redraw }) {
    this.flat = el("div", { class: "plane-layer" });
    this.space = el("div", { class: "plane-layer", hidden: true });
    picture.replaceChildren(this.flat, this.space);
    this.plane = new Plane(this.flat, { onPoint, onCursor });
    this.surface = new Surface(this.space, { redraw, onPoint });
    this.list = new CornerList(corners, { onPoint });
    this.sentence = el("span", { class: "view-sentence", id: "view-sentence" });
    this.bar = new SheetBar({
      onBend: (value) => { this.began = null; this.bend = value; redraw(); },
      onPlay: () => this.play(),
      onLayer: (layer) => onSheet({ layer, rows: chosenOf(this.scene.net, { layer, rows: [] }).rows }),
      onUnit: (unit) => this.pick(unit),
      onPoint,
    });
    const about = "Drag or use the arrow keys to turn; Home turns it back";
    this.reset = el("button", { type: "button", class: "chip reset-view", title: about, onclick: () => this.surface.home() }, "reset view");
    bar.replaceChildren(this.sentence, this.bar.bend);
    this.space.append(this.bar.choice, this.reset);
    this.onSheet = onSheet;
    this.redraw = redraw;
    this.bend = 1;
    this.began = null;
    this.view = null;
    this.resized = new ResizeObserver(() => redraw());
    this.resized.observe(this.space);
  }

  /** The canvas that holds the marks of the view shown. */
  get marks() { return isFlat(this.view ?? "field") ? this.plane.marks : this.surface.marks; }

  /** A neuron was picked, here or in the net. */
  pick(unit) {
    const choice = this.view === "sheet" && this.scene?.net && chosenOf(this.scene.net, this.scene.sheet);
    if (choice) this.onSheet(pick(choice, unit));
  }

  /** Bend the sheet from flat, at once when motion is not wanted. */
  play() {
    this.bend = calm() ? 1 : 0;
    this.began = calm() ? null : performance.now();
    this.redraw();
  }

  #animate() {
    if (this.began === null) return;
    const t = Math.min(1, (performance.now() - this.began) / BENDING);
    this.bend = t * t * (3 - 2 * t);
    if (t === 1) this.began = null;
    else requestAnimationFrame(() => this.redraw());
  }

  draw(scene) {
    this.scene = scene;
    this.#change(scene.view);
    const choice = scene.view === "sheet" && scene.net ? chosenOf(scene.net, scene.sheet) : null;
    const cut = Boolean(choice) && isDecisive(scene.net, choice);
    if (isFlat(scene.view)) this.plane.draw(scene);
    else { this.#animate(); this.surface.draw(scene, { choice, bend: this.bend }); }
    this.list.draw(scene);
    this.bar.show(choice, this.bend, scene.lit);
    say(this.sentence, sentenceOf(scene, choice, cut));
  }

  #change(view) {
    if (view === this.view) return;
    this.view = view;
    this.flat.hidden = !isFlat(view);
    this.space.hidden = isFlat(view);
    if (view === "sheet") this.play();
  }

  close() { this.plane.close(); this.resized.disconnect(); }
}
