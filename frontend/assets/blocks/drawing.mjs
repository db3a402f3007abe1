// A net as its blocks: boxes in the order in which a sample passes them, shortcuts as arcs over them. One stop of the Tab
// key; arrows go from block to block, and what is pointed at or focused is told below.

import { el, say } from "../dom.mjs";
import { COMPACT, FULL, arc, layout, blockName, shapeOf } from "./layout.mjs";
import { blockWords, factWords, legendWords, netWords } from "./words.mjs";

const SVG = "http://www.w3.org/2000/svg";
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function shape(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export class BlockDrawing {
  /** One that is `compact` has no words below its boxes, and less above. */
  constructor({ compact = false } = {}) {
    this.look = compact ? COMPACT : FULL;
    this.name = el("b", { class: "blocks-name" });
    this.facts = el("span", { class: "blocks-facts" });
    this.picture = el("div", { class: "blocks-picture" });
    this.told = el("p", { class: "blocks-told" });
    this.root = el("figure", { class: compact ? "blocks is-compact" : "blocks" }, el("figcaption", {}, this.name, this.facts), this.picture, this.told);
    this.width = 0;
    this.at = 0;
    this.resized = globalThis.ResizeObserver && new ResizeObserver(() => this.again());
    this.resized?.observe(this.picture);
  }

  /** Draw a net as `POST /api/nets/plan` tells it; `dead` says how many inner units of each block with any are never active. */
  draw(net, dead = []) {
    const key = JSON.stringify([net, dead]);
    if (key === this.key) return;
    Object.assign(this, { key, net, dead: [...dead] });
    say(this.name, net.name);
    this.name.title = net.name;
    this.facts.replaceChildren(...factWords(net).map(([words, about]) => el("span", { title: about }, words)));
    this.#build();
  }

  /** Draw anew where there is another width. */
  again() { if (this.net && this.picture.clientWidth !== this.width) this.#build(); }

  #build() {
    this.width = this.picture.clientWidth;
    if (!this.width) return;
    this.picture.hidden = !this.net.blocks.length; // A net whose blocks nobody knows has no drawing.
    if (this.picture.hidden) {
      this.picture.replaceChildren();
      return void say(this.told, "");
    }
    const focused = this.picture.contains(document.activeElement);
    const placed = layout(this.net.blocks, this.net.shape, this.width, this.look);
    const ids = this.#dead(placed.boxes);
    this.words = placed.boxes.map((box, i) => blockWords(box, ids[i]));
    const lines = placed.lines.map(([x0, y, x1]) => shape("line", { x1: x0, x2: x1, y1: y, y2: y, class: "blocks-line" }));
    const arcs = placed.boxes.filter(({ shortcut }) => shortcut !== null).map((box) => shape("path", { d: arc(box, placed.pitch), class: `blocks-arc${box.shortcut.length ? " is-changed" : ""}` }));
    this.boxes = placed.boxes.map((box, i) => this.#box(box, i));
    const svg = shape("svg", { width: this.width, height: placed.height, viewBox: `0 0 ${this.width} ${placed.height}`, role: "list", "aria-label": netWords(this.net) }, ...lines, ...arcs, this.#input(placed.input), ...this.boxes);
    svg.addEventListener("keydown", (event) => this.#key(event));
    this.picture.replaceChildren(svg);
    this.at = Math.min(this.at, this.boxes.length - 1);
    this.#stop();
    this.#tell(null);
    if (focused) this.boxes[this.at]?.focus();
  }

  /** Dead inner units by box: a box that stands for several blocks adds theirs up. */
  #dead(boxes) {
    let at = 0;
    return boxes.map(({ inner, times }) => {
      if (inner === null) return 0;
      at += times;
      return this.dead.slice(at - times, at).reduce((sum, each) => sum + each, 0);
    });
  }

  #input(box) {
    return shape("g", { "aria-hidden": "true" }, this.#rect(box, "blocks-input"), ...this.#labels(box, "input"));
  }

  #box(box, i) {
    const words = this.words[i];
    const point = () => { this.at = i; this.#stop(); this.#tell(words); };
    const leave = () => { if (!this.picture.contains(document.activeElement)) this.#tell(null); };
    const stage = box.stage < 0 ? "none" : String(Math.min(box.stage, 5));
    const many = box.times > 1 ? [shape("rect", { x: box.x + 4, y: box.y - 4, width: box.width, height: box.height, rx: 4, class: "blocks-box", "data-stage": stage })] : [];
    const inner = box.inner !== null && this.look === FULL ? [shape("text", { x: box.centre, y: box.middle + 4, class: "blocks-inner" }, String(box.inner))] : [];
    const group = shape("g", { class: "blocks-block", role: "listitem", tabindex: -1, "data-block": box.name, "data-inner": box.inner, "aria-label": words },
      this.#area(box),
      ...many, this.#rect(box, "blocks-box", stage), ...inner, ...this.#labels(box, box.times > 1 ? `${blockName(box.name)} ×${box.times}` : blockName(box.name)));
    group.addEventListener("pointerenter", point);
    group.addEventListener("pointerleave", leave);
    group.addEventListener("focus", point);
    group.addEventListener("blur", leave);
    return group;
  }

  /** Where the pointer means a box: its column from the arc to the words. */
  #area({ centre, middle }) {
    const { pitch, highest, above, below } = this.look;
    const wide = pitch - 2;
    return shape("rect", { x: centre - wide / 2, y: middle - highest / 2 - above + 2, width: wide, height: highest + above + below - 4, rx: 6, class: "blocks-area" });
  }

  /** Two lines below a box; names that are long are cut, since the words below the drawing say them whole. */
  #labels({ centre, middle, out }, name) {
    if (this.look !== FULL) return [];
    const line = (words, y, kind) => shape("text", { x: centre, y, class: `blocks-label ${kind}` }, words.length > 12 ? `${words.slice(0, 11)}…` : words);
    const bottom = middle + FULL.highest / 2 + 16;
    return [line(name, bottom, "is-name"), line(shapeOf(out), bottom + 14, "is-shape")];
  }

  #rect(box, name, stage = null) {
    return shape("rect", { x: box.x, y: box.y, width: box.width, height: box.height, rx: 4, class: name, "data-stage": stage });
  }

  #tell(words) { say(this.told, words ?? (this.look === FULL ? legendWords(this.net) : "")); }

  #stop() { this.boxes.forEach((box, i) => box.setAttribute("tabindex", i === this.at ? "0" : "-1")); }

  #key(event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    this.boxes[Math.max(0, Math.min(this.boxes.length - 1, this.at + step))].focus();
  }

  close() { this.resized?.disconnect(); }
}
