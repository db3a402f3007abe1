/** What the pages say about a run: states, ages, numbers. Pure. */

const UNITS = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
];
const MISSED = 5; // Seconds without a heartbeat after which a run counts as silent.

/** Says a duration in one unit, as in `4 min`. */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const [size, unit] = UNITS.find(([length]) => seconds >= length * (length === 60 ? 1.5 : 1)) ?? UNITS.at(-1);
  return `${Math.max(0, Math.round(seconds / size))} ${unit}`;
}

/** Says how long ago a moment in milliseconds was. */
export const age = (moment, now = Date.now()) => (moment ? duration((now - moment) / 1000) : "");

/** Gives seconds since the last heartbeat, from the server's count and what has passed since it was heard. */
export function silence(run, now = Date.now()) {
  if (run.heartbeat_age_s === null || run.heartbeat_age_s === undefined) return null;
  return run.heartbeat_age_s + Math.max(0, now - (run.heard ?? now)) / 1000;
}

/** Says where a run stands, shortly: its word and what belongs to it. */
export function standing(run, now = Date.now()) {
  if (run.state === "queued") return { word: "queued", more: run.place > 0 ? `${run.place} before it` : "next" };
  if (run.state === "running") {
    const quiet = silence(run, now);
    const beat = quiet !== null && quiet > MISSED ? `silent for ${duration(quiet)}` : progress(run);
    return { word: "running", more: beat };
  }
  if (trouble(run)) return { word: run.state, more: `epoch ${whole(run.epoch)}` };
  if (run.state === "done") return { word: "done", more: "" };
  return { word: run.state, more: run.epoch === null ? "" : `epoch ${whole(run.epoch)}` };
}

/** Gives the sentence that a run has to say which failed, lost its worker or waits for room in Redis, or nothing. */
export const trouble = (run) => (["failed", "lost"].includes(run.state) || run.reason === "redis_full" ? run.message || plain(run.reason) : "");

const plain = (word) => String(word ?? "").replaceAll("_", " ");

/** Says all that is known of a run's state, for a tooltip. */
export function standingTip(run, now = Date.now()) {
  const { word, more } = standing(run, now);
  const quiet = silence(run, now);
  const beat = run.state === "running" && quiet !== null ? `heartbeat ${duration(quiet)} ago` : "";
  const left = run.time_left_s ? `about ${duration(run.time_left_s)} left` : "";
  const foreseen = !left && ["queued", "running"].includes(run.state) && run.foreseen_s ? `estimated ${duration(run.foreseen_s)}` : "";
  return [word, more, beat, left, foreseen, run.message && run.message !== more ? run.message : ""].filter(Boolean).join(" · ");
}

/** Gives the updates a second that a run has done: on the batch queue, where nobody pauses, in all its time; or null. */
export function rateOf(run) {
  const spent = ((run.ended ?? run.heartbeat) - run.started) / 1000;
  const whole = run.queue === "batch" && run.started && spent > 0 ? run.step / spent : run.rate;
  return whole > 0 ? whole : null;
}

/** Gives the share of a run that is done, from 0 to 1, or null. */
export function shareDone(run) {
  if (!run.epochs || run.epoch === null || run.epoch === undefined) return null;
  return Math.min(1, run.epoch / run.epochs);
}

const progress = (run) => (run.epochs ? `${whole(run.epoch)} / ${whole(run.epochs)}` : `epoch ${whole(run.epoch)}`);

/** Writes a count with thin separators. */
export const whole = (value) => Math.round(value ?? 0).toLocaleString("en-US");

/** Writes an accuracy. */
export const accuracy = (value) => (Number.isFinite(value) ? value.toFixed(3) : "–");

/** Writes a number with three figures, a small one with two. */
export function short(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (value === 0) return "0";
  if (size >= 1e5 || size < 1e-3) return value.toExponential(1);
  return String(Number(value.toPrecision(size < 0.1 ? 2 : 3)));
}

/** Gives the end of a worker's name, which tells it from the others. */
export const shortWorker = (name) => String(name ?? "").split("-").slice(-2).join("-");

/** Reads tags as people write them. */
export function readTags(text) {
  const words = String(text ?? "").split(",").map((word) => word.trim()).filter(Boolean);
  return [...new Set(words)];
}

/** Gives the last accuracy: on test points when there are any. */
export const lastAccuracy = (run) => run.test_accuracy ?? run.train_accuracy ?? null;

const LIVING = new Set(["queued", "running", "paused", "lost"]);
const RESUMABLE = new Set(["stopped", "failed", "lost"]);

/** Tells what may be done with a run now. */
export function possible(run) {
  return {
    stop: LIVING.has(run.state),
    pause: run.state === "running",
    play: run.state === "paused",
    resume: RESUMABLE.has(run.state),
    fork: (run.frames ?? 1) > 0 && run.state !== "queued",
  };
}

/** Whether Play can show a run: its points lie in the plane. */
export const isPlane = (run) => Boolean(run.plane);

/** Says how many rows are shown and how many are hidden. */
export function counted(all, shown, chosen, groups = 0) {
  const rows = `${whole(all)} ${all === 1 ? "run" : "runs"}`;
  const parts = [rows];
  if (groups > 0) parts.unshift(`${whole(groups)} ${groups === 1 ? "group" : "groups"}`);
  if (shown < all) parts.push(`${whole(shown)} shown`, `${whole(all - shown)} hidden by the filter`);
  if (chosen > 0) parts.push(`${whole(chosen)} selected`);
  return parts.join(" · ");
}

/** Says where the runs of sweeps are. */
export function sweepsWords(count) {
  if (count === 0) return "The runs of a sweep are not listed here; they stay with their sweep, under Launch.";
  return `The runs of your ${count === 1 ? "sweep" : `${whole(count)} sweeps`} are not listed here; they stay with their sweep, under Launch.`;
}

/** Says which runs are deleted by themselves: `kept` is how many of Play stay, `forgotten` how many have gone. */
export function keptWords({ play_runs: kept, forgotten = 0 } = {}) {
  if (!kept) return "";
  const gone = forgotten > 0 ? ` ${whole(forgotten)} older ${forgotten === 1 ? "one was" : "ones were"} deleted.` : "";
  return `Of the runs made in Play, the newest ${whole(kept)} are kept, and all that you named, tagged or noted.${gone}`;
}

/** Gives a run's own colour, the same wherever it appears. */
export function colourOf(id) {
  let sum = 2166136261;
  for (const letter of String(id)) sum = Math.imul(sum ^ letter.charCodeAt(0), 16777619);
  return `hsl(${(sum >>> 0) % 360} 58% 52%)`;
}
