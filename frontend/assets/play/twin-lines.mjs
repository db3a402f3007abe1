// The curves of a grown net and its twin over one another: grown solid green, fixed dashed purple.

import { line } from "../charts.mjs";
import { FIXED, GROWN } from "../colour.mjs";
import { el } from "../dom.mjs";
import { validationLine } from "../measures/validation.mjs";
import { along, having, over, quiet, sliceRange } from "../measures/lines.mjs";
import { decimate } from "../series.mjs";
import { figure, share } from "../words.mjs";

const MOST = 600;
const SOLID = { color: GROWN };
const DASHED = { color: FIXED, dash: "dash", width: 2 };
const SKIP = { hoverinfo: "skip" };

const seriesLine = ({ series }, column, style) => line(decimate(series.column("epoch"), series.column(column), MOST), style);

/** Training, validation and test curves of both; all but the training ones are thin. */
export function bothSeries(grown, twin, name) {
  const thin = { width: 1, ...SKIP };
  return [
    seriesLine(grown, `test_${name}`, { name: "grown, test", ...SKIP, opacity: 0.55, line: { ...SOLID, ...thin, dash: "dot" } }),
    seriesLine(twin, `test_${name}`, { name: "fixed, test", ...SKIP, opacity: 0.55, line: { ...DASHED, ...thin, dash: "dot" } }),
    ...validationLine(grown, name, { ...SOLID, width: 1.2, dash: "dashdot" }, { name: "grown, validation", opacity: 0.75, ...SKIP }),
    ...validationLine(twin, name, { ...DASHED, width: 1.2, dash: "dashdot" }, { name: "fixed, validation", opacity: 0.75, ...SKIP }),
    seriesLine(grown, `train_${name}`, { name: "grown", line: SOLID }),
    seriesLine(twin, `train_${name}`, { name: "fixed", line: DASHED }),
  ];
}

/** λ of both, with the edge of the optimiser that they share. */
export function bothSharpness(grown, twin) {
  const of = ({ measured }) => having(measured.list("curvature"), ({ lambda_max: lambda }) => lambda);
  const lambda = ({ lambda_max: value }) => value;
  return [over(of(grown), ({ edge }) => edge, quiet({ width: 1.3 })), over(of(grown), lambda, SOLID, { name: "grown" }), over(of(twin), lambda, DASHED, { name: "fixed" })];
}

/** The training loss along the same direction of both. */
export function bothSlices(grown, twin) {
  return [
    line(along(grown, grown.train), { name: "grown", line: SOLID }),
    ...(twin ? [line(along(twin, twin.train), { name: "fixed", line: DASHED })] : []),
  ];
}

/** One slice that is as wide and as high as two: what axes have to hold. */
export function spanOf(grown, twin) {
  if (!twin) return grown;
  const wide = Math.max(...[grown, twin].map(({ t }) => Math.max(-t[0], t.at(-1))));
  const [a, b] = [grown, twin].map((slice) => sliceRange({ train: slice.train }));
  return { t: [-wide, wide], train: [Math.min(a[0], b[0]), Math.max(a[1], b[1])] };
}

const MARKS = [["▲", GROWN], ["■", FIXED]];

/** Two numbers, each behind the mark of its net. */
export const bothNumbers = (...values) => values.flatMap((value, i) => [el("span", { style: `color: ${MARKS[i][1]}`, "aria-label": i ? "fixed" : "grown" }, `${i ? "  " : ""}${MARKS[i][0]} `), el("b", {}, value)]);

/** The notes of the meters for a moment of both: `{accuracy, loss, sharpness, slice}`. */
export function bothNotes(pairs, slices) {
  const rows = pairs.map(({ session, frame }) => frame && session.series.at(frame.step));
  const sharp = pairs.map(({ session, frame }) => frame && session.measured.at("curvature", frame.step)?.lambda_max);
  const each = (list, words) => bothNumbers(...list.map((value) => (value === null || value === undefined ? "–" : words(value))));
  return {
    accuracy: each(rows, (row) => share(row.train_accuracy)), loss: each(rows, (row) => figure(row.train_loss)),
    sharpness: each(sharp, (value) => `λ ${figure(value, 2)}`), slice: each(slices, (slice) => figure(slice.lambda_max, 2)),
  };
}
