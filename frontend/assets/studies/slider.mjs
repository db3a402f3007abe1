// A number that can be dragged or typed.

import { element } from "../element.mjs";

/** A field for a number; it is called by the last part of its id. */
export const exactField = (id, properties) => element("input.number", { id, type: "number", "aria-label": id.slice(id.indexOf("-") + 1), ...properties });

/** A slider and the number it says, either of which sets the other; with `log` the slider is even in factors. */
export function slider(id, words, { value, low, high, log = false, step = "any" }) {
  const [to, from] = log ? [Math.log, (at) => Number(Math.exp(at).toPrecision(2))] : [Number, Number];
  const range = element("input.fd-range", { type: "range", min: to(low), max: to(high), step, value: to(value), "aria-label": words });
  const exact = exactField(id, { min: 0, step: "any", value });
  range.addEventListener("input", () => { exact.value = from(Number(range.value)); });
  exact.addEventListener("input", () => { range.value = to(Number(exact.value)); });
  return { element: element("label.fd-field.fd-slider", {}, element("span", {}, words), range, exact), read: () => Number(exact.value) };
}
