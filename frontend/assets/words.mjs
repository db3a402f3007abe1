// Numbers and sentences as people read them.

import { isDag } from "./net-graph.mjs";
import { FIELDS, KEPT_LIMIT, VALUES } from "./vocabulary.mjs";

/** A number in about three figures, never longer than eight letters. */
export function figure(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return minus(value.toExponential(1).replace("e+", "e"));
  return minus(Number(value.toPrecision(digits)).toString());
}

/** An eigenvalue. Where rounding leaves nothing of it, it is 0, and what is known is the bound that none lies above. */
export const eigenvalue = (value, residual, digits = 3) => (value === 0 && residual > 0 ? `none above ${figure(residual, 2)}` : figure(value, digits));

const minus = (words) => words.replace(/^-/, "−");

/** An accuracy with three decimals, so that it does not jump about. */
export const share = (value) => (Number.isFinite(value) ? value.toFixed(3) : "–");

/** An accuracy in whole per cent, never rounded up to 100. */
export function percent(value) {
  if (!Number.isFinite(value)) return "–";
  return `${value < 1 ? Math.min(99, Math.round(value * 100)) : 100} %`;
}

/** A share in per cent with its tenths, as `14.6 %`; of counts, a part of a whole. */
export const tenths = (part, of = 1) => `${((100 * part) / of).toFixed(1)} %`;

/** A number in few digits, as a table has it. */
export function few(value, digits = 4) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "";
  return value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential(1) : String(Number(value.toPrecision(digits)));
}

export const epochs = (value) => (Number.isFinite(value) ? (value >= 10 || Number.isInteger(value) ? Math.floor(value + 1e-6) : Math.floor(value * 10 + 1e-6) / 10).toString() : "–");

export const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

/** What a birth did to the function, as `function_change` in foldscape/vocabulary.py says it. */
export function functionChange(value) {
  if (!Number.isFinite(value)) return "–";
  const said = value === 0 ? "0" : value >= 0.01 ? String(Number(value.toPrecision(2))) : value.toExponential(0);
  return value <= KEPT_LIMIT ? `function unchanged (${said})` : `function changed by ${said}`;
}

/** The hint when a run has paused by itself at a plateau. */
export function plateauHint(accuracy) {
  if (!Number.isFinite(accuracy)) return "The loss has stopped falling.";
  if (accuracy >= 0.995) return `settled at ${percent(accuracy)}: nothing left to fold`;
  return `stuck at ${percent(accuracy)}: give it a fold`;
}

/** What a field of a spec is called, as `field_title` in foldscape/field_words.py says it. */
export const fieldTitle = (name, kind = "") => FIELDS[`${kind}.${name}`] ?? FIELDS[name] ?? name.replaceAll("_", " ");

/** What a value of a choice is called, as `value_title` there says it. */
export const valueTitle = (value) => VALUES[value] ?? String(value).replaceAll("_", " ");

/** Words as a button begins with them. */
export const capital = (words) => words[0].toUpperCase() + words.slice(1);

/** What holds a launch back, while its fields are marked. */
export const mending = (count) => `Fix ${plural(count, "field")} before it can start.`;

/** The picture in a sentence, for those who do not see it. */
export function describe({ frame, row, births, live }) {
  if (!frame) return "No picture yet.";
  const widths = frame.units.map((units) => units.length);
  const neurons = widths.reduce((sum, width) => sum + width, 0);
  const parts = [
    `${live ? "Live" : "Looking back"}, epoch ${epochs(frame.epoch)}`,
    `${plural(neurons, "hidden neuron")} in ${plural(widths.length, frame.structure ? "block" : isDag(frame) ? "depth" : "layer")}`,
    row ? `training accuracy ${percent(row.train_accuracy)}` : "",
    frame.why_no_folds ? "no folds" : `the boundary bends at ${plural(frame.fold_points.shape[0], "fold point")}`,
    births.length ? `${plural(births.length, "birth")} so far` : "",
  ];
  return `${parts.filter(Boolean).join("; ")}.`;
}
