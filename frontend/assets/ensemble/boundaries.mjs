// The plane: the members' boundaries as faint lines, that of all together as the thick one, over the points.

import { MIDDLE } from "../colour.mjs";
import { fit, say } from "../dom.mjs";
import { element } from "../element.mjs";
import { meaning } from "../measures/help.mjs";
import { placeBox } from "../plane.mjs";
import { drawAxes, drawBoundary, drawLines, drawPoints } from "../plane-marks.mjs";
import { pngOfCanvases, saveHand } from "../png.mjs";

const FAINT = { colour: "rgba(20, 24, 29, 0.42)", width: 1.1 };
const LIT = { colour: "#d55e00", width: 2.6 };
const MARGIN = { left: 34, right: 8, top: 8, bottom: 24 };

export class Boundaries {
  constructor(place) {
    this.place = place;
    this.canvas = element("canvas.fe-canvas", { role: "img", "aria-label": "The boundaries of the members" });
    this.body = element("div.fe-plane", {}, this.canvas);
    this.box = element("input", { type: "checkbox", id: "ensemble-test", onchange: () => this.#paint() });
    this.note = element("span.panel-note");
    place.replaceChildren(element("section.panel.fe-card", { "aria-label": "Boundaries" },
      element("div.panel-head", {}, element("h3.panel-title", {}, "Boundaries"), meaning("member_boundaries"), this.note, element("label.fe-check", {}, this.box, "test points"), saveHand("Boundaries as PNG", () => pngOfCanvases([this.canvas], "ensemble-boundaries"))),
      this.body, element("div.fe-keys", {}, element("span", {}, element("i.fe-key"), "a member"), element("span", {}, element("i.fe-key.fe-thick"), "all together"))));
    this.lit = null;
    this.seen = new ResizeObserver(() => this.#paint());
    this.seen.observe(this.body);
  }

  /** Draw what is known; `data` are the points of the first run, or null as long as they are on their way. */
  draw(known, data, names) {
    this.place.hidden = Boolean(known.about) && !known.isPlane;
    Object.assign(this, { known, data, names });
    this.#paint();
  }

  /** Light the boundary of one member, or of none. */
  light(which) {
    if (this.lit === which) return;
    this.lit = which;
    this.#paint();
  }

  #paint() {
    const { known, data } = this;
    if (!known?.box || this.place.hidden) { fit(this.canvas); say(this.note, known ? "measuring…" : ""); return; }
    const { context, width, height } = fit(this.canvas);
    if (width < 60 || height < 60) return;
    const place = placeBox(known.box, width, height, MARGIN);
    context.fillStyle = `rgb(${MIDDLE.join(" ")})`;
    context.fillRect(place.left, place.top, place.width, place.height);
    drawAxes(context, place);
    context.save();
    context.beginPath();
    context.rect(place.left, place.top, place.width, place.height);
    context.clip();
    if (data?.train_x) drawPoints(context, place, data, this.box.checked, 0.75);
    const own = known.members.map((_, i) => known.boundary(i));
    own.forEach((boundary) => boundary && drawLines(context, place, boundary.lines, FAINT));
    const all = known.boundary("ensemble");
    if (all) drawBoundary(context, place, { boundary: all.lines });
    const lit = own[this.lit];
    if (lit) drawLines(context, place, lit.lines, LIT);
    context.restore();
    const count = own.filter(Boolean).length;
    say(this.note, lit ? this.names[this.lit] : all ? "" : "measuring…");
    this.canvas.setAttribute("aria-label", `The boundaries of ${count} members as faint lines${all ? ", and that of all together as a thick one" : ""}`);
    Object.assign(this.canvas.dataset, { members: count, together: all ? all.lines.shape[0] : 0 });
  }

  close() { this.seen.disconnect(); }
}
