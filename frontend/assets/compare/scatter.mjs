// Sharpness against accuracy: a dot a run, a thin line joining each pair, an ellipse a group. Pure but for plotly's form.

import { logAxis } from "./bands.mjs";
import { faint } from "../pair/styles.mjs";

const CHI2 = 5.991464547107979; // 95 % of a normal distribution in the plane lies within the root of this.

/**
 * The 95 % ellipse of points [[x, y], …], as a closed line: of the normal distribution with their mean and covariance.
 * With fewer than three points, or all on one line, there is none.
 */
export function ellipse(points, corners = 60) {
  const n = points.length;
  if (n < 3) return null;
  const mean = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / n);
  const covariance = (a, b) => points.reduce((sum, point) => sum + (point[a] - mean[a]) * (point[b] - mean[b]), 0) / (n - 1);
  const [xx, xy, yy] = [covariance(0, 0), covariance(0, 1), covariance(1, 1)];
  const low = xx * yy - xy * xy; // The determinant; Cholesky below needs it positive.
  if (!(xx > 0) || !(low > 1e-12 * xx * yy)) return null;
  const a = Math.sqrt(xx);
  const b = xy / a;
  const c = Math.sqrt(yy - b * b);
  const radius = Math.sqrt(CHI2);
  return Array.from({ length: corners + 1 }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners;
    const [u, v] = [radius * Math.cos(angle), radius * Math.sin(angle)];
    return [mean[0] + a * u, mean[1] + b * u + c * v];
  });
}

/** The accuracy that is drawn: on test points where there are any. */
export const accuracyOf = ({ values }) => values.test_accuracy ?? values.train_accuracy ?? null;

/** The runs that have both numbers where they are compared. */
export const dotsOf = (runs, measure, hidden = []) => runs
  .filter((run) => !hidden.includes(run.group) && accuracyOf(run) !== null && run.values[measure] > 0)
  .map((run) => ({ run, x: accuracyOf(run), y: run.values[measure] }));

export function scatterTraces({ groups, runs, contrasts }, styles, measure, hidden = []) {
  const dots = dotsOf(runs, measure, hidden);
  const byRun = new Map(dots.map((dot) => [dot.run.id, dot]));
  const pairs = contrasts.filter(({ paired }) => paired).flatMap((contrast) => contrast.pairs).map(({ first, second }) => [byRun.get(first), byRun.get(second)]).filter(([a, b]) => a && b);
  const joined = { x: pairs.flatMap(([a, b]) => [a.x, b.x, null]), y: pairs.flatMap(([a, b]) => [a.y, b.y, null]) };
  const lines = { type: "scatter", mode: "lines", ...joined, hoverinfo: "skip", line: { width: 0.8, color: "rgba(128,128,128,0.45)" } };
  const own = groups.map((group) => ({ group, style: styles.get(group.key), dots: dots.filter(({ run }) => run.group === group.key) })).filter((each) => each.dots.length);
  return [...(pairs.length ? [lines] : []), ...own.flatMap(ellipseOf), ...own.map(marksOf)];
}

function ellipseOf({ style: { colour, dash }, dots }) {
  const around = ellipse(dots.map(({ x, y }) => [x, Math.log10(y)]));
  if (!around) return [];
  const more = { hoverinfo: "skip", fill: "toself", fillcolor: faint(colour, 0.08), line: { width: 1.3, color: colour, dash } };
  return [{ type: "scatter", mode: "lines", x: around.map(([x]) => x), y: around.map(([, y]) => 10 ** y), ...more }];
}

const marksOf = ({ group, style: { colour, symbol }, dots }) => ({
  type: "scatter", mode: "markers", name: group.name, x: dots.map(({ x }) => x), y: dots.map(({ y }) => y), customdata: dots.map(({ run }) => run.id),
  text: dots.map(({ run }) => `${run.name}, seed ${run.seed}`), hovertemplate: "%{text}<br>%{y:.3~g} at %{x:.3f}<extra></extra>", marker: { symbol, size: 10, color: colour, line: { width: 1.4, color: colour } },
});

/** Ranges that hold dots and ellipses. */
export function scatterAxes(traces) {
  const xs = traces.flatMap(({ x }) => x).filter((value) => value !== null);
  const ys = traces.flatMap(({ y }) => y).filter((value) => value > 0).map(Math.log10);
  if (!xs.length || !ys.length) return {};
  const spread = (values, least) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = Math.max(least, 0.06 * (high - low));
    return [low - room, high + room];
  };
  const [left, right] = spread(xs, 0.004);
  return { x: { range: [left, Math.min(right, Math.max(1.004, ...xs))], nticks: 5 }, y: logAxis(spread(ys, 0.05)) };
}
