/** The buttons below the table: what can be done with the runs that are chosen, and with all that are shown. */

import { element } from "../element.mjs";
import { act } from "./actions.mjs";
import { compareAddress, launchLikeAddress, playAddress, runAddress } from "./navigate.mjs";
import { tagRuns } from "./tagging.mjs";
import { isPlane, possible } from "./words.mjs";

/**
 * @param {object[]} chosen The runs that are chosen.
 * @param {() => object[]} now Gives them as they are when a button is pressed.
 * @param {() => void} exportTable Hands the table out.
 */
export function handsOn(chosen, now, exportTable) {
  const table = element("button.fp-button", { type: "button", id: "runs-export", onclick: exportTable, title: "What is shown, as CSV" }, "Export table");
  if (chosen.length === 0) return [table];
  const one = chosen.length === 1 ? chosen[0] : null;
  const links = one ? linksOf(one) : [link(compareAddress(chosen), `Compare ${chosen.length}`, "runs-compare")];
  const tag = element("button.fp-button", { type: "button", id: "runs-tag", onclick: () => tagRuns(now()) }, counted("Tag", chosen.length));
  return [...links, ...["stop", "resume", "fork"].map((action) => button(action, chosen, now)), tag, table, button("delete", chosen, now)];
}

function linksOf(run) {
  const play = isPlane(run) ? [link(playAddress(run.id), "Open in Play")] : [];
  return [link(runAddress(run.id), "Open"), ...play, link(launchLikeAddress(run.id), "Launch like this", "runs-like")];
}

function button(action, chosen, now) {
  const able = (runs) => runs.filter((run) => action === "delete" || possible(run)[action]);
  const { length } = able(chosen);
  return element("button.fp-button", { type: "button", disabled: length === 0, onclick: () => act(action, able(now())) }, counted(LABELS[action], length));
}

const LABELS = { stop: "Stop", resume: "Resume", fork: "Fork", delete: "Delete…" };
const counted = (label, count) => (count > 1 ? `${label} ${count}` : label);
const link = (href, label, id = null) => element("a.fp-button", { href, id }, label);
