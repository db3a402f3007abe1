// From values to colours and heights: one scale for a picture, linear or logarithmic. Pure.

import { packed, rgb } from "../colour.mjs";

const STOPS = ["#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"].map(rgb);
const SHADES = 256;
const BRIGHTNESSES = 32;
const MOST_SHINE = 1.1;
const SPAN = 1e-6; // A logarithmic scale spans at most six powers of ten.

/** Red, green and blue of a share of the scale, 0 low to 1 high. */
export function colourAt(share) {
  const place = Math.max(0, Math.min(1, share)) * (STOPS.length - 1);
  const from = Math.min(STOPS.length - 2, Math.floor(place));
  return STOPS[from].map((value, k) => Math.round(value + (place - from) * (STOPS[from + 1][k] - value)));
}

const TABLE = Uint32Array.from({ length: SHADES }, (_, i) => packed(...colourAt(i / (SHADES - 1))));

/** A pixel of a share of the scale. */
export const pixelAt = (share) => TABLE[Math.max(0, Math.min(SHADES - 1, Math.round(share * (SHADES - 1))))];

let lit = null;
const litTable = () => {
  lit ??= Uint32Array.from({ length: SHADES * BRIGHTNESSES }, (_, i) => {
    const shine = ((Math.floor(i / SHADES) + 0.5) / BRIGHTNESSES) * MOST_SHINE;
    return packed(...colourAt((i % SHADES) / (SHADES - 1)).map((value) => Math.min(255, Math.round(value * shine))));
  });
  return lit;
};

/** A pixel of a share of the scale under light. */
export function look(share, shine) {
  const shade = Math.max(0, Math.min(SHADES - 1, Math.round(share * (SHADES - 1))));
  return litTable()[Math.min(BRIGHTNESSES - 1, Math.floor((shine / MOST_SHINE) * BRIGHTNESSES)) * SHADES + shade];
}

/** A scale over a range: `at(value)` → 0…1, `value(share)` back. Null without a range. */
export function scaleOf(range, log = false) {
  if (!range) return null;
  const high = range[1];
  const low = log ? Math.max(range[0], high * SPAN) : range[0];
  if (log && high > 0) {
    const [a, b] = [Math.log(low), Math.log(high)];
    const width = b - a || 1;
    return { low, high, log, at: (value) => Math.max(0, Math.min(1, (Math.log(Math.max(value, low)) - a) / width)), value: (share) => Math.exp(a + share * width) };
  }
  const width = high - low || 1;
  return { low, high, log: false, at: (value) => Math.max(0, Math.min(1, (value - low) / width)), value: (share) => low + share * width };
}

/** Values at evenly spaced shares of a scale, its ends left out. */
export const levels = (scale, count = 11) => Array.from({ length: count }, (_, i) => scale.value((i + 1) / (count + 1)));
