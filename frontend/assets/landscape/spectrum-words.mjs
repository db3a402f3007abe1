// What a spectrum says, in sentences. Pure.

import { eigenvalue, figure, percent } from "../words.mjs";
import { pairsOf } from "./spectrum.mjs";

/** How many eigenvalues stand out; "at least" where not all that do were found or believed. */
export function outliersSay({ outliers, all_outliers: isAll }) {
  if (outliers === undefined) return "–";
  return isAll ? String(outliers) : `at least ${outliers}`;
}

/** What the numbers of one spectrum say. */
export function spectrumSays(row) {
  if (!row) return "";
  const [first] = pairsOf(row);
  const parts = [];
  if (first && !first.believed) parts.push(`The largest eigenvalue did not converge: ${figure(first.value)} with a residual of ${figure(first.residual, 2)}, so it is not believed.`);
  if (first?.believed && first.value === 0) parts.push(`Curvature: ${eigenvalue(0, first.residual)}, for rounding hides what is left.`);
  else if (first?.believed && row.trace > 0) parts.push(`The largest eigenvalue, ${figure(first.value)}, is ${percent(first.value / row.trace)} of the trace.`);
  if (row.outliers !== undefined) {
    const near = row.all_outliers && Math.abs(row.outliers - row.classes) <= 1;
    parts.push(`${outliersSay(row).replace(/^a/, "A")} ${row.outliers === 1 ? "eigenvalue stands" : "eigenvalues stand"} out of the bulk; the data have ${row.classes} classes${near ? ", and about as many are usual around a fitted net" : ""}.`);
  }
  parts.push(`${percent(row.negative_mass)} of all eigenvalues lie below zero; in effect ${figure(row.effective_rank)} of ${row.parameters.toLocaleString("en-GB")} directions are curved.`);
  if (row.runs < 2) parts.push("From one random vector only: the bulk is still rough.");
  return parts.join(" ");
}
