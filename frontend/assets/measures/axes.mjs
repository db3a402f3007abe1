// Axes that fit what they show. Pure.

const DEEPEST = 1e-8; // A log axis shows nothing smaller than this share of the largest value.

/** An axis for positive curves: from zero, or logarithmic when they span more than `ratio`. */
export function panelAxis(values, ratio = 300) {
  let low = Infinity;
  let high = 0;
  for (const value of values) {
    if (!(value > 0)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(high / low > ratio)) return { type: "linear", rangemode: "tozero" };
  const range = [Math.log10(Math.max(low, high * DEEPEST)) - 0.15, Math.log10(high) + 0.15];
  return { type: "log", range, dtick: Math.ceil((range[1] - range[0]) / 5), exponentformat: "power" };
}

/** From just below the lowest accuracy to 1, so that the curve fills its box without pretending. */
export function accuracyRange(...columns) {
  let low = 1;
  for (const column of columns) for (const value of column) if (value < low) low = value;
  return [Math.max(0, Math.floor((low - 0.04) * 10) / 10), 1.03];
}
