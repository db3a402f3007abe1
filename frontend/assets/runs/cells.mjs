/** What the cells of the table look like; the grid finds these by name on the window. */

import { isGroup } from "./groups.mjs";
import { reactIcon } from "./icons.mjs";
import { playAddress, runAddress } from "./navigate.mjs";
import { accuracy, age, colourOf, isPlane, lastAccuracy, possible, readTags, short, shortWorker, standing, standingTip, trouble } from "./words.mjs";

const [LOW, TALL] = [38, 58]; // Pixels; a run that failed says why on a second line.
const make = (...parts) => window.React.createElement(...parts);

/** A state: its dot, its word and what belongs to it. */
export function RunState({ data }) {
  const { word, more } = standing(data);
  return make("span", { className: "fr-state" }, make("span", { className: "fr-dot", "data-state": data.state }), make("span", { className: "fr-word" }, word), more && make("span", { className: "fr-more" }, more), trouble(data) && make("span", { className: "fr-trouble" }, trouble(data)));
}

/** A name that opens the run, and a pencil that edits it. */
export function RunName({ data, api, node }) {
  const edit = () => api.startEditingCell({ rowIndex: node.rowIndex, colKey: "name" });
  return make(
    "span",
    { className: "fr-name" },
    make("span", { className: "fr-chip", style: { background: colourOf(data.id) } }),
    make("a", { href: runAddress(data.id), title: `Open ${data.name}` }, data.name),
    make("button", { className: "fr-icon fr-edit", onClick: edit, title: "Rename", "aria-label": `Rename ${data.name}` }, reactIcon(window.React, "pencil")),
  );
}

/** Tags as small words. */
export function RunTags({ data }) {
  const tags = data.tags ?? [];
  if (tags.length === 0) return make("span", { className: "fr-hint" }, "add tags");
  return make("span", { className: "fr-tags" }, ...tags.map((tag) => make("span", { className: "fr-tag", key: tag }, tag)));
}

/** Notes, or where to write them. */
export function RunNotes({ data }) {
  return data.notes ? make("span", { title: data.notes }, data.notes) : make("span", { className: "fr-hint" }, "add a note");
}

/** What can be done with one run. */
export function RunActions({ data }) {
  const can = possible(data);
  const say = (action) => window.dispatchEvent(new CustomEvent("fs:run-action", { detail: { action, runs: [data] } }));
  const button = (action, name, title, enabled = true) =>
    make("button", { className: "fr-icon", key: action, disabled: !enabled, onClick: () => say(action), title, "aria-label": `${title}: ${data.name}` }, reactIcon(window.React, name));
  return make(
    "span",
    { className: "fr-actions" },
    isPlane(data) ? make("a", { className: "fr-icon", href: playAddress(data.id), title: "Open in Play", "aria-label": `Open ${data.name} in Play` }, reactIcon(window.React, "play")) : make("span", { className: "fr-icon fr-blank" }),
    can.resume ? button("resume", "resume", "Resume from its last checkpoint") : button("stop", "stop", "Stop", can.stop),
    button("fork", "fork", "Fork from its last frame", can.fork),
    button("delete", "bin", "Delete"),
  );
}

/** The same names for the grid. */
export const components = { RunState, RunName, RunTags, RunNotes, RunActions };

export const functions = {
  accuracy,
  short,
  shortWorker,
  isGroupRow: ({ rowNode }) => isGroup(rowNode.data),
  age: (moment) => age(moment),
  rowHeight: ({ data }) => (trouble(data) ? TALL : LOW),
  stateTip: ({ data }) => standingTip(data),
  lastAccuracy: ({ data }) => lastAccuracy(data),
  plainWords: (value) => String(value ?? "").replaceAll("_", " "),
  tagsText: ({ data }) => (data.tags ?? []).join(", "),
  setTags: (params) => {
    const tags = readTags(params.newValue);
    const changed = tags.join() !== (params.data.tags ?? []).join();
    params.data.tags = tags;
    return changed;
  },
};

if (typeof window !== "undefined") {
  window.dashAgGridComponentFunctions = { ...window.dashAgGridComponentFunctions, ...components };
  window.dashAgGridFunctions = { ...window.dashAgGridFunctions, ...functions };
}
