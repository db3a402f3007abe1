// The plane as a picture: the net's field, what one unit gives, or the regions; and the hatching of a unit's active side.

import { paintClasses, paintUnit } from "../colour.mjs";
import { el } from "../dom.mjs";
import { columnOf, evaluate, gridPoints, gridSide, outputOf } from "../forward.mjs";
import { hasFolds } from "../nets.mjs";
import { paintRegions, regionSide } from "./regions.mjs";

const FINEST = 1000; // Pixels a side from which on finer regions would not be seen.

/** Which class a unit's output argues for: the sign of its weight towards class 1 over class 0; +1 if not direct. */
export function leanOf(net, unit) {
  const out = net.weights.at(-1);
  const column = columnOf(net, net.weights.length - 1, unit);
  if (column < 0 || out.shape[0] !== 2) return 1;
  return out[out.shape[1] + column] - out[column] < 0 ? -1 : 1;
}

/** Colours of `count` points whose forward pass is known: the unit pointed at, or the classes. */
function paintPoints({ net, lit, hard }, result, count, pixels) {
  if (lit) paintUnit(outputOf(net, result, lit, count), 0, count, leanOf(net, lit), pixels);
  else paintClasses(result.logits, result.classes, count, pixels, hard);
}

export class Picture {
  constructor() {
    this.canvas = el("canvas", { class: "plane-field", "aria-hidden": "true" });
    this.hatched = document.createElement("canvas");
    this.hatching = false;
    this.regions = 0;
  }

  /** Paint a scene where the box lies in the page. */
  paint(scene, place) {
    const { net, box, lit, frame } = scene;
    const { left, top, width, height } = place;
    Object.assign(this.canvas.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    const n = gridSide(net);
    this.hatching = Boolean(lit) && hasFolds(net);
    const pieces = scene.view === "regions" && !frame.why_no_folds;
    const result = pieces && !lit ? null : evaluate(net, gridPoints(box, n), n * n);
    if (pieces) this.#regions(scene, Math.min(FINEST, Math.round(width * (globalThis.devicePixelRatio || 1))));
    else this.#put(n, (pixels) => paintPoints(scene, result, n * n, pixels));
    if (this.hatching) this.#hatch(result.before[lit.layer], lit.row * n * n, n, place);
  }

  #put(n, paint) {
    if (this.canvas.width !== n) this.canvas.width = this.canvas.height = n;
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(n, n);
    paint(new Uint32Array(image.data.buffer));
    context.putImageData(image, 0, 0);
  }

  #regions({ frame, net, box }, wanted) {
    const n = regionSide(frame, net, wanted);
    this.#put(n, (pixels) => { this.regions = paintRegions(frame, net, box, n, pixels); });
  }

  /** Hatch the side on which a unit is active. */
  #hatch(before, from, n, place) {
    const mask = document.createElement("canvas");
    mask.width = mask.height = n;
    const inner = mask.getContext("2d");
    const image = inner.createImageData(n, n);
    for (let i = 0; i < n * n; i += 1) image.data[4 * i + 3] = before[from + i] > 0 ? 255 : 0;
    inner.putImageData(image, 0, 0);
    const [width, height] = [Math.round(place.width), Math.round(place.height)];
    Object.assign(this.hatched, { width, height });
    const lines = this.hatched.getContext("2d");
    lines.strokeStyle = "rgba(20, 24, 29, 0.3)";
    lines.lineWidth = 1;
    lines.beginPath();
    for (let x = -height; x < width; x += 9) { lines.moveTo(x, height); lines.lineTo(x + height, 0); }
    lines.stroke();
    lines.globalCompositeOperation = "destination-in";
    lines.drawImage(mask, 0, 0, width, height);
  }

  /** Lay the hatching over what is drawn, where there is one. */
  drawHatching(context, { left, top, width, height }) {
    if (this.hatching) context.drawImage(this.hatched, left, top, width, height);
  }
}
