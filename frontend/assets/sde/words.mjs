/** What the page says about chains of SGD: settings, how far the equation is from its limits, numbers, ellipses. Pure. */

import { whole } from "../runs/words.mjs";
import { few, tenths } from "../words.mjs";

/** A value of a row: a loss, or a share in per cent. */
export const valueWords = (row, value) => (value === null || value === undefined ? "" : row.name === "wells" ? tenths(value) : few(value));

/** A measured value with its standard error. */
export function measuredWords(row) {
  if (row.measured === null) return "";
  const error = row.name === "wells" ? tenths(row.error) : few(row.error, 2);
  return `${valueWords(row, row.measured)} ± ${error}`;
}

/** What is being done with a row, shortly. */
export function phaseWords(row) {
  if (row.phase === "waiting") return `${whole(row.updates)} updates`;
  if (row.phase === "done") return row.settled === false ? "had not settled" : `${whole(row.updates)} updates`;
  return `${row.phase}, update ${whole(row.done * row.updates)} of ${whole(row.updates)}`;
}

/** Reads eigenvalues as people write them, as in `1, 5, 20`; what is no number becomes `null`, which the server names. */
export const readEigenvalues = (text) => text.split(/[\s,;]+/).filter(Boolean).map((part) => (Number.isFinite(Number(part)) ? Number(part) : null));

/** How far the equation is from its limits, in words: the ratio, and ηλ/2 of the largest eigenvalue. */
export function meterWords({ lr, batch, momentum, eigenvalues, well_curvatures: wells }) {
  const largest = Math.max(...eigenvalues);
  const ratio = momentum ? "η/(S(1 − μ))" : "η/S";
  const wide = (lr * largest) / 2;
  const verdict = wide >= 1 + momentum ? "the chains diverge" : wide > 0.05 ? "the finite step counts" : "far below 1, as the equation asks";
  return `${ratio} = ${few(lr / (batch * (1 - momentum)), 3)} · ηλ₁/2 = ${few(wide, 3)}: ${verdict} · ηH/2 = ${few((lr * Math.max(...wells)) / 2, 3)} in the double well`;
}

/** What a study is, in a few words. */
export function shape(spec) {
  const momentum = spec.momentum ? ` · momentum ${few(spec.momentum)}` : "";
  return `${whole(spec.chains)} chains · λ ${spec.eigenvalues.map((value) => few(value)).join(", ")} · η ${few(spec.lr)} · S ${spec.batch}${momentum} · n ${few(spec.temperature)} · seed ${spec.seed}`;
}

/** The outline of an ellipse that lies `deviations` standard deviations around 0: `[[x, y], …]`. */
export function ellipseOutline([xx, xy, yy], deviations = 2, corners = 72) {
  const side = Math.sqrt(Math.max(0, xx)); // The Cholesky factor [[side, 0], [along, rest]].
  const along = side > 0 ? xy / side : 0;
  const rest = Math.sqrt(Math.max(0, yy - along * along));
  return Array.from({ length: corners }, (_, at) => {
    const [c, s] = [Math.cos((2 * Math.PI * at) / corners), Math.sin((2 * Math.PI * at) / corners)];
    return [deviations * side * c, deviations * (along * c + rest * s)];
  });
}

/** Half the width of the picture of a cloud, in units of the parameters: four deviations of the widest formula. */
export const reach = ({ naive, corrected }) => 4 * Math.sqrt(Math.max(naive[0], naive[2], corrected[0], corrected[2]));

/** Shares of basin A in words: the chains', and both formulas'. */
export function basinWords(row) {
  const corrected = row.corrected === null ? "not known with momentum or such small steps" : valueWords(row, row.corrected);
  return { measured: measuredWords(row) || "–", naive: valueWords(row, row.naive), corrected };
}
