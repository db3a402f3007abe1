// Small pictures of the data sets, for choosing; the points of a run always come from the server.

import { CLASSES } from "../colour.mjs";

function chance(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const polar = (radius, angle) => [radius * Math.cos(angle), radius * Math.sin(angle)];
const between = (random, low, high) => low + (high - low) * random();

const RULES = {
  rings: (i, random) => {
    const y = i % 2;
    return [polar(y ? between(random, 2, 3) : between(random, 0, 1), between(random, 0, 2 * Math.PI)), y];
  },
  moons: (i, random) => {
    const [x, y] = polar(1, between(random, 0, Math.PI));
    return i % 2 ? [[1 - x, 0.5 - y], 1] : [[x, y], 0];
  },
  xor: (i, random) => {
    const [a, b] = [between(random, 0.12, 1) * (random() < 0.5 ? -1 : 1), between(random, 0.12, 1) * (random() < 0.5 ? -1 : 1)];
    return [[a, b], Number(a * b < 0)];
  },
  two_spirals: (i, random) => {
    const radius = between(random, 0.1, 1);
    return [polar(radius, Math.PI * (i % 2) + 3 * Math.PI * radius), i % 2];
  },
  sine: (i, random) => {
    const [x, z] = [between(random, -Math.PI, Math.PI), between(random, -2, 2)];
    return [[x, z * 1.5], Number(z > Math.sin(x))];
  },
  overlap_quadratic: (i, random) => {
    const t = between(random, -1, 1);
    const side = i % 2 ? 1 : -1;
    return [[2 * t, side * (4 * t * t - 2) + between(random, -0.4, 0.4)], i % 2];
  },
  checkerboard: (i, random) => {
    const [a, b] = [between(random, -1, 1), between(random, -1, 1)];
    return [[a, b], (Math.floor((a + 1) * 2) + Math.floor((b + 1) * 2)) % 2];
  },
  gaussian_blobs: (i, random) => {
    const [x, y] = polar(1.5, (2 * Math.PI * (i % 3)) / 3);
    const [dx, dy] = polar(0.45 * Math.sqrt(-2 * Math.log(1 - random())), between(random, 0, 2 * Math.PI));
    return [[x + dx, y + dy], i % 3];
  },
};
const COUNT = { two_spirals: 170, checkerboard: 260, rings: 150, xor: 150, sine: 170 };

/** Draw a data set's picture onto a canvas of the given side (CSS pixels). */
export function drawPicture(canvas, kind, side) {
  const ratio = globalThis.devicePixelRatio || 1;
  canvas.width = canvas.height = Math.round(side * ratio);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const random = chance(11);
  const points = Array.from({ length: COUNT[kind] ?? 110 }, (_, i) => RULES[kind](i, random));
  const reach = Math.max(...points.flatMap(([[x, y]]) => [Math.abs(x), Math.abs(y)])) * 1.12;
  const middle = kind === "moons" ? [0.5, 0.25] : [0, 0];
  for (const [[x, y], label] of points) {
    context.fillStyle = CLASSES[label];
    context.beginPath();
    const scale = kind === "moons" ? side / 3.6 : side / 2 / reach;
    context.arc(side / 2 + (x - middle[0]) * scale, side / 2 - (y - middle[1]) * scale, 1.25, 0, 2 * Math.PI);
    context.fill();
  }
}
