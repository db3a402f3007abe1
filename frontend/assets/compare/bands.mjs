// Groups along the clock: a faint line a run, the mean with its band, births as triangles. Pure but for plotly's form.

import { line, timeMarks } from "../charts.mjs";
import { powers } from "../landscape/frame.mjs";
import { ticks } from "../plane-marks.mjs";
import { figure } from "../words.mjs";
import { faint } from "../pair/styles.mjs";

/** The traces of one measure over the groups that are shown. */
export function bandTraces(groups, styles, measure, hidden = []) {
  const shown = groups.filter(({ key, bands }) => !hidden.includes(key) && bands[measure]);
  return [
    ...shown.flatMap((group) => bandOf(group, styles.get(group.key), measure)),
    ...shown.flatMap((group) => eachOf(group, styles.get(group.key), measure)),
    ...shown.map((group) => meanOf(group, styles.get(group.key), measure)),
  ];
}

/** Where the mean is drawn: where all runs have a value that ever have one at once, so that no run's end bends it. */
export function wholeBand({ x, n, mean }) {
  const most = n.reduce((high, count) => Math.max(high, count), 0);
  return x.map((_, i) => i).filter((i) => n[i] === most && mean[i] !== null);
}

function bandOf({ bands }, { colour }, measure) {
  const { x, low, high } = bands[measure];
  const there = wholeBand(bands[measure]).filter((i) => low[i] !== null && high[i] !== null);
  if (there.length < 2) return [];
  const edge = (values, more) => line({ x: there.map((i) => x[i]), y: there.map((i) => values[i]) }, { hoverinfo: "skip", line: { width: 0 }, ...more });
  return [edge(low, {}), edge(high, { fill: "tonexty", fillcolor: faint(colour, 0.18) })];
}

const eachOf = ({ bands }, { colour, dash }, measure) => bands[measure].each.map((values) =>
  line({ x: bands[measure].x, y: values }, { hoverinfo: "skip", line: { width: 0.8, color: faint(colour, 0.32), dash } }));

const meanOf = ({ name, bands }, { colour, dash }, measure) => meanLine(wholeBand(bands[measure]), bands[measure], name, colour, dash);

const meanLine = (there, { x, mean }, name, colour, dash) =>
  line({ x: there.map((i) => x[i]), y: there.map((i) => mean[i]) }, { name, hovertemplate: `%{y:.4~g} ${name}<extra></extra>`, line: { width: 2.4, color: colour, dash } });

/** The line of one run over the others, while it is pointed at. */
export function litTrace(groups, styles, measure, run) {
  const group = groups.find(({ runs, bands }) => runs?.includes(run) && bands[measure]);
  if (!group) return [];
  const { x, each } = group.bands[measure];
  return [line({ x, y: each[group.runs.indexOf(run)] }, { hoverinfo: "skip", line: { width: 2.6, color: styles.get(group.key).colour } })];
}

/** ▲ where nets of the groups shown grew and ★ where those are from that came back, on the axis of the clock. */
export function birthTraces(runs, hidden = []) {
  const shown = runs.filter(({ group }) => !hidden.includes(group));
  const placesOf = (pick) => shown.flatMap(pick).map(({ at }) => at).filter((at) => at !== null);
  const [births, best] = [placesOf((run) => run.births), placesOf(({ restored }) => (restored ? [restored] : []))];
  const marks = timeMarks(births, best);
  return marks.x.length ? [{ ...marks, marker: { ...marks.marker, size: marks.marker.size.map((size) => (2 * size) / 3), opacity: 0.5 } }] : [];
}

/** Lowest and highest number of a measure over groups; of a logarithmic axis, of what is positive. */
export function bandExtent(groups, measure, log) {
  let [low, high] = [Infinity, -Infinity];
  for (const { bands } of groups) {
    for (const values of bands[measure]?.each ?? []) {
      for (const value of values) {
        if (!Number.isFinite(value) || value === null || (log && value <= 0)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  }
  return low <= high ? [low, high] : null;
}

/** The axis of a measure. Locked, it holds every group; else those that are shown. */
export function axisOf(groups, measure, log) {
  const found = bandExtent(groups, measure, log);
  if (!found) return {};
  const [low, high] = log ? found.map(Math.log10) : found;
  const room = 0.06 * (high - low) || 0.1 * Math.abs(high) || 0.1;
  const accuracy = measure.endsWith("accuracy");
  const range = [low - room, accuracy ? Math.min(1.01, high + room) : high + room];
  return log ? logAxis(range) : { type: "linear", range };
}

/** A logarithmic axis from one power of ten to another, with a few round values written out. */
export function logAxis(range, most = 4) {
  const [low, high] = [Math.min(...range), Math.max(...range)];
  const round = powers(10 ** low, 10 ** high);
  const all = round.length > 1 ? round : ticks(10 ** low, 10 ** high, most);
  const tens = all.filter((value) => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9);
  const chosen = all.length > most && tens.length > 1 ? tens : all;
  const every = Math.ceil(chosen.length / most);
  const tickvals = chosen.filter((_, at) => at % every === 0);
  return { type: "log", range, tickmode: "array", tickvals, ticktext: tickvals.map((value) => figure(value, 2)) };
}

/** The axis of the clock; the loss falls to the right, by its logarithm. */
export function clockAxis(range, by, log) {
  if (!range) return {};
  const [first, last] = range;
  if (by === "loss") return log ? logAxis(range.map(Math.log10)) : { type: "linear", range };
  if (log && last > 0) return logAxis([Math.log10(Math.max(first, last / 1000)), Math.log10(last)]);
  return { type: "linear", range, exponentformat: "power" };
}

/** A few rows of a chart as numbers: readings of the clock, and mean, interval and runs of each group. */
export function rowsOf(groups, measure, places = 8) {
  const shown = groups.filter(({ bands }) => bands[measure]);
  return shown.flatMap(({ name, bands }) => {
    const { x, mean, low, high, n } = bands[measure];
    const there = wholeBand(bands[measure]);
    const count = Math.min(places, there.length);
    const chosen = Array.from({ length: count }, (_, i) => there[Math.round((i * (there.length - 1)) / Math.max(1, count - 1))]);
    return chosen.map((i) => ({ group: name, x: x[i], mean: mean[i], low: low[i], high: high[i], n: n[i] }));
  });
}
