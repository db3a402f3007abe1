// Colours of the data: the same in light and dark. Class 0 is blue, class 1 orange; the field between them passes
// through light grey. Colours never speak alone: each class has a shape of its own.

export const CLASSES = [
  "#0072B2", "#E69F00", "#44AA99", "#882255", "#999933", "#56B4E9", "#AA4499", "#332288", "#DDCC77", "#661100",
];
export const SHAPES = [
  "circle", "diamond", "square", "triangle", "cross", "plus", "down", "star", "hexagon", "pentagon",
];
export const GROWN = "#009E73";
export const FIXED = "#CC79A7";
export const NEW_FOLD = "#D55E00";
export const HILL = "#7A3E9D";
export const BEST = "#0072B2"; // The best moment, whose net came back at the end.
export const BOUNDARY = "#14181D";
export const MIDDLE = [240, 240, 239];

const TINT = 0.5; // Share of the class colour in a certain field, so that points of the full colour stand out.

export const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const mix = (from, to, share) => from.map((value, i) => value + (to[i] - value) * share);
const TINTS = CLASSES.map((hex) => mix(MIDDLE, rgb(hex), TINT));

/** 256 colours from class 0 through grey to class 1, as bytes r, g, b. */
export const DIVERGING = (() => {
  const table = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; i += 1) {
    const t = (i / 255) * 2 - 1;
    table.set(mix(MIDDLE, TINTS[t < 0 ? 0 : 1], Math.abs(t)), i * 3);
  }
  return table;
})();

const LITTLE = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
export const packed = (r, g, b) => (LITTLE ? (255 << 24) | (b << 16) | (g << 8) | r : (r << 24) | (g << 16) | (b << 8) | 255) >>> 0;
const DIVERGING_32 = Uint32Array.from({ length: 256 }, (_, i) => packed(...DIVERGING.subarray(i * 3, i * 3 + 3)));

/** Bytes r, g, b of a packed pixel. */
export const unpacked = (pixel) => (LITTLE ? [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255] : [pixel >>> 24, (pixel >> 16) & 255, (pixel >> 8) & 255]);

const SWING = { light: 24, warm: 10 }; // How far neighbours of one class may lie apart.

/** A relative of a colour: the phase goes once round a small circle of lighter, warmer, darker, cooler. */
export function vary(pixel, phase) {
  const light = SWING.light * Math.cos(2 * Math.PI * phase);
  const warm = SWING.warm * Math.sin(2 * Math.PI * phase);
  const clamp = (value) => Math.max(0, Math.min(255, Math.round(value)));
  const [r, g, b] = unpacked(pixel);
  return packed(clamp(r + light + warm), clamp(g + light - 0.4 * warm), clamp(b + light - warm));
}

const sigmoid = (value) => 1 / (1 + Math.exp(-value));

/** Index into the diverging table for a probability of class 1. */
export const shade = (probability) => Math.max(0, Math.min(255, Math.round(probability * 255)));

/** Colour of the sign and size of a value, `scale` being fully coloured. */
export const signed = (value, scale) => DIVERGING_32[shade(0.5 + 0.5 * Math.max(-1, Math.min(1, value / (scale || 1))))];

/**
 * Paint class probabilities of `count` points into 32-bit pixels. `logits` lie class after class; with `hard` each
 * point has the flat tint of its most likely class.
 */
export function paintClasses(logits, classes, count, pixels, hard = false) {
  if (classes === 2) {
    for (let i = 0; i < count; i += 1) {
      const margin = logits[count + i] - logits[i];
      pixels[i] = DIVERGING_32[hard ? (margin > 0 ? 255 : 0) : shade(sigmoid(margin))];
    }
    return;
  }
  const share = new Float64Array(classes);
  for (let i = 0; i < count; i += 1) {
    let top = 0;
    for (let k = 1; k < classes; k += 1) if (logits[k * count + i] > logits[top * count + i]) top = k;
    let sum = 0;
    for (let k = 0; k < classes; k += 1) {
      share[k] = hard ? Number(k === top) : Math.exp(logits[k * count + i] - logits[top * count + i]);
      sum += share[k];
    }
    let r = 0, g = 0, b = 0;
    for (let k = 0; k < classes; k += 1) {
      const part = share[k] / sum;
      r += part * TINTS[k][0]; g += part * TINTS[k][1]; b += part * TINTS[k][2];
    }
    pixels[i] = packed(Math.round(r), Math.round(g), Math.round(b));
  }
}

/**
 * Paint what one unit gives: grey where it is silent; where it speaks, the colour of the class it argues for
 * (`lean` is the sign of its outgoing weight towards class 1).
 */
export function paintUnit(values, from, count, lean, pixels) {
  let most = 1e-9;
  for (let i = 0; i < count; i += 1) most = Math.max(most, Math.abs(values[from + i]));
  for (let i = 0; i < count; i += 1) pixels[i] = signed(lean * values[from + i], most);
}

/** Trace a marker of a class around (x, y) with radius r; the caller fills or strokes it. */
export function traceMarker(context, shape, x, y, r) {
  const polygon = (corners, turn, radius = r) => {
    for (let i = 0; i < corners; i += 1) {
      const angle = turn + (2 * Math.PI * i) / corners;
      context[i ? "lineTo" : "moveTo"](x + radius * Math.cos(angle), y + radius * Math.sin(angle));
    }
    context.closePath();
  };
  if (shape === "circle") { context.moveTo(x + r, y); context.arc(x, y, r, 0, 2 * Math.PI); }
  else if (shape === "diamond") polygon(4, 0, r * 1.25);
  else if (shape === "square") polygon(4, Math.PI / 4, r * 1.25);
  else if (shape === "triangle") polygon(3, -Math.PI / 2, r * 1.3);
  else if (shape === "down") polygon(3, Math.PI / 2, r * 1.3);
  else if (shape === "hexagon") polygon(6, 0, r * 1.1);
  else if (shape === "pentagon") polygon(5, -Math.PI / 2, r * 1.15);
  else {
    const spokes = shape === "star" ? 3 : 2;
    const turn = shape === "cross" ? Math.PI / 4 : 0;
    for (let i = 0; i < spokes; i += 1) {
      const [dx, dy] = [Math.cos(turn + (Math.PI * i) / spokes) * r * 1.2, Math.sin(turn + (Math.PI * i) / spokes) * r * 1.2];
      context.moveTo(x - dx, y - dy); context.lineTo(x + dx, y + dy);
    }
  }
}

export const strokedOnly = (shape) => ["cross", "plus", "star"].includes(shape);
