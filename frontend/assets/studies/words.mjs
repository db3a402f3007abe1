/** What every page of studies says: where a study stands, how long it takes, whether a claim holds. Pure. */

import { duration, whole } from "../runs/words.mjs";

/** One sentence on where a study stands. */
export function standing(study) {
  if (study.state === "queued") {
    const place = study.place > 0 ? `${whole(study.place)} before it` : "next in the queue";
    return study.message ? `${study.message} (${place})` : `Waiting: ${place}.`;
  }
  if (study.state === "running") {
    if (study.stopping) return "Stopping…";
    return study.doing || "Beginning…";
  }
  if (study.state === "done") return `Done in ${duration((study.ended - study.started) / 1000)}.`;
  return study.message || `${study.state}.`;
}

/** The time left, in words; nothing as long as it is not known. */
export const leftWords = (seconds) => (Number.isFinite(seconds) && seconds > 0 ? `about ${duration(Math.max(1, seconds))} left` : "");

/** The name of a mark beside a claim. */
export const MARKS = { yes: ["✓", "holds"], no: ["✗", "does not hold"], open: ["?", "cannot be told from these numbers"] };
