// Who hears whom, as places and lines of a diagram. Pure. Columns are the inputs, the hidden units by layer (in a net
// without a cycle: by depth), the outputs; two outputs are drawn as one, which is their difference. A place is
// {column, row}.

import { isWide, sizes } from "./forward.mjs";

/** Whether a frame's net has no layers and is shown by depth. */
export const isDag = (frame) => Boolean(frame.edges?.length) || isWide(frame);

const where = (units) => {
  const places = new Map();
  units.forEach((ids, layer) => ids.forEach((id, row) => places.set(id, { column: layer + 1, row })));
  return places;
};

/** Ids that are no hidden unit's, in order: what stands at one end of the edges besides them. */
const strangers = (edges, end, places) => [...new Set(Array.from({ length: edges.length / 2 }, (_, i) => edges[2 * i + end]))].filter((id) => !places.has(id)).sort((a, b) => a - b);

/** Whether a frame's net has the constant 1 as an input. */
function hasConstant({ edges, units, weights }) {
  return Boolean(edges?.length) && strangers(edges, 0, where(units)).length > weights[0].shape[1];
}

/** How many stand in each column; the constant 1 is the last input. */
export function widthsOf(net, frame) {
  const [inputs, ...others] = sizes(net);
  const classes = others.pop();
  return [inputs + (hasConstant(frame) ? 1 : 0), ...others, classes === 2 ? 1 : classes];
}

/** The weight of a line: from a unit, an input or the constant to a unit or an output; of two outputs the difference. */
function weigher(net) {
  const widths = sizes(net);
  const merged = widths.at(-1) === 2;
  return (from, to) => {
    const layer = to.column - 1;
    const [weight, bias] = [net.weights[layer], net.biases[layer]];
    const constant = from.column === 0 && from.row >= widths[0];
    const behind = widths.slice(from.column, to.column).reduce((sum, width) => sum + width, 0);
    const column = weight.shape[1] - behind + from.row;
    const value = (row) => (constant ? bias[row] : weight[row * weight.shape[1] + column]);
    return merged && layer === net.weights.length - 1 ? value(1) - value(0) : value(to.row);
  };
}

/** Lines of a plain net: each unit hears all of the layer before. */
function betweenLayers(widths) {
  return widths.slice(1).flatMap((width, column) => Array.from({ length: width }, (_, row) => (
    Array.from({ length: widths[column] }, (__, source) => ({ from: { column, row: source }, to: { column: column + 1, row }, primary: true }))
  )).flat());
}

/** Lines of a net of which only the weights are known: where one is not zero. */
function whereNotZero(net, widths) {
  const weigh = weigher(net);
  const found = [];
  widths.forEach((width, column) => {
    for (let before = 0; before < column; before += 1) {
      for (let row = 0; row < width; row += 1) {
        for (let source = 0; source < widths[before]; source += 1) {
          const line = { from: { column: before, row: source }, to: { column, row }, primary: before === column - 1 };
          if (weigh(line.from, line.to)) found.push(line);
        }
      }
    }
  });
  return found;
}

/** Lines of a net whose edges the frame tells by the ids of their ends; the two outputs' edges are one line. */
function told({ edges, primary, units, weights }, classes) {
  const places = where(units);
  const last = weights.length;
  strangers(edges, 0, places).forEach((id, row) => places.set(id, { column: 0, row }));
  strangers(edges, 1, where(units)).forEach((id, row) => places.set(id, { column: last, row: classes === 2 ? 0 : row }));
  const found = new Map();
  for (let i = 0; i < edges.length / 2; i += 1) {
    const [from, to] = [places.get(edges[2 * i]), places.get(edges[2 * i + 1])];
    const key = [from.column, from.row, to.column, to.row].join();
    found.set(key, { from, to, primary: Boolean(primary[i]) || Boolean(found.get(key)?.primary) });
  }
  return [...found.values()];
}

/** All lines of a frame's net: [{from, to, weight, primary, strong}]; where none is primary into a unit, all are strong. */
export function linesOf(net, frame) {
  const widths = widthsOf(net, frame);
  let lines;
  if (frame.edges?.length) lines = told(frame, sizes(net).at(-1));
  else lines = isWide(net) ? whereNotZero(net, widths) : betweenLayers(widths);
  const weigh = weigher(net);
  const key = ({ column, row }) => `${column}.${row}`;
  const led = new Set(lines.filter(({ primary }) => primary).map(({ to }) => key(to)));
  for (const line of lines) Object.assign(line, { weight: weigh(line.from, line.to), strong: line.primary || !led.has(key(line.to)) });
  return lines;
}

const NAMES = ["x", "y", "z"];

/** What a place is called. */
export function placeName(net, frame, { column, row }) {
  const widths = sizes(net);
  if (column === 0) return row >= widths[0] ? "1" : widths[0] <= 3 ? NAMES[row] : `input ${row + 1}`;
  if (column === widths.length - 1) return widths.at(-1) === 2 ? "output" : `output ${row}`;
  return `neuron ${isDag(frame) && frame.units.length > 1 ? `${column}.` : ""}${row + 1}`;
}

/** Parents and children of a hidden unit {layer, row}, in the order of columns and rows, with their weights. */
export function relatives(net, frame, { layer, row }) {
  const [parents, children] = [[], []];
  const is = (place) => place.column === layer + 1 && place.row === row;
  for (const { from, to, weight, primary } of linesOf(net, frame)) {
    if (is(to)) parents.push({ place: from, weight, primary });
    if (is(from)) children.push({ place: to, weight, primary });
  }
  const order = (a, b) => a.place.column - b.place.column || a.place.row - b.place.row;
  return { parents: parents.sort(order), children: children.sort(order) };
}
