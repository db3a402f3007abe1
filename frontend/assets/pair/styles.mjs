// How groups look: grown nets solid, green, ▲; fixed nets dashed, purple, ■. Several of one sort differ in shade and
// marker too, so that colour never speaks alone. Pure.

import { FIXED, GROWN } from "../colour.mjs";

const SORTS = {
  true: {
    colours: [GROWN, "#6b9a1f", "#00a0b0", "#3f8f5f", "#a09a20"],
    dashes: ["solid"],
    symbols: ["triangle-up", "triangle-up-open", "triangle-down", "triangle-down-open", "triangle-right"],
    marks: ["▲", "△", "▼", "▽", "▶"],
  },
  false: {
    colours: [FIXED, "#9a6ad6", "#c8643c", "#7f86d8", "#b0707a"],
    dashes: ["dash", "dot", "dashdot", "longdash", "longdashdot"],
    symbols: ["square", "square-open", "diamond", "diamond-open", "circle"],
    marks: ["■", "□", "◆", "◇", "●"],
  },
};

/** The style of each group by its key: `{colour, dash, symbol, mark}`. */
export function stylesOf(groups) {
  const seen = { true: 0, false: 0 };
  return new Map(groups.map(({ key, grows }) => {
    const sort = SORTS[Boolean(grows)];
    const at = seen[Boolean(grows)]++;
    const of = (list) => list[at % list.length];
    return [key, { colour: of(sort.colours), dash: of(sort.dashes), symbol: of(sort.symbols), mark: of(sort.marks) }];
  }));
}

/** A colour with a share of it let through. */
export const faint = (hex, share) => {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${r}, ${g}, ${b}, ${share})`;
};
