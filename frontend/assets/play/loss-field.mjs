// The choice of what a run makes small: the losses that the server declares, and whatever settings the run came with.

import { isUsual, lossWords, offered } from "../measures/losses.mjs";
import { selectField } from "./fields.mjs";

const write = (loss) => (typeof loss === "string" ? loss : JSON.stringify(loss));
const read = (text) => (text.startsWith("{") ? JSON.parse(text) : text);

/** `change(loss)` hears what is chosen; `null` is the loss of a run that names none. */
export function lossField(change) {
  const field = selectField({ name: "loss", path: "loss", options: {} }, (text) => change(isUsual(text) ? null : read(text)));
  let now = null;
  const show = () => {
    const choices = offered();
    const text = now === null ? Object.keys(choices).find(isUsual) : write(now);
    if (text === undefined) return;
    field.set(text);
    field.offer({ ...choices, ...(text in choices ? {} : { [text]: lossWords(now).name }) });
  };
  return { root: field.root, set(loss) { now = loss; show(); }, offer: show };
}
