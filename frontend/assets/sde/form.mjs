/** What the button starts: learning rate, batch size, momentum, eigenvalues, the double well. */

import { say } from "../dom.mjs";
import { element } from "../element.mjs";
import { meaning } from "../measures/help.mjs";
import { whole } from "../runs/words.mjs";
import { exactField, slider } from "../studies/slider.mjs";
import { meterWords, readEigenvalues } from "./words.mjs";

const CHAINS = [1000, 5000, 20_000, 100_000];

/** The form that `Start` shows. */
export function form(kind) {
  const { spec } = kind;
  const lr = slider("sde-lr", "learning rate η", { value: spec.lr, low: 0.001, high: 1, log: true });
  const momentum = slider("sde-momentum", "momentum μ", { value: spec.momentum, low: 0, high: 0.99, step: 0.01 });
  const temperature = slider("sde-temperature", "temperature n", { value: spec.temperature, low: 0.1, high: 2, log: true });
  const batch = exactField("sde-batch", { min: 1, step: 1, value: spec.batch });
  const seed = exactField("sde-seed", { min: 0, step: 1, value: spec.seed });
  const wells = spec.well_curvatures.map((value, at) => exactField(`sde-well-${"ab"[at]}`, { min: 0, step: "any", value }));
  const depth = exactField("sde-depth", { step: "any", value: spec.well_depth });
  const eigenvalues = element("input.number.fd-text", { id: "sde-eigenvalues", type: "text", value: spec.eigenvalues.join(", "), "aria-label": "eigenvalues" });
  const options = CHAINS.map((many) => element("option", { value: many, selected: many === spec.chains }, `${whole(many)} chains`));
  const chains = element("select.select", { id: "sde-chains", "aria-label": "chains" }, options);
  const meters = element("span", { id: "sde-meters", role: "status" });
  const labelled = (words, ...inputs) => element("label.fd-field", {}, element("span", {}, words), ...inputs);
  const given = () => ({
    kind: spec.kind, rows: spec.rows, lr: lr.read(), momentum: momentum.read(), temperature: temperature.read(), batch: Number(batch.value), seed: Number(seed.value),
    chains: Number(chains.value), eigenvalues: readEigenvalues(eigenvalues.value), well_curvatures: wells.map(({ value }) => Number(value)), well_depth: Number(depth.value),
  });
  return {
    controls: [
      lr.element, momentum.element, element("div.fd-slider.fd-field", {}, temperature.element, meaning("temperature")),
      labelled("eigenvalues λ", eigenvalues), labelled("batch size S", batch), labelled("wells H_A, H_B", ...wells), labelled("L_B − L_A", depth), labelled("seed", seed), chains,
      element("p.fd-meters", {}, meters, " ", meaning("sde_limits")),
    ],
    idle: "Not run on this server yet. All chains of a row run at once; it takes some seconds.",
    spec: given,
    action() { say(meters, meterWords(given())); return `Run ${whole(Number(chains.value))} chains of SGD`; },
    listen(call) { for (const each of [lr.element, momentum.element, temperature.element, batch, eigenvalues, chains, ...wells, depth]) each.addEventListener("input", call); },
  };
}
