// What each panel of curves shows: its lines, and the numbers at the cross-hair. Pure but for the theme's colours.

import { line } from "../charts.mjs";
import { FIXED } from "../colour.mjs";
import { themed } from "../dom.mjs";
import { edgeName, edgeRatio } from "../measures/edges.mjs";
import { partnerName, partnerOf, sharpnessLines, sharpnessValues } from "../measures/lines.mjs";
import { validationLine, validationNow, validationValues } from "../measures/validation.mjs";
import { decimate } from "../series.mjs";
import { lossUnit } from "../measures/losses.mjs";
import { eigenvalue, figure, share } from "../words.mjs";
import { accuracyRange, panelAxis } from "../measures/axes.mjs";
import { PARTS } from "../vocabulary.mjs";

const MOST = 700;

const solid = () => ({ color: themed("--ink") });
const dashed = () => ({ color: themed("--ink-3"), dash: "dash", width: 1.4 });

const over = (series, name) => decimate(series.column("epoch"), series.column(name), MOST);
/** The edge; or, where it is one of another eigenvalue, which share of it that is. */
const edgeWords = (sharp) => (sharp.edge_of === "preconditioned" ? [["lever", `of ${edgeName(sharp)}`, unknown(edgeRatio(sharp), 2)]] : [["dash", edgeName(sharp), figure(sharp.edge)]]);

/** The partner of λ, by its granularity where that is not the usual one; nothing where it is not measured. */
function partnerWords(list, sharp) {
  const name = partnerName(list);
  const value = partnerOf(sharp, name);
  return value === undefined ? [] : [["partner", name === "element" ? "scale-free" : `by ${name}`, figure(value, 2)]];
}
const unknown = (value, digits = 3, residual = 0) => (value === null ? "not found" : eigenvalue(value, residual, digits));
const some = (values) => values.some((value) => Number.isFinite(value));

function pairOf(session, name) {
  const { series } = session;
  const tested = some(series.column(`test_${name}`));
  const test = tested ? [line(over(series, `test_${name}`), { line: dashed(), hoverinfo: "skip" })] : [];
  return [...test, ...validationLine(session, name), line(over(series, `train_${name}`), { line: solid(), hoverinfo: "skip" })];
}

/** The panels by name: `lines(session)`, `axes(session)`, `now(row, sharp, session, validation)` as `[mark, label, value]` each,
 * and the `probe` that measures it, if one has to. */
export const PANELS = {
  accuracy: {
    lines: (session) => pairOf(session, "accuracy"),
    axes: (session) => ({ y: { range: accuracyRange(...["train_accuracy", "test_accuracy"].map((name) => session.series.column(name)), validationValues(session, "accuracy")) } }),
    now: (row, sharp, session, held) => row && [["solid", PARTS.train, share(row.train_accuracy)], ...validationNow(held, "accuracy", share), ...tested(row.test_accuracy, share)],
  },
  loss: {
    lines: (session) => pairOf(session, "loss"),
    axes: (session) => ({ y: panelAxis([...session.series.column("train_loss"), ...session.series.column("test_loss"), ...validationValues(session, "loss")]) }),
    now: (row, sharp, { spec }, held) => row && [["solid", PARTS.train, figure(row.train_loss)], ...validationNow(held, "loss", figure), ...tested(row.test_loss, figure), ["", "", lossUnit(spec)]],
  },
  sharpness: {
    probe: "curvature",
    lines: ({ measured }) => sharpnessLines(measured.list("curvature")),
    axes: ({ measured }) => ({
      y: panelAxis(sharpnessValues(measured.list("curvature")), 30),
      y2: some(measured.list("curvature").map((event) => partnerOf(event))) ? { color: FIXED, rangemode: "tozero", nticks: 4, tickmode: "auto" } : undefined,
    }),
    now: (row, sharp, { measured }) => sharp && [
      ["solid", "λ", unknown(sharp.lambda_max, sharp.edge_of === "preconditioned" ? 2 : 3, sharp.residuals?.[0])], ...edgeWords(sharp),
      ...partnerWords(measured.list("curvature"), sharp),
    ],
  },
  neurons: {
    lines: ({ series }) => [line(over(series, "neurons"), { line: { ...solid(), shape: "hv" }, hoverinfo: "skip" })],
    axes: ({ series }) => ({ y: { rangemode: "tozero", ...wholeTicks(series.column("neurons")) } }),
    now: (row) => row && [["solid", "", figure(row.neurons)], ["", "parameters", row.parameters.toLocaleString("en-US")]],
  },
  gradient: {
    lines: ({ series }) => [line(over(series, "gradient_norm"), { line: { ...solid(), width: 1.1 }, hoverinfo: "skip" })],
    axes: ({ series }) => ({ y: panelAxis(series.column("gradient_norm")) }),
    now: (row, sharp, { spec }) => row && [["solid", "", figure(row.gradient_norm)], ...(spec?.lr_schedule ? [["", "learning rate", figure(row.lr)]] : [])],
  },
};

const tested = (value, write) => (Number.isFinite(value) ? [["dash", PARTS.test, write(value)]] : []);

/** Ticks at whole numbers only, and a range that leaves room above. */
export function wholeTicks(values) {
  const most = values.reduce((high, value) => Math.max(high, value), 1);
  const every = Math.max(1, Math.ceil(most / 4));
  return { dtick: every, range: [0, most * 1.15 + 0.2] };
}
