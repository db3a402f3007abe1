// Asks every few seconds whether all parts are well, and says on every page what is the matter.

import { readHealth } from "./api.mjs";

const EVERY = 4_000;
const SOON = 1_000; // While a worker warms up, that is at the start.
const PATIENCE = 4_000; // A frozen worker is told within 6 s by its sign of life; with these two, a page says so within 15 s.
const SILENT = { ok: false, troubles: ["The server does not answer; this page asks again by itself."] };

/** The badge's words: waiting runs and workers, from the health answer. */
export function healthWords(health) {
  const queues = Object.values(health?.queues ?? {});
  const workers = queues.reduce((sum, queue) => sum + (queue.workers ?? 0), 0);
  const waiting = queues.reduce((sum, queue) => sum + (queue.waiting ?? 0), 0);
  if (queues.length && workers === 0) return queues.some(({ warming }) => warming) ? "warming up" : "no worker";
  return queues.length ? `queue ${waiting}` : "";
}

/** Whether a queue has no worker yet, but one that warms up. */
export function isWarming(health, queue = "interactive") {
  const { workers = 0, warming = 0 } = health?.queues?.[queue] ?? {};
  return !workers && warming > 0;
}

/** The same, queue by queue. */
export function healthTitle(health) {
  const queues = Object.entries(health?.queues ?? {}).filter(([, { workers, waiting }]) => workers || waiting);
  return queues.map(([name, { workers, waiting }]) => `${name}: ${workers} worker${workers === 1 ? "" : "s"}, ${waiting} waiting`).join("\n");
}

/** Ask for the health; a server that is silent for too long is not well either. */
export async function askHealth(ask = readHealth, patience = PATIENCE) {
  let timer = 0;
  const late = new Promise((resolve) => { timer = setTimeout(resolve, patience, SILENT); });
  // What the server refuses (a token that is missing) says nothing of its parts.
  const told = ask().catch((error) => (error.status ? { ok: true, troubles: [] } : SILENT));
  try { return await Promise.race([told, late]); } finally { clearTimeout(timer); }
}

/** Tell each answer to `hear` as long as the tab is seen; gives the function that ends it. */
export function watchHealth(hear, every = EVERY) {
  let busy = false;
  let timer = 0;
  let ended = false;
  const look = async () => {
    if (busy || document.hidden) return;
    busy = true;
    clearTimeout(timer);
    let health = null;
    try { health = await askHealth(); } finally { busy = false; }
    if (ended) return;
    timer = setTimeout(look, isWarming(health) ? SOON : every);
    hear(health);
  };
  look();
  document.addEventListener("visibilitychange", look);
  return () => { ended = true; clearTimeout(timer); document.removeEventListener("visibilitychange", look); };
}
