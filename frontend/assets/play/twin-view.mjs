// What is seen of a twin: two planes at one epoch, each with the other's boundary, where they disagree, and words.

import { el, say } from "../dom.mjs";
import { DifferenceView } from "../pair/difference-view.mjs";
import { classesOf, disagreement, shareWords } from "../pair/difference.mjs";
import { stylesOf } from "../pair/styles.mjs";
import { Plane } from "../plane.mjs";
import { isFlat } from "../views/names.mjs";
import { epochs, figure, plural, share } from "../words.mjs";
import { netOf } from "../nets.mjs";
import { neuronsOf } from "./twin-spec.mjs";

const LOOK_EVERY = 200; // Milliseconds between two counts of where they disagree.
const STYLES = stylesOf([{ key: "grown", grows: true }, { key: "fixed", grows: false }]);

/** A boundary in the style of its net, for the plane of the other. */
export const outline = (frame, key) => (frame ? { frame, ...STYLES.get(key) } : null);

/** The caption under which a net stands: `["3 neurons", "accuracy 0.973", …]`. */
export function captionOf({ session, frame }, shown) {
  if (!frame) return ["waiting for its first frame"];
  const row = session.series.at(frame.step);
  const lambda = session.measured.at("curvature", frame.step)?.lambda_max;
  return [
    plural(neuronsOf(frame), "neuron"), ...(row ? [`accuracy ${share(row.train_accuracy)}`] : []),
    ...(Number.isFinite(lambda) ? [`λ ${figure(lambda, 2)}`] : []),
    ...(Math.abs(frame.epoch - (shown?.epoch ?? frame.epoch)) < 1 ? [] : [`epoch ${epochs(frame.epoch)}`]),
  ];
}

/** What has to be said of the two, and the button that helps: `{words, button}`. */
export function noticeOf({ sizes: [grown, fixed], met, lag, over, partnerOver }) {
  if (over && !partnerOver) return { words: "the twin has ended:", button: `make the twin anew with ${grown}` };
  if (fixed && grown !== fixed) return { words: `grown ${grown}, fixed ${fixed}:`, button: `make the twin anew with ${grown}` };
  return { words: met || lag < 1 ? "" : `the twin is catching up, ${plural(Math.round(lag), "epoch")} to go`, button: "" };
}

class Caption {
  constructor(place, key) {
    const { mark, colour } = STYLES.get(key);
    this.words = el("span");
    this.place = place;
    place.dataset.sort = key;
    this.name = el("b", {}, key);
    place.replaceChildren(el("span", { "aria-hidden": "true", style: `color: ${colour}` }, `${mark} `), this.name, " · ", this.words);
  }

  show(parts) {
    say(this.words, parts.join(" · "));
    this.place.title = parts.join(" · ");
  }
}

export class TwinView {
  /** `hands`: `anew()`, `close()` of the twin, `redraw()`. */
  constructor(byId, hands) {
    this.places = { line: byId("play-twin-line"), grown: byId("play-caption"), twin: byId("play-twin"), root: document.querySelector(".play") };
    this.hands = hands;
    this.readouts = Object.fromEntries(["neurons", "corners", "accuracy"].map((name) => [name, () => byId(`read-${name}`)]));
  }

  /** A twin is being made. */
  waits() {
    this.#build();
    say(this.notice, "making a fixed twin…");
  }

