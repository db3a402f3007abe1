// Where two nets disagree about the class: a picture and a share of the plane shown. Pure.

import { CLASSES, MIDDLE, packed, rgb } from "../colour.mjs";
import { evaluate, gridPoints } from "../forward.mjs";

export const SIDE = 160;
const QUIET = 0.16;

/** The most likely class at each centre of an n by n grid of a box, top row first. */
export function classesOf(net, box, n = SIDE) {
  const count = n * n;
  const { logits, classes } = evaluate(net, gridPoints(box, n, "difference"), count, "difference");
  const found = new Uint8Array(count);
  for (let i = 0; i < count; i += 1) {
    for (let k = 1; k < classes; k += 1) if (logits[k * count + i] > logits[found[i] * count + i]) found[i] = k;
  }
  return found;
}

/** Share of places where two lists of classes differ. */
export function disagreement(first, second) {
  let count = 0;
  for (let i = 0; i < first.length; i += 1) count += first[i] !== second[i];
  return first.length ? count / first.length : 0;
}

/** Paint where they differ in the first net's colour, striped with the second's; elsewhere faintly in their own. */
export function paintDifference(first, second, n, pixels) {
  const colours = CLASSES.map(rgb);
  for (let i = 0; i < first.length; i += 1) {
    const [column, row] = [i % n, Math.floor(i / n)];
    const differ = first[i] !== second[i];
    const own = colours[differ && (column + row) % 8 > 3 ? second[i] : first[i]];
    const share = differ ? 0.85 : QUIET;
    pixels[i] = packed(...own.map((value, at) => Math.round(MIDDLE[at] + (value - MIDDLE[at]) * share)));
  }
}

/** A share in per cent, never rounded down to nothing. */
export function shareWords(share) {
  if (share === 0) return "0 %";
  const percent = share * 100;
  if (percent < 0.1) return "under 0.1 %";
  return `${percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}
