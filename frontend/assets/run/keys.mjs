// The keys of the run page.

import { ACTIONS } from "../vocabulary.mjs";

export const KEYS = [
  [["Space"], "replay the whole training"],
  [["←", "→"], "one frame back or forward"],
  [["Shift ←", "Shift →"], `${ACTIONS.previous_birth} or ${ACTIONS.next_birth}`],
  [["L"], "back to the newest moment"],
];

/** Which act a key asks for, or null; typing and keyboard users' buttons keep their keys. */
export function actionOf(event) {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (target?.closest?.("input, textarea, select, [contenteditable], dialog")) return null;
  const onButton = target?.closest?.("button, a, summary, tr") && target.matches(":focus-visible");
  if (key === " ") return onButton ? null : "replay";
  if (key === "ArrowLeft") return event.shiftKey ? "birthBack" : "back";
  if (key === "ArrowRight") return event.shiftKey ? "birthOn" : "forward";
  return key === "l" || key === "L" ? "live" : null;
}
