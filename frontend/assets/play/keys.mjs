// Keys of the play page. One table; the list that people see is made from it.

import { ACTIONS } from "../vocabulary.mjs";

export const KEYS = [
  ["Space", "play or pause", "toggle"],
  ["←", ACTIONS.step_back, "back"],
  ["→", ACTIONS.step_forward, "forward"],
  ["Shift ←", ACTIONS.previous_birth, "birthBefore"],
  ["Shift →", ACTIONS.next_birth, "birthAfter"],
  ["L", "back to live", "live"],
  ["F", ACTIONS.fork, "fork"],
  ["B", "replay the last birth slowly", "replay"],
  ["G", ACTIONS.preview, "grow"],
  ["M", `${ACTIONS.own_fold}: place one by hand`, "byHand"],
  ["H", "put a hill where the net stands", "hill"],
  ["C", "compare with a fixed twin, or close it", "twinned"],
  ["U", "take the last growth or hill back", "undo"],
  ["R", "reset, same seed", "reset"],
  ["N", "new seed", "newSeed"],
  ["V", "next view: field, regions, bent sheet, graph", "nextView"],
  ["D", "hard edge", "hard"],
  ["T", "test points", "test"],
  ["K", "critical region", "criticalRegion"],
  ["?", "this list", "help"],
];

const NAMES = { " ": "Space", ArrowLeft: "←", ArrowRight: "→" };

/** The action of a key press, or null: keys typed into a field, or with Ctrl, Alt or Meta, are not ours. */
export function actionOf({ key, shiftKey, ctrlKey, altKey, metaKey, target }) {
  if (ctrlKey || altKey || metaKey) return null;
  const tag = target?.tagName?.toLowerCase();
  const typing = ["input", "select", "textarea"].includes(tag) || target?.isContentEditable;
  if (typing) return null;
  // A focused button answers to the space bar itself.
  if (key === " " && ["button", "a", "summary"].includes(tag)) return null;
  const name = NAMES[key] ?? key.toUpperCase();
  const wanted = shiftKey && name.length === 1 && "←→".includes(name) ? `Shift ${name}` : name;
  return KEYS.find(([shown]) => shown === wanted)?.[2] ?? null;
}
