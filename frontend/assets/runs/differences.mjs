/** Which columns say the same of every run that is shown. Pure. */

import { lastAccuracy } from "./words.mjs";

const STAYING = new Set(["state", "name", "created", "actions"]); // They name a run and say how it stands, whatever they hold.
const EXTRA = new Set(["activation", "optimizer", "lr", "epochs", "validation_accuracy"]); // There only to tell runs apart.

/** What a column holds of a run. */
export const valueOf = (run, column) => (column === "last" ? lastAccuracy(run) : run[column]);

/**
 * Gives the columns to hide.
 * @param {string[]} columns All columns.
 * @param {object[]} runs The runs that are shown; with fewer than two nothing agrees.
 * @param {boolean} onlyDifferences Whether columns that agree are hidden; otherwise only the extra ones are.
 */
export function hiddenColumns(columns, runs, onlyDifferences) {
  if (!onlyDifferences || runs.length < 2) return columns.filter((column) => EXTRA.has(column));
  return columns.filter((column) => !STAYING.has(column) && agree(runs, column));
}

const agree = (runs, column) => new Set(runs.map((run) => JSON.stringify(valueOf(run, column) ?? ""))).size === 1;
