// What is offered, in words: why here, what it promises, what to press.

import { el } from "../dom.mjs";
import { ACTIONS } from "../vocabulary.mjs";
import { figure, plural } from "../words.mjs";

/** Share of the loss that a gain would take away, as a width for a bar. */
export const gainShare = (gain, loss) => (gain > 0 && loss > 0 ? Math.max(0.02, Math.min(1, gain / loss)) : 0);

/** The sentence of a folding proposal. */
export function whySentence({ explanation: why }) {
  if (why.instance === undefined) return "";
  const cluster = why.cluster_size > 1 ? ` and represents ${plural(why.cluster_size, "similar point")} with mean loss ${figure(why.cluster_loss, 2)}` : "";
  return `Point ${why.instance} (class ${why.class}) is predicted ${why.predicted}${cluster}.`;
}

const bar = (gain, loss) => el("div", { class: "gain" },
  el("div", { class: "gain-words" }, "would lower the loss by about ", el("b", {}, figure(gain, 2))),
  el("div", { class: "gain-bar", role: "img", "aria-label": `${Math.round(100 * gainShare(gain, loss))} % of the loss` }, el("span", { style: `width:${100 * gainShare(gain, loss)}%` })));

const key = (name, words) => el("span", { class: "offer-key" }, el("kbd", {}, name), ` ${words}`);
const mark = (name, words) => el("span", { class: "offer-mark" }, el("span", { class: `mark mark-${name}`, "aria-hidden": "true" }), words);

/** The panel's content: what is drawn and asked now. */
export function offerWords({ answer, laying, loss, solved, act, marks = true }) {
  if (laying) {
    const told = !answer ? el("p", { class: "note" }, "asking…") : answer.refused ? el("p", { class: "note is-wrong" }, answer.refused) : bar(answer.gain ?? 0, loss);
    return [el("p", { class: "note" }, "Drag a line over the plane."), told,
      el("p", { class: "offer-keys" }, key("Enter", "place"), key("F", "flip"), key("[ ]", "turn"), key("←↑↓→", "move"), key("Esc", "forget"))];
  }
  if (!answer) return [];
  if (answer.refused) {
    const stop = solved ? [el("button", { type: "button", class: "chip", onclick: act.stop }, "Stop the run")] : [];
    return [el("p", { class: "note is-wrong" }, answer.refused), ...stop];
  }
  const told = [el("p", { class: "note" }, whySentence(answer)), bar(answer.gain ?? 0, loss)];
  if (!marks) return told;
  const drawn = [mark("asking", "target mistake"), mark("cluster", "similar points"), mark("segment", "its segment"), mark("foldpoint", "fold point"), mark("gain", "gain map")];
  return [...told, el("p", { class: "offer-marks" }, drawn), el("p", { class: "offer-keys" }, key("G", ACTIONS.add), key("Esc", "forget"))];
}
