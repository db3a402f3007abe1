/** What a person does to runs, one or many; each ends in a few words. */

import { command, fork, send } from "../api.mjs";
import { confirmDelete } from "./confirm.mjs";

const run = (id) => `/api/runs/${encodeURIComponent(id)}`;

const DOERS = {
  stop: (each) => command(each.id, { kind: "stop" }),
  resume: (each) => send("POST", `${run(each.id)}/resume`),
  fork: (each) => fork(each.id, { step: each.step ?? 0 }),
  delete: (each) => send("DELETE", run(each.id)),
};
const SAID = { stop: "Told to stop", resume: "Goes on", fork: "Forked", delete: "Deleted" };

/** Does one thing to some runs; gives what was done, or null when the person changed their mind. */
export async function act(action, runs) {
  if (runs.length === 0 || (action === "delete" && !(await confirmDelete(runs)))) return null;
  const done = [];
  const failed = [];
  for (const each of runs) {
    try {
      done.push({ run: each, answer: await DOERS[action](each) });
    } catch (error) {
      failed.push(`${each.name}: ${error.message}`);
    }
  }
  const names = done.map(({ run: each, answer }) => (action === "fork" ? `${each.name} as ${answer.name}` : each.name));
  const good = names.length > 3 ? `${SAID[action]}: ${names.length} runs` : names.length > 0 ? `${SAID[action]}: ${names.join(", ")}` : "";
  announce([good, ...failed].filter(Boolean).join(" · "));
  return done;
}

export { patchRun } from "../api.mjs";

export const announce = (words) => window.dispatchEvent(new CustomEvent("fs:toast", { detail: words }));
