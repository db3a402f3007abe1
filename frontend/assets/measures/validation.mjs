// The validation part of a run beside its training and test points: a dotted curve, and its number at a moment.

import { themed } from "../dom.mjs";
import { over } from "./lines.mjs";

/** Its curve of `loss` or `accuracy`, dotted unless it is to look otherwise; none for a run without such a part. */
export function validationLine({ measured }, name, style = null, more = { name: "validation" }) {
  const list = measured.list("validation");
  return list.length ? [over(list, (event) => event[name], style ?? { color: themed("--ink-2"), dash: "dot", width: 1.6 }, more)] : [];
}

/** All its numbers, for the range of an axis. */
export const validationValues = ({ measured }, name) => measured.list("validation").map((event) => event[name] ?? NaN);

/** `["dot", "validation", words]` for the head of a panel; nothing where it was not measured. */
export const validationNow = (event, name, write) => (Number.isFinite(event?.[name]) ? [["dot", "validation", write(event[name])]] : []);
