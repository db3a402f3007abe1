// Numbers beside points, each where it hides least; a number keeps its side until another is clearly better.

const AWAY = 13;
const HALF = [7, 7]; // Half of a number's box.
const SIDES = Array.from({ length: 8 }, (_, i) => [Math.cos((i * Math.PI) / 4), Math.sin((i * Math.PI) / 4)]);
const COST = { label: 8, anchor: 5, dot: 1, line: 1.6, outside: 20, loyal: 1.2 };

const inBox = (dx, dy, more = 0) => Math.abs(dx) < HALF[0] + more && Math.abs(dy) < HALF[1] + more;

/** Distance from a point to a segment [ax, ay, bx, by]. */
export function distanceTo([ax, ay, bx, by], x, y) {
  const [dx, dy] = [bx - ax, by - ay];
  const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(ax + t * dx - x, ay + t * dy - y);
}

/**
 * Sides (0…7) for the numbers of `anchors` [[x, y], …] in a box {left, top, width, height}, given `dots` [[x, y], …],
 * `lines` [[ax, ay, bx, by], …] and the sides they had before. Gives [{x, y, side}].
 */
export function placeLabels(anchors, { dots = [], lines = [], box, sides = [] }) {
  const placed = [];
  anchors.forEach(([x, y], i) => {
    let best = null;
    SIDES.forEach(([ux, uy], side) => {
      const [lx, ly] = [x + AWAY * ux, y + AWAY * uy];
      let cost = side === sides[i] ? -COST.loyal : 0;
      for (const other of placed) if (inBox((other.x - lx) / 2, (other.y - ly) / 2)) cost += COST.label;
      anchors.forEach(([ax, ay], j) => { if (j !== i && inBox(ax - lx, ay - ly, 4)) cost += COST.anchor; });
      for (const [dx, dy] of dots) if (inBox(dx - lx, dy - ly, 3)) cost += COST.dot;
      for (const line of lines) if (distanceTo(line, lx, ly) < 6) cost += COST.line;
      if (box && (lx < box.left + 8 || lx > box.left + box.width - 8 || ly < box.top + 8 || ly > box.top + box.height - 8)) cost += COST.outside;
      if (!best || cost < best.cost) best = { x: lx, y: ly, side, cost };
    });
    placed.push(best);
  });
  return placed.map(({ x, y, side }) => ({ x, y, side }));
}

/** Write a number that is read on any ground. */
export function drawLabel(context, words, x, y, { strong = false, faint = false } = {}) {
  context.font = `${strong ? 700 : 600} ${strong ? 13.5 : 12}px Inter, system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.globalAlpha = faint ? 0.45 : 1;
  context.strokeStyle = "rgba(255, 255, 255, 0.9)";
  context.lineWidth = 3.5;
  context.strokeText(words, x, y);
  context.fillStyle = "#14181d";
  context.fillText(words, x, y);
  context.globalAlpha = 1;
}
