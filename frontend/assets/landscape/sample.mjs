// A landscape that comes with the product, for a page that has no run to show yet.

import { readBase64 } from "../wire.mjs";
import { Known } from "./job.mjs";

let fetched = null;

/** The sample of a view: `{known, summary, data}`; a connection needs two runs and has none. */
export async function sampleOf(view, address = "/assets/landscape/sample.json") {
  fetched ??= fetch(address).then((answer) => answer.json());
  return readSample(await fetched, view);
}

export function readSample({ views, data }, view) {
  const known = new Known();
  const { summary, rows } = views[view] ?? { summary: null, rows: [] };
  for (const row of rows) known.take(row);
  const arrays = Object.fromEntries(Object.entries(data.arrays).map(([name, array]) => [name, readBase64(array)]));
  return { known, summary, data: { classes: data.classes, ...arrays } };
}
