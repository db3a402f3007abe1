// The one clock of a comparison: from a place on the line of time to a reading, and to the update of each run. Pure.

import { CLOCKS } from "../vocabulary.mjs";

/** The title of a clock's axis; of losses another unit may be given. */
export const axisTitle = (by, unit = CLOCKS[by].unit) => (unit === CLOCKS[by].name ? unit : `${CLOCKS[by].name} (${unit})`);

const known = (values) => values.filter((value) => Number.isFinite(value));

/** First and last reading over all runs, in the order in which they are reached; null without any. */
export function rangeOf(runs, by) {
  const readings = runs.flatMap(({ clock }) => known(clock)).filter((value) => by !== "loss" || value > 0);
  if (!readings.length) return null;
  let [low, high] = [Infinity, -Infinity];
  for (const value of readings) { low = Math.min(low, value); high = Math.max(high, value); }
  return by === "loss" ? [high, low] : [low, high];
}

/** The reading at a share of the way, 0 to 1; the loss goes by its logarithm. */
export function readingAt([first, last], share, by) {
  if (by === "loss") return first * (last / first) ** share;
  const value = first + (last - first) * share;
  return by === "neurons" ? Math.round(value) : value;
}

/** The share of the way at a reading. */
export function shareOf([first, last], reading, by) {
  const share = by === "loss" ? Math.log(reading / first) / Math.log(last / first) : (reading - first) / (last - first);
  return Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0));
}

/** The updates that a run has done where its clock first comes to a reading; its last ones if it never does. */
export function updatesAt({ updates, clock }, reading, by) {
  if (by === "neurons") {
    const at = clock.findLastIndex((value) => Number.isFinite(value) && value <= reading);
    return { updates: updates[Math.max(0, at)] ?? 0, reached: clock.includes(reading) };
  }
  const room = Math.abs(reading) * 1e-9;
  const at = clock.findIndex((value) => Number.isFinite(value) && (by === "loss" ? value <= reading + room : value >= reading - room));
  return { updates: updates[at === -1 ? updates.length - 1 : at] ?? 0, reached: at !== -1 };
}

/** The index of the frame that shows a run after so many updates: the last one at or before them. */
export function frameAt(frames, updates) {
  const at = frames.findLastIndex(({ step }) => step <= updates);
  return frames.length ? Math.max(0, at) : -1;
}
