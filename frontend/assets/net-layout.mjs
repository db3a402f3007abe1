// Where the units of a diagram stand, and which way its lines take. Pure. Lines between neighbouring columns are one
// curve; a line that skips columns passes each of them in a gap between its units, so that it runs through none.

const INSET = 26;
const MOST_DRAWN = 60; // Units from which on a net without layers is summed up by depth.
const LEAST_SIDE = 7;
const LEAST_PITCH = 22; // Between depths; a net that needs more room is scrolled.
const MOST_BARS = 9;
const BAR_WIDTH = 28;
const EVEN = 1.5; // How much larger than the smallest a picture may be.

const pitchOf = (columns, width) => (width - 2 * INSET) / Math.max(1, columns - 1);

/** Middle of each unit of each column (inputs and outputs too) in a box, and the side of its picture. */
export function arrange(widths, width, height) {
  const columns = widths.length;
  const across = pitchOf(columns, width);
  return widths.map((count, column) => {
    const x = INSET + column * across;
    const room = height / count;
    const ends = column === 0 || column === columns - 1;
    const side = Math.max(2, Math.min(ends ? 30 : 44, room - Math.min(6, room * 0.25), Math.max(across - 10, 0.55 * across)));
    const pitch = Math.min(room, side + 16);
    return Array.from({ length: count }, (_, row) => ({ x, y: height / 2 + (row - (count - 1) / 2) * pitch, side }));
  });
}

/** How wide a net is drawn by depth, so that a deep one can be read. */
export const roomFor = (widths, width) => Math.max(width, 2 * INSET + (widths.length - 1) * LEAST_PITCH);

/** Whether a net drawn by depth has more units than can be told apart. */
export function isCrowded(widths, width, height) {
  const hidden = widths.slice(1, -1);
  const smallest = Math.min(Infinity, ...arrange(widths, roomFor(widths, width), height).slice(1, -1).flat().map(({ side }) => side));
  return hidden.reduce((sum, count) => sum + count, 0) > MOST_DRAWN || smallest < LEAST_SIDE;
}

/** The same with the units of each hidden column in the order of their primary parents' height, from the inputs on. */
export function arrangeByParents(widths, lines, width, height) {
  const spots = arrange(widths, width, height);
  const hidden = spots.slice(1, -1).flat();
  const largest = Math.min(0.62 * pitchOf(widths.length, width), EVEN * Math.min(...hidden.map(({ side }) => side)));
  for (const spot of hidden) spot.side = Math.min(spot.side, largest);
  const heights = widths.map((count) => Array(count).fill(null));
  widths.forEach((count, column) => {
    const inner = column > 0 && column < widths.length - 1;
    const own = Array.from({ length: count }, () => []);
    for (const { from, to, strong } of lines) if (to.column === column && strong) own[to.row].push(heights[from.column][from.row]);
    const mean = (list) => (list.length ? list.reduce((sum, y) => sum + y, 0) / list.length : height / 2);
    const order = own.map((list, row) => [mean(list), row]);
    if (inner) order.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const sorted = spots[column].slice();
    order.forEach(([, row], place) => { spots[column][row] = sorted[place]; heights[column][row] = sorted[place].y; });
  });
  return spots;
}

/** Gaps between, above and below the units of a column, {top, bottom, taken: lines that pass it}. */
function gapsOf(column, height) {
  const units = column.slice().sort((a, b) => a.y - b.y);
  const edges = [3, ...units.flatMap(({ y, side }) => [y - side / 2 - 2, y + side / 2 + 2]), height - 3];
  return Array.from({ length: units.length + 1 }, (_, i) => {
    const [top, bottom] = [edges[2 * i], edges[2 * i + 1]];
    const middle = (top + bottom) / 2;
    return { top: Math.min(top, middle), bottom: Math.max(bottom, middle), taken: 0 };
  });
}

const SPREAD = [0, 1, -1, 2, -2, 3, -3]; // How lines that share a gap lie beside one another.
const APART = 2.4;
const BOW = 6; // How far a line bows out for each depth that it skips: long ways lie outside short ones.

/** A way through a column near height y, in the nearest gap with room. */
function laneAt(gaps, y) {
  const into = ({ top, bottom }, wanted) => Math.max(top, Math.min(bottom, wanted));
  const loss = (gap) => Math.abs(into(gap, y) - y) + (APART * 3 * gap.taken) / Math.max(1, (gap.bottom - gap.top) / APART);
  const gap = gaps.reduce((best, each) => (loss(each) < loss(best) ? each : best));
  const lane = into(gap, into(gap, y) + APART * SPREAD[gap.taken % SPREAD.length]);
  gap.taken += 1;
  return lane;
}

/** The way of each line: heights at which it leaves, passes and arrives, [[x0, y0], [x1, y1], …]: from each second spot to the next it is a curve, else straight. */
export function waysOf(lines, spots, height) {
  const gaps = spots.map((column) => gapsOf(column, height));
  const half = spots.map((column) => Math.max(...column.map(({ side }) => side)) / 2 + 2);
  return lines.map(({ from, to }) => {
    const [a, b] = [spots[from.column][from.row], spots[to.column][to.row]];
    const way = [[a.x + a.side / 2, a.y]];
    const rise = Math.min(0.42 * height, BOW * (to.column - from.column - 1)) * (from.column % 2 ? -1 : 1);
    for (let column = from.column + 1; column < to.column; column += 1) {
      const { x } = spots[column][0];
      const t = (x - a.x) / (b.x - a.x);
      const y = laneAt(gaps[column], a.y + t * (b.y - a.y) + 4 * t * (1 - t) * rise);
      way.push([x - half[column], y], [x + half[column], y]);
    }
    return [...way, [b.x - b.side / 2, b.y]];
  });
}

/** Depths gathered into a few groups, [{first, last, count}]. */
function groupsOf(hidden) {
  const groups = [];
  hidden.forEach((count, i) => {
    const at = Math.floor((i * Math.min(MOST_BARS, hidden.length)) / hidden.length);
    groups[at] ??= { first: i + 1, last: i + 1, count: 0 };
    Object.assign(groups[at], { last: i + 1, count: groups[at].count + count });
  });
  return groups;
}

/** Neighbouring depths as one: a bar as high as its units are many, with the number, and the lines added up. */
export function summedUp(widths, lines, width, height) {
  const groups = groupsOf(widths.slice(1, -1));
  const across = pitchOf(groups.length + 2, width);
  const most = Math.max(...groups.map(({ count }) => count));
  const bars = groups.map((group, i) => ({
    ...group, x: INSET + (i + 1) * across, y: height / 2, width: Math.min(BAR_WIDTH, across - 4),
    height: Math.max(18, (group.count / most) * (height - 34)),
  }));
  const groupOf = (column) => (column === 0 ? 0 : column === widths.length - 1 ? groups.length + 1 : groups.findIndex(({ last }) => column <= last) + 1);
  const sums = new Map();
  for (const { from, to, weight } of lines) {
    const [a, b] = [groupOf(from.column), groupOf(to.column)];
    const sum = sums.get(`${a},${b}`) ?? { from: a, to: b, lines: 0, size: 0 };
    sum.lines += 1;
    sum.size += Math.abs(weight);
    sums.set(`${a},${b}`, sum);
  }
  return { bars, sums: [...sums.values()] };
}
