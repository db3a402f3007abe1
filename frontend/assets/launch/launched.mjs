/** What became of a launched run: its place in the queue until it starts, then its progress. */

import { readRun } from "../api.mjs";
import { element } from "../element.mjs";
import { playAddress, runAddress } from "../runs/navigate.mjs";
import { isPlane } from "../runs/words.mjs";

const OVER = new Set(["done", "stopped", "failed", "lost"]);
const EVERY = 1000;

/** Says in words where a run stands. */
export function standing(run) {
  if (run.state === "queued") return run.place > 0 ? `queued, ${run.place} before it` : "queued, next";
  if (run.state === "running") return `running · epoch ${Math.round(run.epoch ?? 0)}`;
  if (run.state === "failed") return `failed · ${run.message || run.reason || "see the run page"}`;
  return run.state;
}

/** Draws one launched run and keeps it true; gives back a function that ends this. */
export function followLaunched(place, created) {
  const line = element("span.fl-standing", {}, standing(created));
  const inPlay = element("a.fl-more", { href: playAddress(created.id), hidden: true }, "in Play");
  const row = element("div.fl-launched", {}, element("a", { href: runAddress(created.id) }, created.name), line, inPlay);
  place.prepend(row);
  const timer = setInterval(async () => {
    try {
      const run = await readRun(created.id);
      line.textContent = standing(run);
      inPlay.hidden = !isPlane(run);
      if (OVER.has(run.state)) clearInterval(timer);
    } catch (error) {
      if (error.status === 404) line.textContent = "deleted";
      if (error.status) clearInterval(timer);
    }
  }, EVERY);
  return () => clearInterval(timer);
}
