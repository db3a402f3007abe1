// A net of blocks in words. Pure.

import { blockName, shapeOf } from "./layout.mjs";

const whole = (value) => Math.round(value).toLocaleString("en-US");
const count = (value, one) => `${whole(value)} ${value === 1 ? one : `${one}s`}`;
const SIZES = [[1e12, "trillion"], [1e9, "billion"], [1e6, "million"]];

/** A number of operations in a few figures: `4.48 million`. */
export function rough(value) {
  const found = SIZES.find(([size]) => value >= size);
  return found ? `${Number((value / found[0]).toPrecision(3))} ${found[1]}` : whole(value);
}

/** A net in numbers: [words, what they mean]. */
export function factWords({ parameters, multiplications, operations }) {
  if (parameters === null) return [["size and blocks are known once the run has made it", ""]];
  return [
    [count(parameters, "parameter"), "Trained numbers."],
    [`${rough(multiplications)} multiplications a sample`, "Multiplications by weights of one sample's way forward."],
    [`${rough(operations)} operations a training step`, "Floating point operations of one step of training by sample, forward and back."],
  ];
}

function aroundWords({ shortcut }) {
  if (shortcut === null) return "";
  return shortcut.length ? `shortcut: ${shortcut.join(", ")}` : "shortcut: as it came";
}

/** A block in words: its layers, the way around it, and its numbers; `dead` of its inner units are never active. */
export function blockWords(block, dead = 0) {
  const name = block.times > 1 ? `${blockName(block.name)} to ${blockName(block.until)}, ${block.times} alike` : blockName(block.name);
  const inner = block.inner === null ? "" : `${count(block.inner, "inner unit")}${dead ? `, ${whole(dead)} never active` : ""}`;
  const numbers = [`out ${shapeOf(block.out)}`, inner, count(block.parameters, "parameter"), `${rough(block.multiplications)} multiplications`];
  return [`${name}: ${block.layers.join(", ") || "passes on"}`, aroundWords(block), ...numbers].filter(Boolean).join(" · ");
}

/** What the marks of a drawing mean. */
export function legendWords({ blocks }) {
  const inner = blocks.some((block) => block.inner !== null) ? "In a box: its inner units." : "";
  const around = blocks.some(({ shortcut }) => shortcut !== null) ? "An arc is a shortcut, dashed where it changes the shape." : "";
  return [inner, around].filter(Boolean).join(" ");
}

/** A drawing in one sentence, for those who do not see it. */
export function netWords({ name, shape, blocks }) {
  return `${name}: ${shapeOf(shape)} in, ${count(blocks.length, "block")}, ${shapeOf(blocks.at(-1)?.out ?? shape)} out.`;
}
