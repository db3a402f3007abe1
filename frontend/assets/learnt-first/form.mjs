/** What the button of the page starts: how many runs, how long, which share of random labels. */

import { element } from "../element.mjs";
import { whole } from "../runs/words.mjs";

/** The form that `Start` shows. */
export function form(kind) {
  const { spec } = kind;
  const field = (name, words, value, more) => {
    const input = element("input.number", { id: `learnt-first-${name}`, type: "number", value, ...more });
    return { input, label: element("label.fd-field", {}, element("span", {}, words), input) };
  };
  const runs = field("runs", "runs a row", spec.runs, { min: 2, max: 500, step: 1 });
  const epochs = field("epochs", "epochs", spec.epochs, { min: 1, max: 100, step: 1 });
  const labels = field("labels", "random labels in the last row", spec.base.corrupt.labels, { min: 0.01, max: 1, step: 0.05 });
  const seed = field("seed", "seed", spec.base.seed, { min: 0, max: 2_147_483_647, step: 1 });
  const all = [runs, epochs, labels, seed];
  const read = ({ input }) => (input.value === "" ? null : Number(input.value));
  return {
    controls: all.map(({ label }) => label),
    idle: "Not run on this server yet. It takes well under a minute.",
    spec: () => ({ ...spec, runs: read(runs), epochs: read(epochs), base: { ...spec.base, seed: read(seed), corrupt: { ...spec.base.corrupt, labels: read(labels) } } }),
    action: () => `Train ${whole((read(runs) ?? 0) * spec.rows.length)} nets`,
    listen(call) { for (const { input } of all) input.addEventListener("input", call); },
  };
}
