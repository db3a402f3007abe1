// A landscape that comes with the product, for a page that has no run to show yet.

import { readBase64 } from "../wire.mjs";
import { Known } from "./job.mjs";

/** The sample: `{known, summary, data}`. */
export async function sampleOf(address = "/assets/landscape/sample.json") {
  const answer = await fetch(address);
  return readSample(await answer.json());
}

export function readSample({ summary, rows, data }) {
  const known = new Known();
  for (const row of rows) known.take(row);
  const arrays = Object.fromEntries(Object.entries(data.arrays).map(([name, array]) => [name, readBase64(array)]));
  return { known, summary, data: { classes: data.classes, ...arrays } };
}
