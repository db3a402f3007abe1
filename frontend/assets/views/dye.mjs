// Colours of a surface's points, in a form that stays right between them: on a linear piece a margin or a unit's output
// runs linearly, its colour does not. So values run over a face and are looked up for each pixel.
//
// A dye: {values, channels: 1, look(value, brightness) → packed pixel}, or {values [r, g, b, …], channels: 3}.

import { packed, paintClasses, signed, unpacked } from "../colour.mjs";
import { outputOf } from "../forward.mjs";
import { marginsOf } from "./graph.mjs";
import { leanOf } from "./picture.mjs";

const SHADES = 512;
const SURE = 7; // Margin from which on a colour does not change any more.
const BRIGHTNESSES = 64;

/** A table of colours from −reach to reach, in every brightness up to 1.1. */
function lookup(reach, colourAt) {
  const table = new Uint32Array(SHADES * BRIGHTNESSES);
  for (let i = 0; i < SHADES; i += 1) {
    const rgb = unpacked(colourAt(((i + 0.5) / SHADES) * 2 * reach - reach));
    for (let b = 0; b < BRIGHTNESSES; b += 1) {
      const shine = ((b + 0.5) / BRIGHTNESSES) * 1.1;
      table[b * SHADES + i] = packed(...rgb.map((value) => Math.min(255, Math.round(value * shine))));
    }
  }
  const factor = SHADES / (2 * reach);
  return (value, shine) => {
    const shade = Math.max(0, Math.min(SHADES - 1, Math.floor((value + reach) * factor)));
    return table[Math.min(BRIGHTNESSES - 1, Math.floor((shine / 1.1) * BRIGHTNESSES)) * SHADES + shade];
  };
}

const pixelOf = (margin, hard) => {
  const pixel = new Uint32Array(1);
  paintClasses([0, margin], 2, 1, pixel, hard);
  return pixel[0];
};

const fields = new Map();
const fieldLook = (hard) => {
  if (!fields.has(hard)) fields.set(hard, lookup(SURE, (margin) => pixelOf(margin, hard)));
  return fields.get(hard);
};
const unitLook = lookup(1, (value) => signed(value, 1));

/** The dye of a scene for points whose forward pass is known: the unit pointed at, or the classes. */
export function dyeOf({ net, lit, hard }, result, count) {
  if (lit) {
    const values = outputOf(net, result, lit, count);
    const most = values.reduce((top, value) => Math.max(top, Math.abs(value)), 1e-9) * leanOf(net, lit);
    return { values: values.map((value) => value / most), channels: 1, look: unitLook };
  }
  if (result.classes === 2) return { values: marginsOf(result, count), channels: 1, look: fieldLook(Boolean(hard)) };
  const pixels = new Uint32Array(count);
  paintClasses(result.logits, result.classes, count, pixels, hard);
  const values = new Uint8Array(3 * count);
  for (let i = 0; i < count; i += 1) values.set(unpacked(pixels[i]), 3 * i);
  return { values, channels: 3 };
}
