/** What a group's line looks like; its runs are ordinary rows below it. */

import { MEASURES, meanWords, stateWords } from "./groups.mjs";

const make = (...parts) => window.React.createElement(...parts);
const say = (action, key) => window.dispatchEvent(new CustomEvent("fs:run-group", { detail: { action, key } }));
const MARKS = { grown: "▲", fixed: "■" };

/** A box that chooses all runs, a hand that unfolds them, what they are, and what they came to. */
export function RunGroup({ data }) {
  const count = data.members.length;
  const box = make("input", { type: "checkbox", className: "fg-box", ref: (node) => node && Object.assign(node, { checked: data.choice === "all", indeterminate: data.choice === "some" }), onChange: () => say("choose", data.key), "aria-label": `Choose all runs of ${data.method} ${data.name}` });
  const fold = make("button", { className: "fg-fold", onClick: () => say("fold", data.key), "aria-expanded": String(data.unfolded), title: data.unfolded ? "Fold its runs away" : `Show its ${count} runs` }, make("span", { className: "fg-hand", "aria-hidden": true }, "▸"), make("span", { className: "fg-mark", "data-method": data.method, "aria-hidden": true }, MARKS[data.method] ?? ""), make("b", {}, data.method), make("span", { className: "fg-name", title: data.name }, data.name));
  return make("div", { className: "fg-row", "data-group": data.key }, box, fold, make("span", { className: "fg-count", title: `Seeds ${data.seeds.join(", ")}` }, `×${count}`), ...MEASURES.map((measure) => figure(data.means[measure.key], measure)), progress(data.states, count));
}

function figure(mean, { key, label, title, write }) {
  const told = `${title}: mean ± standard deviation over the ${mean.n} runs that are done and have it`;
  return make("span", { className: "fg-figure", key, title: told }, make("span", { className: "fg-label" }, label), meanWords(mean, write), make("small", {}, `n ${mean.n}`));
}

function progress(states, count) {
  const words = stateWords(states, count);
  const parts = Object.entries(states).map(([state, n]) => make("i", { key: state, "data-state": state, style: { flexGrow: n } }));
  return make("span", { className: "fg-states", title: words }, make("span", { className: "fg-bar", "aria-hidden": true }, ...parts), make("span", { className: "fg-words" }, words));
}

if (typeof window !== "undefined") window.dashAgGridComponentFunctions = { ...window.dashAgGridComponentFunctions, RunGroup };
