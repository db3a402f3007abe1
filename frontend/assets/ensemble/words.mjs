// What the page says. Pure.

import { CATALOGUE } from "../measures/catalogue.mjs";
import { figure, plural, share } from "../words.mjs";
import { CYCLES, MATRICES } from "./state.mjs";

/** What a pairwise measure is called. */
export const MATRIX_NAMES = Object.fromEntries(MATRICES.map((name) => [name, CATALOGUE[name].name]));
export const SCORE_NAMES = { accuracy: "Accuracy", nll: "Negative log likelihood", ece: "Calibration error" };

/** Why a pairwise measure may be empty. */
const EMPTY = {
  distance: "They have other layers or edges, so no distance is defined.",
  barrier: "They have other layers or edges, so no straight line joins them.",
  error_correlation: "One of them is never, or always, wrong.",
  cell_distance: "Their widths differ, or an activation is smooth.",
};

/** A member for people: its run's name and its moment. */
export function memberName({ run, step }, names = new Map()) {
  const name = names.get(run)?.name ?? run;
  if (step === null || step === undefined) return name;
  return step === CYCLES ? `${name}, ends of its cycles` : `${name}@${step}`;
}

/** What a cell of a matrix says. */
export function pairWords(name, value, first, second) {
  if (value === undefined) return `${first} and ${second}: not measured yet`;
  if (value === null) return `${first} and ${second}: – ${EMPTY[name] ?? ""}`.trim();
  return `${first} and ${second}: ${figure(value, 4)}`;
}

/** A difference of accuracies with its sign. */
export const gainWords = (value) => (Number.isFinite(value) ? `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}` : "–");

/** A score in few digits: accuracies and calibration errors with three decimals. */
export const scoreWords = (name, value) => (name === "nll" ? figure(value ?? NaN) : share(value ?? NaN));

/** What the button says. */
export const actionWords = (count) => (count ? `Measure ${count === 1 ? "1 member" : `${count} members`}` : "Measure an ensemble");

/** How many members a list of them names, as far as it is known before they are read. */
export function countWords(members) {
  const ranges = members.filter(({ step }) => step === CYCLES).length;
  const single = members.length - ranges;
  return [single ? plural(single, "member") : "", ranges ? `the ends of the cycles of ${plural(ranges, "run")}` : ""].filter(Boolean).join(" and ");
}

/** An earlier ensemble in words. */
export const shape = ({ spec }, names) => {
  const runs = [...new Set(spec.members.map(({ run }) => names.get(run)?.name ?? run))];
  return `${runs.slice(0, 3).join(", ")}${runs.length > 3 ? ` and ${runs.length - 3} more` : ""}${spec.weights === "equal" ? "" : " · weighed by validation accuracy"}`;
};

/** Where the mean of weights lies beyond the picture, in words; empty where it is drawn. */
export const beyondWords = (value, [low, high]) => (Number.isFinite(value) && (value < low || value > high) ? `mean of weights ${figure(value)}, ${value < low ? "below" : "above"}` : "");

