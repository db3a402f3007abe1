// Where the blocks of a net stand in a drawing. Pure. Boxes stand in rows, from left to right: as high as the picture
// behind them has rows, as wide as it has channels. A run of equal blocks of a deep net is one box with their number.

/** Sizes of a drawing in pixels: from one box to the next, of boxes, and what is left free above and below them. */
export const FULL = { pitch: 66, highest: 74, lowest: 20, thickest: 46, thinnest: 12, flat: 18, above: 22, below: 40 };
/** The same of a drawing without words below its boxes. */
export const COMPACT = { pitch: 26, highest: 40, lowest: 12, thickest: 22, thinnest: 7, flat: 10, above: 16, below: 4 };
const MOST = 14; // Blocks up to which each is drawn by itself.

/** What a person reads of a name: `stage2_1` is `stage 2.1`, `block3` is `block 3`. */
export const blockName = (name) => name.replace(/^([a-z]+)(\d+)_(\d+)$/, "$1 $2.$3").replace(/^([a-z]+)(\d+)$/, "$1 $2").replaceAll("_", " ");

/** A shape with times signs. */
export const shapeOf = (shape) => shape.join("×");

const TELLING = ["out", "layers", "shortcut", "inner", "stage"];
const alike = (a, b) => TELLING.every((key) => JSON.stringify(a[key]) === JSON.stringify(b[key]));

/** Blocks with `times`, how many one box stands for: equal neighbours, where there are many blocks in all. */
export function gathered(blocks) {
  const found = [];
  for (const block of blocks) {
    const last = found.at(-1);
    if (blocks.length <= MOST || !last || !alike(last, block)) found.push({ ...block, times: 1, until: block.name });
    else {
      last.times += 1;
      last.until = block.name;
      last.parameters += block.parameters;
      last.multiplications += block.multiplications;
    }
  }
  return found;
}

/** Channels and rows of a shape: of numbers in a row each is a row of one channel, of a sequence places are rows. */
function measures(shape) {
  if (shape.length === 3) return { channels: shape[0], rows: shape[1] };
  return shape.length === 2 ? { channels: shape[1], rows: shape[0] } : { channels: 1, rows: shape[0] };
}

const isFlat = ({ out }) => out.length === 1;
const between = (low, high, share) => low + (high - low) * Math.min(1, Math.max(0, share));
const grade = (value, most) => Math.log2(1 + value) / Math.log2(1 + most);
const largest = (blocks, key) => blocks.reduce((most, { out }) => Math.max(most, measures(out)[key]), 1);

/** Gives the size of a block's box among all of them: pictures by rows and channels, numbers in a row by their number. */
function sizing(blocks, look) {
  const pictures = blocks.filter((block) => !isFlat(block));
  const [channels, rows, numbers] = [largest(pictures, "channels"), largest(pictures, "rows"), largest(blocks.filter(isFlat), "rows")];
  return (block) => {
    const own = measures(block.out);
    if (isFlat(block)) return { width: look.flat, height: between(look.lowest, look.highest, grade(own.rows, numbers)) };
    return { width: between(look.thinnest, look.thickest, grade(own.channels, channels)), height: between(look.lowest, look.highest, own.rows / rows) };
  };
}

/** How many boxes stand in a row, and how far apart. */
function rowsOf(count, width, look) {
  const room = Math.max(1, Math.floor(width / look.pitch));
  const rows = Math.ceil(count / room);
  const each = Math.ceil(count / rows);
  return { rows, each, pitch: Math.min(1.6 * look.pitch, width / each) };
}

/**
 * Places of all boxes in a drawing of a width; `input` is the shape of one sample, `look` the sizes.
 *
 * Gives the `input` box and the `boxes` of the blocks (with x, y, width, height, and the `centre` and `middle` of their place),
 * the `lines` [x0, y, x1] that lead to each, the `pitch` of places in a row and the `height` of it all.
 */
export function layout(blocks, input, width, look = FULL) {
  const all = [{ name: "input", out: input, layers: [], shortcut: null, stage: -1, inner: null, times: 1 }, ...gathered(blocks)];
  const { rows, each, pitch } = rowsOf(all.length, width, look);
  const size = sizing(all, look);
  const rowHeight = look.above + look.highest + look.below;
  const boxes = all.map((block, place) => {
    const box = size(block);
    const row = Math.floor(place / each);
    const [centre, middle] = [(place % each + 0.5) * pitch, row * rowHeight + look.above + look.highest / 2];
    return { ...block, ...box, row, centre, middle, x: centre - box.width / 2, y: middle - box.height / 2 };
  });
  return { input: boxes[0], boxes: boxes.slice(1), lines: linesOf(boxes, pitch), pitch, height: rows * rowHeight };
}

/** Lines from box to box; from one row to the next both ends stand open. */
function linesOf(boxes, pitch) {
  return boxes.slice(1).flatMap((box, i) => {
    const before = boxes[i];
    const right = before.x + before.width;
    if (before.row === box.row) return [[right, before.middle, box.x]];
    const open = (space) => Math.max(4, Math.min(12, space));
    return [[right, before.middle, right + open((pitch - before.width) / 2 - 2)], [box.x - open(box.x - 2), box.middle, box.x]];
  });
}

/** The way around a box, as the path of an arc over it. */
export function arc({ x, y, width, middle }, pitch) {
  const reach = Math.max(2, Math.min(9, (pitch - width) / 2 - 2));
  const [left, right, top] = [x - reach, x + width + reach, y - Math.min(12, 4 + reach)].map((value) => value.toFixed(1));
  const centre = (x + width / 2).toFixed(1);
  return `M${left},${middle.toFixed(1)} C${left},${top} ${left},${top} ${centre},${top} S${right},${top} ${right},${middle.toFixed(1)}`;
}
