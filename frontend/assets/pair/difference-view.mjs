// The picture of where two nets disagree, with both boundaries over it.

import { fit } from "../dom.mjs";
import { element } from "../element.mjs";
import { drawAxes, drawOutline } from "../plane-marks.mjs";
import { placeBox } from "../plane.mjs";
import { tenths } from "../words.mjs";
import { classesOf, disagreement, paintDifference, SIDE } from "./difference.mjs";

export class DifferenceView {
  constructor(place) {
    this.canvas = element("canvas.fc-difference", { role: "img", "aria-label": "Where the two nets disagree" });
    this.field = document.createElement("canvas");
    this.field.width = this.field.height = SIDE;
    this.place = place;
    place.replaceChildren(this.canvas);
    this.painted = [];
    this.share = null;
  }

  /** Draw two shots `{frame, net, box, colour, dash}`; gives the share of the plane where they disagree. */
  draw(first, second) {
    if (this.painted[0] !== first.frame || this.painted[1] !== second.frame) this.#paint(first, second);
    const { context, width, height } = fit(this.canvas, this.place.clientWidth, this.place.clientHeight);
    const place = placeBox(first.box, width, height);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.field, place.left, place.top, place.width, place.height);
    drawAxes(context, place);
    context.save();
    context.beginPath();
    context.rect(place.left, place.top, place.width, place.height);
    context.clip();
    for (const shot of [second, first]) drawOutline(context, place, shot);
    context.restore();
    this.canvas.setAttribute("aria-label", `Where the two nets disagree: ${tenths(this.share)} of the plane shown`);
    return this.share;
  }

  #paint(first, second) {
    this.painted = [first.frame, second.frame];
    const classes = [first, second].map(({ net, box }) => classesOf(net, box));
    this.share = disagreement(...classes);
    const context = this.field.getContext("2d");
    const image = context.createImageData(SIDE, SIDE);
    paintDifference(...classes, SIDE, new Uint32Array(image.data.buffer));
    context.putImageData(image, 0, 0);
  }
}
