// Against η/S, learning rate by batch size: a dot a run, a mark at the mean of each group, and Spearman's correlation;
// and groups coloured by it, so that equal ratios can be seen to have equal curves. Pure but for plotly's form.

import { isRatio } from "../measures/declared.mjs";
import { faint } from "../pair/styles.mjs";
import { figure } from "../words.mjs";
import { logAxis } from "./bands.mjs";

const RATIO = "lr_batch_ratio";
const ONE = 0.01; // Share by which ratios may differ that count as one.
const COLOURS = ["#b2182b", "#e08214", "#a09a20", "#35978f", "#2166ac", "#762a83"]; // From the largest ratio down.
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];
const SHAPES = [["circle", "●"], ["square", "■"], ["diamond", "◆"], ["triangle-up", "▲"], ["triangle-down", "▼"], ["star", "★"]];

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const geometric = (values) => Math.exp(mean(values.map(Math.log)));

/** The ratio of each group by its key; groups that have none, such as Adam's, are left out. */
export function ratiosOf(groups, runs) {
  const told = groups.map(({ key }) => [key, runs.filter(({ group }) => group === key).map(({ values }) => values[RATIO]).filter((value) => value > 0)]);
  return new Map(told.filter(([, values]) => values.length).map(([key, values]) => [key, geometric(values)]));
}

/** Whether groups differ in it, so that there is something to draw along it. */
export const hasRatios = (groups, runs) => distinct([...ratiosOf(groups, runs).values()]).length > 1;

/** Ratios that count as different, the largest first. */
function distinct(ratios) {
  const found = [];
  for (const ratio of ratios.toSorted((a, b) => b - a)) if (!found.length || ratio < found.at(-1) * (1 - ONE)) found.push(ratio);
  return found;
}

/** The style of each group by its ratio: one colour a ratio; dash and mark tell those of one ratio apart. The others keep theirs. */
export function ratioStyles(groups, runs, styles) {
  const ratios = ratiosOf(groups, runs);
  const known = distinct([...ratios.values()]);
  const seen = new Map();
  return new Map(groups.map(({ key }) => {
    if (!ratios.has(key)) return [key, styles.get(key)];
    const at = known.findIndex((ratio) => ratios.get(key) > ratio * (1 - ONE));
    const within = seen.get(at) ?? 0;
    seen.set(at, within + 1);
    const [symbol, mark] = SHAPES[within % SHAPES.length];
    return [key, { colour: COLOURS[at % COLOURS.length], dash: DASHES[within % DASHES.length], symbol, mark }];
  }));
}

/** The runs that have both numbers where they are compared. */
export const ratioDots = (runs, measure, hidden = []) => runs
  .filter(({ group, values }) => !hidden.includes(group) && values[RATIO] > 0 && Number.isFinite(values[measure] ?? NaN) && (!isRatio(measure) || values[measure] > 0))
  .map((run) => ({ run, x: run.values[RATIO], y: run.values[measure] }));

/** The mean of each group, as the correlation ranks them. */
export function ratioMeans(groups, dots, measure) {
  const average = isRatio(measure) ? geometric : mean;
  const own = groups.map((group) => ({ group, mine: dots.filter(({ run }) => run.group === group.key) })).filter(({ mine }) => mine.length);
  return own.map(({ group, mine }) => ({ group, x: geometric(mine.map(({ x }) => x)), y: average(mine.map(({ y }) => y)), runs: mine.length }));
}

export function ratioTraces({ groups, runs }, styles, measure, hidden = []) {
  const dots = ratioDots(runs, measure, hidden);
  const each = groups.flatMap(({ key }) => {
    const mine = dots.filter(({ run }) => run.group === key);
    const { colour, symbol } = styles.get(key);
    return mine.length ? [{
      type: "scatter", mode: "markers", x: mine.map(({ x }) => x), y: mine.map(({ y }) => y), customdata: mine.map(({ run }) => run.id), text: mine.map(({ run }) => `${run.name}, seed ${run.seed}`),
      hovertemplate: "%{text}<br>%{y:.3~g} at η/S %{x:.3~g}<extra></extra>", marker: { symbol, size: 5, color: faint(colour, 0.45) },
    }] : [];
  });
  const means = ratioMeans(groups, dots, measure).map(({ group, x, y, runs: count }) => {
    const { colour, symbol } = styles.get(group.key);
    return { type: "scatter", mode: "markers", name: group.name, x: [x], y: [y], hovertemplate: `${group.name}: mean of ${count} %{y:.3~g}<extra></extra>`, marker: { symbol, size: 11, color: colour, line: { width: 1.4, color: colour } } };
  });
  return [...each, ...means];
}

/** Axes that hold all dots: the ratio by its logarithm; the measure too where ratios of it mean something. */
export function ratioAxes(traces, measure) {
  const xs = traces.flatMap(({ x }) => x).map(Math.log10);
  const ys = traces.flatMap(({ y }) => y).map((value) => (isRatio(measure) ? Math.log10(value) : value));
  if (!xs.length) return {};
  const spread = (values, least) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = Math.max(least, 0.08 * (high - low));
    return [low - room, high + room];
  };
  return { x: logAxis(spread(xs, 0.05)), y: isRatio(measure) ? logAxis(spread(ys, 0.05)) : { type: "linear", range: spread(ys, 0.002), nticks: 5 } };
}

/** Spearman's correlation in words; said plainly where there is none. */
export function rankWords(rank) {
  if (!rank) return "no rank correlation: fewer than three groups, or all alike";
  const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
  const interval = rank.low === null ? "" : ` [${signed(rank.low)}, ${signed(rank.high)}]`;
  return `Spearman ρ ${signed(rank.value)}${interval}, p ${figure(rank.p, 2)}, ${rank.settings} groups, ${rank.seeds} shared seed${rank.seeds === 1 ? "" : "s"}`;
}

/** Which accuracy is drawn: that of the validation points where there are any, else of the test points. */
export const accuracyBy = (runs) => (runs.some(({ values }) => Number.isFinite(values.validation_accuracy ?? NaN)) ? "validation_accuracy" : "test_accuracy");