  #build() {
    if (this.plane) return;
    const { line, grown, twin, root } = this.places;
    root.classList.add("has-twin");
    const caption = el("div", { class: "twin-caption" });
    this.flat = el("div", { class: "plane-layer" });
    this.apart = el("div", { class: "plane-layer", hidden: true });
    twin.replaceChildren(caption, el("div", { class: "plane" }, this.flat, this.apart));
    this.captions = { grown: new Caption(grown, "grown"), fixed: new Caption(caption, "fixed") };
    this.plane = new Plane(this.flat);
    this.difference = new DifferenceView(this.apart);
    this.share = el("button", { type: "button", class: "chip twin-share", "aria-pressed": "false", title: "Show where they disagree", onclick: () => this.#turn() }, "they disagree: –");
    this.notice = el("span", { class: "twin-notice" });
    this.button = el("button", { type: "button", class: "chip", hidden: true, onclick: this.hands.anew });
    this.compare = el("a", { class: "twin-compare" }, "open in Compare");
    const close = el("button", { type: "button", class: "fs-quiet", title: "Close the twin (C)", "aria-label": "Close the twin", onclick: this.hands.close }, "✕");
    line.replaceChildren(this.share, this.notice, this.button, this.compare, close);
  }

  #turn() {
    this.apart.hidden = !this.apart.hidden;
    this.flat.hidden = !this.apart.hidden;
    this.share.ariaPressed = String(!this.apart.hidden);
    this.hands.redraw();
  }

  /** Draw the twin `{session, frame}` beside a scene; `about` says the rest, see `noticeOf`. */
  draw(scene, beside, about) {
    this.#build();
    const { session, frame } = beside;
    this.captions.grown.show(captionOf({ session: about.grown, frame: scene.frame }, scene.frame));
    this.captions.fixed.show(captionOf(beside, scene.frame));
    say(this.captions.fixed.name, netOf(about.wiring).single ? "fixed, one layer" : "fixed");
    this.#words({ ...about, over: session.over, partnerOver: about.grown.over });
    this.#numbers(beside);
    if (!frame || !scene.frame) return;
    const net = session.net(frame);
    const shots = [{ ...scene, ...outline(scene.frame, "grown") }, { ...scene, net, ...outline(frame, "fixed") }];
    if (!this.apart.hidden) this.#tell(this.difference.draw(...shots));
    else {
      const view = isFlat(scene.view) ? scene.view : "field";
      this.plane.draw({ ...scene, frame, net, view, ghost: null, other: outline(scene.frame, "grown"), birth: null, fresh: null, flash: 0, lit: null });
      this.plane.marks.setAttribute("aria-label", `The fixed twin: ${captionOf(beside, scene.frame).join(", ")}`);
      this.#count(shots);
    }
  }

  #words(about) {
    const { words, button } = noticeOf(about);
    say(this.notice, words);
    say(this.button, button);
    this.button.hidden = !button;
    if (this.compare.getAttribute("href") !== about.compare) this.compare.href = about.compare;
  }

  /** The readouts of the page show the twin's number as well. */
  #numbers({ session, frame }) {
    const row = frame && session.series.at(frame.step);
    const told = {
      neurons: frame ? String(neuronsOf(frame)) : "–", corners: frame && !frame.why_no_folds ? String(frame.fold_points.shape[0]) : "–",
      accuracy: row ? `${Math.round(100 * row.train_accuracy)} %` : "–",
    };
    for (const [name, place] of Object.entries(this.readouts)) place().dataset.twin = told[name];
  }

  #count(shots) {
    const now = performance.now();
    if (this.counted?.every((frame, i) => frame === shots[i].frame)) return;
    if (now - (this.countedAt ?? -Infinity) < LOOK_EVERY) {
      this.later ??= setTimeout(() => { this.later = null; this.hands.redraw(); }, LOOK_EVERY);
      return;
    }
    this.countedAt = now;
    this.counted = shots.map(({ frame }) => frame);
    this.#tell(disagreement(...shots.map(({ net, box }) => classesOf(net, box))));
  }

  #tell(value) { this.disagree = value; say(this.share, `they disagree: ${shareWords(value)}`); }

  forget() { this.plane?.forget(); }

  close() {
    if (!this.plane) return;
    clearTimeout(this.later);
    this.plane.close();
    this.later = this.plane = this.counted = null;
    this.disagree = null;
    const { line, grown, twin, root } = this.places;
    root.classList.remove("has-twin");
    for (const place of [line, grown, twin]) place.replaceChildren();
    for (const place of Object.values(this.readouts)) if (place()) delete place().dataset.twin;
  }
}
